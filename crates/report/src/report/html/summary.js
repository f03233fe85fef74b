// The summary: one sentence, the numbers behind it, how alike the pairs are, who gives and who takes.

/** Sums over the edges that pass. */
function sums() {
  const shares = new Map();
  let words = 0;
  for (let e = 0; e < E.count; e++) {
    if (!pass.edges[e]) continue;
    words += E.words[e];
    shares.set(E.derivation[e], (shares.get(E.derivation[e]) ?? 0) + E.words[e]);
  }
  let wholly = 0;
  for (const v of shares.keys()) wholly += D.derivations.wholly[v];
  const repeating = new Set();
  for (let r = 0; r < R.count; r++) if (pass.repetitions[r]) repeating.add(R.doc[r]);
  return { words, derived: shares.size, wholly, partly: shares.size - wholly, repeating: repeating.size };
}

/** Words by outlet, others' alone: what each gives or takes. */
function flows() {
  const [gives, takes] = [new Map(), new Map()];
  for (let e = 0; e < E.count; e++) {
    const [taker, giver] = [A.outlet[E.doc[e]], A.outlet[E.source[e]]];
    if (!pass.edges[e] || taker === giver) continue;
    gives.set(giver, (gives.get(giver) ?? 0) + E.words[e]);
    takes.set(taker, (takes.get(taker) ?? 0) + E.words[e]);
  }
  const ranked = (map) => [...map].sort((x, y) => y[1] - x[1] || x[0] - y[0]);
  return { gives: ranked(gives), takes: ranked(takes) };
}

/** Whether all articles of the findings were read: else nobody knows how many words there are. */
const isWhole = () => D.left_out.strangers === 0 && D.totals.words > 0;

function sentences(total, flow) {
  const all = counted(D.summary.documents, 'article');
  const list = [];
  if (total.derived > 0) list.push([isWhole() ? W.sentence(number(total.derived), all, percent(total.words / D.totals.words)) : W.sentence_words(number(total.derived), all, counted(total.words, 'word'))]);
  else if (pass.count > 0) list.push([W.sentence_undated(counted(pass.count, 'pair'))]);
  else if (total.repeating === 0) list.push([isFiltered() ? W.nothing_passes : W.nothing(all)]);
  if (flow.gives.length > 0) {
    const [before, after] = W.sentence_outlets('\u0000', counted(flow.gives[0][1], 'word')).split('\u0000');
    list.push([before, bdi(outletName(flow.gives[0][0])), after]);
  }
  if (total.repeating > 0) list.push([W.sentence_self(counted(total.repeating, 'article'))]);
  return list;
}

function tile(value, label, note, to) {
  const inside = [el('span', { class: 'value', text: value }), el('span', { class: 'label', text: label }), note && el('span', { class: 'quiet', text: note })];
  return to ? link(to, inside, { class: 'tile' }) : el('div', { class: 'tile' }, inside);
}

