// The tables behind the pictures.
const TABLES = ['pairs', 'sources', 'articles', 'stories', 'repetition', 'boilerplate'];

function viewTables(main, [which]) {
  const name = TABLES.includes(which) ? which : 'pairs';
  const label = { pairs: W.pairs, sources: W.sources_table, articles: W.articles, stories: W.stories, repetition: W.repetition, boilerplate: W.boilerplate };
  const make = {
    pairs: () => pairTable(W.pairs, passing(pass.pairs)), sources: () => edgeTable(W.sources_table, passing(pass.edges)), articles: () => articleTable(passingArticles()),
    stories: () => table('stories', W.stories, storyColumns(), passingStories(), { sort: 'articles', of: D.clusters.length, open: (c) => address('story', [c + 1]), height: 640 }),
    repetition: () => repetitionTable(passing(pass.repetitions)), boilerplate: boilerplateTable,
  };
  replace(main, el('h1', { text: W.tables }), el('nav', { class: 'choice', 'aria-label': W.tables }, TABLES.map((choice) => link(address('tables', [choice]), label[choice], choice === name ? { 'aria-current': 'page' } : {}))), make[name]());
}

const pairTable = (label, rows) => table('pairs', label, [
  articleColumn('a', W.a, (p) => P.a[p]), articleColumn('b', W.b, (p) => P.b[p]), ruleColumn((p) => P.rule[p]), numberColumn('words', W.words, (p) => P.words[p]),
  numberColumn('respelled', W.respelled, (p) => P.respelled[p]), numberColumn('own', W.own_between, (p) => P.own[p]), shareColumn('a_covered', W.covered_a, (p) => P.a_covered[p]), shareColumn('b_covered', W.covered_b, (p) => P.b_covered[p]), shareColumn('jaccard', W.jaccard, (p) => P.jaccard[p]),
  { key: 'date', label: W.date, width: '178px', screen: true, get: (p) => (Number.isFinite(P.date[p]) ? isoDate(P.date[p]) : null), show: (p) => (Number.isFinite(P.date[p]) ? date(P.date[p]) : W.undated) },
], rows, { sort: 'words', of: P.count, open: (p) => address('pair', [A.id[P.a[p]], A.id[P.b[p]]]), height: 640 });

const edgeTable = (label, rows) => table('sources', label, [
  articleColumn('doc', W.taker, (e) => E.doc[e]), articleColumn('source', W.giver, (e) => E.source[e]), numberColumn('words', W.words, (e) => E.words[e]), shareColumn('share', W.share, (e) => E.share[e]),
  { key: 'label', label: W.label, width: '130px', get: (e) => (D.derivations.wholly[E.derivation[e]] ? 'wholly' : 'partly'), show: (e) => (D.derivations.wholly[E.derivation[e]] ? W.wholly : W.partly) }, { ...dateColumn((e) => E.doc[e]), screen: true },
  { key: 'delay_seconds', label: W.delay, num: true, width: '120px', get: (e) => A.date[E.doc[e]] - A.date[E.source[e]], show: (e) => duration(A.date[E.doc[e]] - A.date[E.source[e]]) },
], rows, { sort: 'words', of: E.count, open: (e) => (E.pair[e] >= 0 ? address('pair', [A.id[E.doc[e]], A.id[E.source[e]]]) : address('article', [A.id[E.doc[e]]])), height: 640 });

function passingArticles() {
  const flags = new Uint8Array(A.count);
  for (let p = 0; p < P.count; p++) if (pass.pairs[p]) flags[P.a[p]] = flags[P.b[p]] = 1;
  for (let r = 0; r < R.count; r++) if (pass.repetitions[r]) flags[R.doc[r]] = 1;
  if (F.outlet !== '') for (let a = 0; a < A.count; a++) if (A.outlet[a] !== Number(F.outlet)) flags[a] = 0;
  return passing(flags);
}
const articleTable = (rows) => table('articles', W.articles, [
  { key: 'title', label: W.heading, width: 'minmax(240px, 3fr)', get: titleOf }, { key: 'id', label: W.id, width: '150px', get: (a) => A.id[a] }, { key: 'outlet', label: W.outlet, width: '150px', get: outletOf }, dateColumn((a) => a),
  numberColumn('words', W.words, (a) => A.words[a] || null), shareColumn('copied', W.copied, (a) => (A.derivation[a] < 0 ? 0 : D.derivations.copied[A.derivation[a]])), numberColumn('taken_by', W.copied_by, (a) => E.from(a).length, '110px'),
], rows, { sort: 'taken_by', of: A.count, open: (a) => address('article', [A.id[a]]), height: 640 });

function boilerplateTable() {
  return table('boilerplate', W.boilerplate, [
    { key: 'text', label: W.text, width: 'minmax(260px, 3fr)', get: (b) => D.boilerplate[b].text }, numberColumn('documents', W.documents, (b) => D.boilerplate[b].documents), numberColumn('outlets', W.outlets, (b) => D.boilerplate[b].outlets),
    { key: 'examples', label: W.examples, width: '260px', get: (b) => D.boilerplate[b].examples.map((a) => A.id[a]).join(' '), show: (b) => el('span', { class: 'links' }, D.boilerplate[b].examples.map((a) => link(address('article', [A.id[a]]), bdi(A.id[a])))) },
  ], D.boilerplate.map((_, at) => at), { sort: 'documents', height: 640, empty: W.none });
}
