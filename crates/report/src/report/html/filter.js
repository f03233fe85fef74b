// What passes the filters. One set of filters drives every view; it stands in the address, so that a link keeps it.
const NO_FILTER = { outlet: '', from: '', to: '', rule: '', words: 0, similarity: 0, q: '' };
let F = { ...NO_FILTER };
const RULES = Object.keys(WORDS_EN.rules);
const pass = { pairs: null, edges: null, repetitions: null, count: 0 };

const isFiltered = () => Object.keys(NO_FILTER).some((key) => F[key] !== NO_FILTER[key]);

function readFilter(query) {
  F = { ...NO_FILTER };
  for (const key of Object.keys(NO_FILTER)) {
    const value = query.get(key);
    if (value === null) continue;
    F[key] = typeof NO_FILTER[key] === 'number' ? Math.max(0, Number(value) || 0) : value;
  }
}
function writeFilter() {
  const query = new URLSearchParams();
  for (const key of Object.keys(NO_FILTER)) if (F[key] !== NO_FILTER[key]) query.set(key, F[key]);
  return query.toString();
}

/** Titles and ids in lower case, for the search. */
const searched = () => (A.lower ??= A.title.map((title, at) => `${title}\n${A.id[at]}`.toLocaleLowerCase()));
const seconds = (day, end) => {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? null : at / 1000 + (end ? 86400 : 0);
};
/** For each article whether it is of the outlet and holds the words of the search, in title or id: 1, 2 for the second, 3 for both. */
function chosen() {
  const outlet = F.outlet === '' ? null : Number(F.outlet);
  const wanted = F.q.trim().toLocaleLowerCase();
  const marks = new Uint8Array(A.count);
  const lower = wanted ? searched() : null;
  for (let a = 0; a < A.count; a++) marks[a] = (outlet === null || A.outlet[a] === outlet ? 1 : 0) | (lower === null || lower[a].includes(wanted) ? 2 : 0);
  return marks;
}

/** Fills `pass`: one walk over each list of findings, whose columns are arrays of numbers. */
function applyFilter() {
  const marks = chosen();
  const from = seconds(F.from, false) ?? -Infinity;
  const to = seconds(F.to, true) ?? Infinity;
  const isDated = from > -Infinity || to < Infinity;
  // What has no date is NaN, which is in no time.
  const time = (at) => !isDated || (at >= from && at < to);
  const code = F.rule === '' ? -1 : RULES.indexOf(F.rule);
  const isOfRule = (of) => F.rule === '' || of === code;
  const { similarity: least, words } = F;
  pass.pairs = new Uint8Array(P.count);
  pass.count = 0;
  for (let p = 0; p < P.count; p++) {
    if (P.similarity[p] >= least && P.words[p] >= words && isOfRule(P.code[p]) && (marks[P.a[p]] | marks[P.b[p]]) === 3 && time(P.date[p])) (pass.pairs[p] = 1), pass.count++;
  }
  pass.edges = new Uint8Array(E.count);
  for (let e = 0; e < E.count; e++) {
    const p = E.pair[e];
    const alone = () => F.rule === '' && E.share[e] >= least && E.words[e] >= words && (marks[E.doc[e]] | marks[E.source[e]]) === 3 && time(A.when[E.doc[e]]);
    if (p >= 0 ? pass.pairs[p] : alone()) pass.edges[e] = 1;
  }
  pass.repetitions = new Uint8Array(R.count);
  for (let r = 0; r < R.count; r++) {
    if (R.similarity[r] >= least && R.words[r] >= words && isOfRule(R.code[r]) && marks[R.doc[r]] === 3 && time(A.when[R.doc[r]])) pass.repetitions[r] = 1;
  }
}
const passing = (flags) => {
  const list = [];
  for (let at = 0; at < flags.length; at++) if (flags[at]) list.push(at);
  return list;
};
/** Stories with a pair that passes. */
function passingStories() {
  const all = D.clusters.map((_, c) => c);
  if (!isFiltered()) return all;
  const seen = new Uint8Array(D.clusters.length);
  for (let p = 0; p < P.count; p++) if (pass.pairs[p] && A.cluster[P.a[p]] >= 0 && A.cluster[P.a[p]] === A.cluster[P.b[p]]) seen[A.cluster[P.a[p]]] = 1;
  return all.filter((c) => seen[c]);
}