function viewSummary(main) {
  const total = sums();
  const flow = flows();
  const documents = D.summary.documents;
  const own = Math.max(0, documents - total.derived);
  const period = D.totals.first === null ? W.undated : W.from_to(dayOf(D.totals.first), dayOf(D.totals.last));
  const stories = passingStories().length;
  const pairs = pass.count + (isFiltered() ? 0 : D.left_out.pairs);
  const of = (count) => `${percent(count / Math.max(1, documents))} ${W.of_articles}`;
  replace(main,
    el('h1', { text: W.title }), el('p', { class: 'quiet period', text: period }),
    el('p', { class: 'sentence' }, sentences(total, flow).map((parts) => [parts, ' '])),
    isFiltered() && el('p', { class: 'note', text: W.filtered }),
    el('div', { class: 'tiles' },
      tile(number(documents), noun(documents, 'article') ?? W.articles, counted(D.outlets.length, 'outlet')), tile(number(total.wholly), W.wholly, of(total.wholly), address('tables', ['sources'])),
      tile(number(total.partly), W.partly, of(total.partly), address('tables', ['sources'])), isWhole() ? tile(percent(total.words / D.totals.words), W.words_copied, counted(total.words, 'word')) : tile(number(total.words), W.words_copied_known),
      tile(number(total.repeating), W.repeat_themselves, of(total.repeating), address('repetition')), tile(number(pairs), noun(pairs, 'pair') ?? W.pairs, null, address('tables', ['pairs'])),
      tile(number(stories), noun(stories, 'story') ?? W.stories, null, address('stories'))),
    documents > 0 && section(W.all_articles_bar, null, shareBar([['wholly', total.wholly / documents, W.wholly], ['partly', total.partly / documents, W.partly], ['own', own / documents, W.own]], W.all_articles_bar),
      legend([['wholly', `${W.wholly} (${W.at_least_fifth})`], ['partly', `${W.partly} (${W.less})`], ['own', W.own]])),
    pass.count > 0 && section(W.how_alike, W.how_alike_note, histogram()),
    el('div', { class: 'columns' }, ranking(W.givers, flow.gives, W.by_others), ranking(W.takers, flow.takes, W.from_others), largest()),
    leftOutNotes(), settings());
}

/** Pairs by similarity, in twenty classes. */
function histogram() {
  const classes = new Array(20).fill(0);
  for (let p = 0; p < P.count; p++) if (pass.pairs[p]) classes[Math.min(19, Math.floor(P.similarity[p] * 20))]++;
  const bars = classes.map((count, at) => ({ label: percent(at / 20), hint: `${percent(at / 20)} – ${percent((at + 1) / 20)}: ${counted(count, 'pair')}`, parts: [count], press: () => setFilter({ similarity: at / 20 }) }));
  return barPicture('similarity', W.how_alike, bars, ['partly'], { height: 190, every: 2 });
}

function ranking(title, ranked, what) {
  if (ranked.length === 0) return null;
  const most = ranked[0][1];
  return section(title, null, el('ol', { class: 'ranking' }, ranked.slice(0, 6).map(([outlet, words]) => el('li', {},
    el('span', { class: 'name' }, link(address('network', [], { of: outlet }), bdi(outletName(outlet)))), el('span', { class: 'meter', 'aria-hidden': true }, el('span', { vars: { width: `${(100 * words) / most}%` } })), el('span', { class: 'num', text: counted(words, 'word') })))),
  el('p', { class: 'quiet', text: what }));
}

function largest() {
  const stories = passingStories().sort((x, y) => D.clusters[y].members.length - D.clusters[x].members.length || x - y).slice(0, 6);
  if (stories.length === 0) return null;
  return section(W.largest_stories, null, el('ol', { class: 'ranking' }, stories.map((c) => el('li', {},
    el('span', { class: 'name' }, link(address('story', [c + 1]), bdi(titleOf(storyOf(c).first)))), el('span', { class: 'num', text: counted(D.clusters[c].members.length, 'article') })))));
}

function leftOutNotes() {
  const { texts, pairs, strangers } = D.left_out;
  const lines = [texts > strangers && W.left_texts(counted(texts - strangers, 'text')), pairs > 0 && W.left_pairs(counted(pairs, 'pair')), strangers > 0 && W.strangers(counted(strangers, 'article')),
    D.summary.unlisted_pairs > 0 && W.unlisted(counted(D.summary.unlisted_pairs, 'pair')), D.anonymous && W.anonymous].filter(Boolean);
  return lines.length > 0 && el('ul', { class: 'note' }, lines.map((text) => el('li', { text })));
}

/** How the scan was set, by the names that its settings have: who doubts a number can have it again. */
function settings() {
  const flat = (part, before = '') => Object.entries(part).flatMap(([key, value]) => (value !== null && typeof value === 'object' ? flat(value, `${before}${key}.`) : [[before + key, value]]));
  return section(W.settings, W.settings_note, el('dl', { class: 'facts' }, flat(D.config).map(([key, value]) => el('div', {}, fact(el('code', { text: key }), el('code', { text: String(value) }))))));
}
