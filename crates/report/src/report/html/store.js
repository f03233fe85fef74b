// The data of the page: unpacked, and with the ways through it.
let D, A, P, R, E;
let outletNames = [];

async function unpack(id) {
  const coded = atob(byId(id).textContent);
  const bytes = new Uint8Array(coded.length);
  for (let at = 0; at < coded.length; at++) bytes[at] = coded.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text());
}

const blocks = new Map();
/** The text of an article; null where the file has none. */
async function textOf(article) {
  const block = A.block[article];
  if (block < 0) return null;
  if (!blocks.has(block)) {
    if (blocks.size > 40) blocks.delete(blocks.keys().next().value);
    blocks.set(block, unpack(`texts-${block}`));
  }
  return (await blocks.get(block))[A.slot[article]];
}

async function load() {
  D = await unpack('data');
  A = D.articles;
  P = D.pairs;
  R = D.repetitions;
  setLanguage(D.lang);
  outletNames = D.outlets.map((outlet) => outlet.name);
  A.count = A.id.length;
  P.count = P.a.length;
  R.count = R.doc.length;
  A.number = new Map(A.id.map((id, at) => [id, at]));
  A.outlet = Int32Array.from(A.outlet);
  A.when = Float64Array.from(A.date, (at) => at ?? NaN);
  P.a = Int32Array.from(P.a);
  P.b = Int32Array.from(P.b);
  P.words = Int32Array.from(P.words);
  P.code = codes(P.rule);
  R.code = codes(R.rule);
  P.similarity = new Float64Array(P.count);
  P.date = new Float64Array(P.count);
  for (let p = 0; p < P.count; p++) {
    const covered = P.a_covered[p] === null ? Math.max(P.a_in_b[p], P.b_in_a[p]) : Math.max(P.a_covered[p], P.b_covered[p]);
    P.similarity[p] = Math.max(covered, P.jaccard[p]);
    const later = Math.max(A.date[P.a[p]] ?? -Infinity, A.date[P.b[p]] ?? -Infinity);
    P.date[p] = later === -Infinity ? NaN : later;
  }
  P.of = groups(A.count, P.count, (p, put) => (put(P.a[p]), put(P.b[p])));
  R.of = groups(A.count, R.count, (r, put) => put(R.doc[r]));
  P.between = new Map();
  for (let p = 0; p < P.count; p++) P.between.set(P.a[p] * A.count + P.b[p], p);
  A.cluster = new Int32Array(A.count).fill(-1);
  D.clusters.forEach((cluster, c) => cluster.members.forEach((member) => (A.cluster[member] = c)));
  loadEdges();
}

/** Rules by their numbers in `RULES`. */
function codes(names) {
  const known = new Map(RULES.map((name, at) => [name, at]));
  return Int8Array.from(names, (name) => known.get(name) ?? -2);
}

/** Sources of derivations, one an edge: who takes (doc), from whom (source), how much, and the pair that shows it. */
function loadEdges() {
  const V = D.derivations;
  A.derivation = new Int32Array(A.count).fill(-1);
  E = { doc: [], source: [], share: [], words: [], pair: [], derivation: [] };
  V.doc.forEach((doc, v) => {
    A.derivation[doc] = v;
    for (let at = 0; at < V.sources[v].length; at += 3) {
      E.doc.push(doc);
      E.source.push(V.sources[v][at]);
      E.share.push(V.sources[v][at + 1]);
      E.words.push(V.sources[v][at + 2]);
      E.pair.push(pairOf(doc, V.sources[v][at]));
      E.derivation.push(v);
    }
  });
  E.count = E.doc.length;
  for (const key of ['doc', 'source', 'words', 'pair', 'derivation']) E[key] = Int32Array.from(E[key]);
  E.share = Float64Array.from(E.share);
  E.of = groups(A.count, E.count, (e, put) => put(E.doc[e]));
  E.from = groups(A.count, E.count, (e, put) => put(E.source[e]));
}
const pairOf = (x, y) => P.between.get(Math.min(x, y) * A.count + Math.max(x, y)) ?? P.between.get(Math.max(x, y) * A.count + Math.min(x, y)) ?? -1;

/** For each of `count` keys the items that `each` puts under it; asked for as `(key) => list`. */
function groups(count, items, each) {
  const starts = new Int32Array(count + 1);
  for (let item = 0; item < items; item++) each(item, (key) => starts[key + 1]++);
  for (let key = 0; key < count; key++) starts[key + 1] += starts[key];
  const next = starts.slice();
  const list = new Int32Array(starts[count]);
  for (let item = 0; item < items; item++) each(item, (key) => (list[next[key]++] = item));
  return (key) => list.subarray(starts[key], starts[key + 1]);
}

const outletName = (outlet) => (outlet < 0 ? W.no_outlet : outletNames[outlet]);
const outletOf = (article) => outletName(A.outlet[article]);
const titleOf = (article) => A.title[article].trim() || A.id[article];
const other = (pair, article) => (P.a[pair] === article ? P.b[pair] : P.a[pair]);
const coveredOf = (pair, article) => (P.a[pair] === article ? P.a_covered[pair] : P.b_covered[pair]) ?? (P.a[pair] === article ? P.a_in_b[pair] : P.b_in_a[pair]);

/** Passages of a pair, with `mine` on the side of `article`. */
function passages(pair, article = P.a[pair]) {
  const flat = P.passages[pair];
  const isA = P.a[pair] === article;
  const list = [];
  for (let at = 0; at < flat.length; at += 7) {
    const [a, b] = [[flat[at], flat[at + 1]], [flat[at + 2], flat[at + 3]]];
    list.push({ number: list.length + 1, mine: isA ? a : b, theirs: isA ? b : a, similarity: flat[at + 4], words: flat[at + 5], reordered: flat[at + 6] === 1 });
  }
  return list;
}