let frame = 0;
function setFilter(change) {
  Object.assign(F, change);
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    history.replaceState(null, '', address(route.view, route.args, route.own));
    refilter();
  });
}

/** The controls; they stay while views change. */
function filterBar() {
  const field = (label, control) => el('label', { class: 'field' }, el('span', { text: label }), control);
  const on = (key, read = (input) => input.value) => ({ input: (event) => setFilter({ [key]: read(event.target) }) });
  const outlets = el('select', { id: 'f-outlet', on: on('outlet') }, el('option', { value: '', text: W.all_outlets }),
    outletNames.map((name, at) => el('option', { value: at, text: name, dir: 'auto' })), D.totals.without_outlet > 0 && outletNames.length > 0 && el('option', { value: -1, text: W.no_outlet }));
  const present = [...new Set([...P.rule, ...R.rule])];
  const rules = el('select', { id: 'f-rule', on: on('rule') }, el('option', { value: '', text: W.all_rules }), Object.keys(W.rules).filter((name) => present.includes(name)).map((name) => el('option', { value: name, text: rule(name) })));
  const range = D.totals.first === null ? {} : { min: isoDay(D.totals.first), max: isoDay(D.totals.last) };
  const slider = el('input', { id: 'f-similarity', type: 'range', min: 0, max: 100, step: 1, on: on('similarity', (input) => Number(input.value) / 100) });
  return el('details', { class: 'filters', id: 'filters', open: matchMedia('(min-width: 900px)').matches },
    el('summary', {}, W.filters, ' ', el('span', { id: 'f-count', class: 'quiet' }), el('span', { id: 'f-set', class: 'quiet' })),
    el('form', { class: 'fields', 'aria-label': W.filters, on: { submit: (event) => event.preventDefault() } },
      field(W.search, el('input', { id: 'f-q', type: 'search', dir: 'auto', on: on('q') })),
      field(W.outlet, outlets), field(W.rule, rules),
      field(W.from, el('input', { id: 'f-from', type: 'date', ...range, on: on('from') })), field(W.to, el('input', { id: 'f-to', type: 'date', ...range, on: on('to') })),
      field(W.length, el('input', { id: 'f-words', type: 'number', min: 0, step: 5, on: on('words', (input) => Math.max(0, Number(input.value) || 0)) })),
      el('label', { class: 'field' }, el('span', {}, W.similarity, ' ', el('output', { id: 'f-shown', for: 'f-similarity' })), slider),
      button(W.reset, () => setFilter({ ...NO_FILTER }), { id: 'f-reset' })));
}
/** What the filters are, in words: for a closed bar and for paper. */
function filterWords() {
  const said = { q: ['search', F.q], outlet: ['outlet', F.outlet === '' ? '' : outletName(Number(F.outlet))], rule: ['rule', rule(F.rule)], from: ['from', F.from], to: ['to', F.to], words: ['length', number(F.words)], similarity: ['similarity', percent(F.similarity)] };
  return Object.keys(said).filter((key) => F[key] !== NO_FILTER[key]).map((key) => ` · ${W[said[key][0]]}: \u2068${said[key][1]}\u2069`).join('');
}
/** Shows what the filters are. */
function showFilter() {
  for (const key of Object.keys(NO_FILTER)) {
    const input = byId(`f-${key}`);
    const value = key === 'similarity' ? Math.round(F.similarity * 100) : F[key];
    if (input !== document.activeElement || String(input.value) !== String(value)) input.value = key === 'words' && value === 0 ? '' : value;
  }
  byId('f-shown').textContent = percent(F.similarity);
  byId('f-count').textContent = W.passing(number(pass.count), counted(P.count, 'pair'));
  byId('f-set').textContent = filterWords();
  byId('filters').classList.toggle('filtered', isFiltered());
  byId('f-reset').disabled = !isFiltered();
}
