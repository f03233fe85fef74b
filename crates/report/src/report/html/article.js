// An article: what of it is copied, from whom, and who took from it.
const TINTS = 8;

function articleHead(article) {
  const meta = [bdi(outletOf(article)), date(A.date[article]), A.words[article] > 0 && counted(A.words[article], 'word'), A.author[article] && el('span', {}, `${W.author}: `, bdi(A.author[article])), el('code', { dir: 'auto', text: A.id[article] }),
    A.url[article] && el('a', { href: A.url[article], rel: 'noopener noreferrer', target: '_blank', text: W.original })].filter(Boolean);
  return el('p', { class: 'meta' }, meta.map((part) => el('span', {}, part)));
}

async function viewArticle(main, [id], own, isCurrent) {
  const article = A.number.get(id);
  if (article === undefined) return notFound(main);
  const text = await textOf(article);
  if (!isCurrent()) return;
  const edges = [...E.of(article)];
  const copied = Math.min(1, edges.reduce((sum, e) => sum + E.share[e], 0));
  const parts = [...edges.map((e, at) => [`s${at % TINTS}`, E.share[e], outletOf(E.source[e])]), ['own', Math.max(0, 1 - copied), W.own]];
  const derivation = A.derivation[article];
  const label = derivation < 0 ? W.own : D.derivations.wholly[derivation] ? W.wholly : W.partly;
  replace(main, el('p', { class: 'crumb' }, link(address('tables', ['articles']), W.articles)), el('h1', { dir: 'auto', text: titleOf(article) }), articleHead(article),
    el('p', { class: 'links' }, A.cluster[article] >= 0 && link(address('story', [A.cluster[article] + 1]), W.story(A.cluster[article] + 1)), R.of(article).length > 0 && link(address('repetition', [id]), W.repetition)),
    section(`${label}: ${percent(derivation < 0 ? 1 - copied : copied)}`, null, shareBar(parts, label)),
    el('div', { class: 'reading' },
      section(W.text, null, text === null ? el('p', { class: 'empty', text: W.text_left_out }) : copiedText(article, new Text(text), edges)),
      el('div', { class: 'aside' }, sourceList(article, edges), takenBy(article), sharing(article, edges))));
}

/** The text, copied stretches in the colour of their source. */
function copiedText(article, text, edges) {
  const ranges = edges.flatMap((e, at) => (E.pair[e] < 0 ? [{ from: 0, to: text.length, mark: { at, e, number: 1 } }] : passages(E.pair[e], article).map((passage) => ({ from: passage.mine[0], to: passage.mine[1], mark: { at, e, number: passage.number } }))));
  return marked(text, disjoint(ranges), ({ mark }, stretch) => {
    const source = E.source[mark.e];
    return link(address('pair', [A.id[article], A.id[source]], { passage: mark.number }), el('mark', { class: `s${mark.at % TINTS}`, text: stretch }), { class: 'stretch', title: `${outletOf(source)}: ${titleOf(source)}` });
  });
}

function entry(article, pair, look, facts) {
  return el('li', {}, look !== null && el('span', { class: `swatch ${look}`, 'aria-hidden': true }),
    el('div', {}, el('span', { class: 'outlet' }, bdi(outletOf(article))), ' ', link(address('article', [A.id[article]]), bdi(titleOf(article))), el('span', { class: 'quiet block', text: facts }),
      pair && link(pair, W.compare)));
}
function sourceList(article, edges) {
  if (edges.length === 0) return section(W.sources, null, el('p', { class: 'empty', text: W.no_sources }));
  return section(W.sources, W.sources_note, el('ol', { class: 'entries' }, edges.map((e, at) => entry(E.source[e], address('pair', [A.id[article], A.id[E.source[e]]]), `s${at % TINTS}`,
    `${percent(E.share[e])} · ${counted(E.words[e], 'word')} · ${date(A.date[E.source[e]])}`))));
}
const MOST_ENTRIES = 30;
function takenBy(article) {
  const edges = [...E.from(article)].sort((x, y) => A.date[E.doc[x]] - A.date[E.doc[y]] || x - y);
  if (edges.length === 0) return null;
  return section(`${W.copied_by} (${number(edges.length)})`, null, el('ol', { class: 'entries' }, edges.slice(0, MOST_ENTRIES).map((e) => entry(E.doc[e], address('pair', [A.id[article], A.id[E.doc[e]]]), null,
    `${later(A.date[E.doc[e]] - A.date[article])} · ${counted(E.words[e], 'word')} · ${percent(E.share[e])}`))), edges.length > MOST_ENTRIES && link(address('tables', ['pairs'], {}, { q: A.id[article] }), W.more));
}
function sharing(article, edges) {
  const told = new Set([...edges.map((e) => E.source[e]), ...[...E.from(article)].map((e) => E.doc[e])]);
  const pairs = [...P.of(article)].filter((p) => !told.has(other(p, article))).sort((x, y) => P.words[y] - P.words[x]);
  if (pairs.length === 0) return null;
  return section(`${W.shares_with} (${number(pairs.length)})`, null, el('ol', { class: 'entries' }, pairs.slice(0, MOST_ENTRIES).map((p) => entry(other(p, article), address('pair', [A.id[article], A.id[other(p, article)]]), null,
    `${rule(P.rule[p])} · ${counted(P.words[p], 'word')} · ${percent(coveredOf(p, article))}`))), pairs.length > MOST_ENTRIES && link(address('tables', ['pairs'], {}, { q: A.id[article] }), W.more));
}
