// Outlets: the matrix of who takes from whom, and the articles behind each of its fields.
const MOST_OUTLETS = 24;

/** What stands in the fields: Map from taker * 1e6 + giver (both moved by one) to a number. */
function cells(measure) {
  const fields = new Map();
  const put = (taker, giver, value) => fields.set((taker + 1) * 1e6 + giver + 1, (fields.get((taker + 1) * 1e6 + giver + 1) ?? 0) + value);
  if (measure === 'pairs') {
    for (let p = 0; p < P.count; p++) {
      if (!pass.pairs[p] || P.rule[p] === 'template') continue;
      const [x, y] = [A.outlet[P.a[p]], A.outlet[P.b[p]]];
      put(x, y, 1);
      if (x !== y) put(y, x, 1);
    }
    return fields;
  }
  const seen = new Set();
  for (let e = 0; e < E.count; e++) {
    if (!pass.edges[e]) continue;
    const [taker, giver] = [A.outlet[E.doc[e]], A.outlet[E.source[e]]];
    if (measure === 'words') put(taker, giver, E.words[e]);
    else {
      const key = `${E.doc[e]}:${giver}`;
      if (!seen.has(key)) put(taker, giver, 1);
      seen.add(key);
    }
  }
  return fields;
}
const fieldOf = (fields, taker, giver) => fields.get((taker + 1) * 1e6 + giver + 1) ?? 0;

/** Outlets of a matrix, those with most in it first. */
function cast(fields) {
  const weights = new Map();
  for (const [key, value] of fields) for (const outlet of [Math.floor(key / 1e6) - 1, (key % 1e6) - 1]) weights.set(outlet, (weights.get(outlet) ?? 0) + value);
  return [...weights].sort((x, y) => y[1] - x[1] || x[0] - y[0]).map(([outlet]) => outlet);
}

function measureChoice(measure, choices, to) {
  return el('nav', { class: 'choice', 'aria-label': W.by }, choices.map((choice) => link(to(choice), W[`by_${choice}`], choice === measure ? { 'aria-current': 'true' } : {})));
}

/** The two pictures of outlets. */
const outletViews = (view) => el('nav', { class: 'choice', 'aria-label': W.outlets }, ['outlets', 'network'].map((choice) => link(address(choice), choice === 'outlets' ? W.matrix_name : W.network, choice === view ? { 'aria-current': 'page' } : {})));
/** What a field says: who takes from whom, or who shares with whom. */
function fieldName(taker, giver, measure) {
  if (taker === giver) return W.cell_own(outletName(taker));
  return (measure === 'pairs' ? W.cell_pairs : W.cell)(outletName(taker), outletName(giver));
}

function viewOutlets(main, args, own) {
  const undirected = E.count === 0;
  const measure = ['words', 'articles', 'pairs'].includes(own.by) ? own.by : undirected ? 'pairs' : 'words';
  const isPairs = measure === 'pairs';
  const fields = cells(measure);
  const all = cast(fields);
  const shown = all.slice(0, MOST_OUTLETS);
  const behind = el('div', { id: 'behind' });
  const choose = (taker, giver) => go('outlets', [], { by: measure, taker, giver });
  const nothing = isFiltered() ? W.nothing_passes : isPairs ? W.none : W.no_direction;
  replace(main, el('h1', { text: W.outlets }), outletViews('outlets'),
    section(isPairs ? W.matrix_pairs : W.matrix, isPairs ? W.matrix_pairs_note : W.matrix_note, measureChoice(measure, ['words', 'articles', 'pairs'], (by) => address('outlets', [], { by })),
      shown.length === 0 ? el('p', { class: 'empty', text: nothing }) : matrix(fields, shown, choose, measure),
      all.length > shown.length && el('p', { class: 'note', text: W.outlets_left(counted(shown.length, 'outlet')) }), apart()),
    behind);
  if (own.taker !== undefined && own.giver !== undefined) articlesBehind(behind, Number(own.taker), Number(own.giver), measure);
}

/** What counts as no reuse. */
function apart() {
  let templates = 0;
  for (let p = 0; p < P.count; p++) if (pass.pairs[p] && P.rule[p] === 'template') templates++;
  if (templates + D.boilerplate.length === 0) return null;
  return el('p', { class: 'note' }, W.apart(counted(templates, 'pair'), counted(D.boilerplate.length, 'paragraph')), ' ', link(address('tables', ['boilerplate']), W.boilerplate));
}

function matrix(fields, outlets, choose, measure) {
  const isPairs = measure === 'pairs';
  const most = Math.max(1, ...fields.values());
  const heat = (value) => (value === 0 ? 0 : 8 + 62 * Math.sqrt(value / most));
  const copied = sharesCopied();
  const sum = (list) => list.reduce((x, y) => x + y, 0);
  const along = LANG === 'ar' ? '←' : '→';
  const sums = isPairs ? [W.with_others, W.own_reuse] : [W.takes, W.own_reuse, W.share_copied];
  const head = el('tr', {}, el('td', { class: 'corner' }, !isPairs && [`${W.taker} ↓`, ' ', `${W.giver} ${along}`]), outlets.map((giver) => el('th', { scope: 'col' }, el('span', {}, bdi(outletName(giver))))),
    sums.map((name) => el('th', { scope: 'col', class: 'sum' }, el('span', { text: name }))));
  const row = (taker) => {
    const others = sum(outlets.filter((giver) => giver !== taker).map((giver) => fieldOf(fields, taker, giver)));
    return el('tr', {}, el('th', { scope: 'row' }, bdi(outletName(taker))),
      outlets.map((giver) => {
        const value = fieldOf(fields, taker, giver);
        const place = { class: taker === giver ? 'field self' : 'field', vars: { '--heat': heat(value) } };
        return el('td', place, value > 0 && button(number(value), () => choose(taker, giver), { 'aria-label': `${fieldName(taker, giver, measure)}: ${number(value)}` }));
      }),
      el('td', { class: 'sum', text: number(others) }), el('td', { class: 'sum', text: number(fieldOf(fields, taker, taker)) }), !isPairs && el('td', { class: 'sum', text: copied(taker) }));
  };
  const gives = (giver) => sum(outlets.filter((taker) => taker !== giver).map((taker) => fieldOf(fields, taker, giver)));
  const foot = el('tr', {}, el('th', { scope: 'row', text: W.gives }), outlets.map((giver) => el('td', { class: 'sum', text: number(gives(giver)) })), el('td', { class: 'corner', colspan: 3 }));
  const body = el('table', { class: 'matrix' }, el('thead', {}, head), el('tbody', {}, outlets.map(row)), !isPairs && el('tfoot', {}, foot));
  onPrint(() => body.style.setProperty('--fit', Math.min(1, PAPER / body.scrollWidth)));
  const draw = () => matrixPicture(fields, outlets, heat, isPairs);
  return el('figure', { class: 'frame' }, el('div', { class: 'pan', tabindex: 0, role: 'region', 'aria-label': W.matrix }, body),
    el('div', { class: 'tools' }, button('SVG', () => draw().querySelector('button').click(), { 'aria-label': `${W.download}: ${W.matrix}, SVG` }), button('PNG', () => draw().querySelectorAll('button')[1].click(), { 'aria-label': `${W.download}: ${W.matrix}, PNG` })));
}

/** Share of the words of an outlet that are copied, from others and from itself. */
function sharesCopied() {
  const words = new Float64Array(D.outlets.length);
  for (let e = 0; e < E.count; e++) if (pass.edges[e] && A.outlet[E.doc[e]] >= 0) words[A.outlet[E.doc[e]]] += E.words[e];
  return (outlet) => (outlet < 0 ? '' : percent(words[outlet] / Math.max(1, D.outlets[outlet].words)));
}

/** The matrix as a picture, for those who save it. */
function matrixPicture(fields, outlets, heat, isPairs) {
  const [side, label, slant] = [62, 150, 80];
  const size = label + side * outlets.length;
  const ink = getComputedStyle(document.body).color;
  return picture('outlets', isPairs ? W.matrix_pairs : W.matrix, [size + slant, size], (root) => {
    if (!isPairs) root.append(svg('text', { x: label - 8, y: label - 8, 'text-anchor': 'end', fill: ink, 'font-size': 11, 'font-family': 'sans-serif' }, isolated(`${W.taker} ↓ ${W.giver}`), ' →'));

    outlets.forEach((taker, y) => {
      root.append(svg('text', { x: label - 8, y: label + y * side + side / 2 + 4, 'text-anchor': 'end', fill: ink, 'font-size': 13, 'font-family': 'sans-serif' }, short(outletName(taker), 20)));
      root.append(svg('text', { x: 0, y: 0, transform: `translate(${label + y * side + side / 2},${label - 8}) rotate(-60)`, fill: ink, 'font-size': 13, 'font-family': 'sans-serif' }, short(outletName(taker), 20)));
      outlets.forEach((giver, x) => {
        const value = fieldOf(fields, taker, giver);
        root.append(svg('rect', { x: label + x * side, y: label + y * side, width: side - 1, height: side - 1, fill: '#3b8bb5', 'fill-opacity': heat(value) / 100, stroke: taker === giver ? ink : 'none' }));
        if (value > 0) root.append(svg('text', { x: label + x * side + side / 2, y: label + y * side + side / 2 + 4, 'text-anchor': 'middle', fill: ink, 'font-size': 12, 'font-family': 'sans-serif' }, number(value)));
      });
    });
  });
}

function articlesBehind(place, taker, giver, measure) {
  const title = fieldName(taker, giver, measure);
  const close = link(address('outlets', [], { by: measure }), W.close);
  if (measure === 'pairs') {
    const is = (p) => (A.outlet[P.a[p]] === taker && A.outlet[P.b[p]] === giver) || (A.outlet[P.a[p]] === giver && A.outlet[P.b[p]] === taker);
    const rows = passing(pass.pairs).filter((p) => is(p) && P.rule[p] !== 'template');
    replace(place, section(title, null, close, pairTable(title, rows)));
  } else {
    const rows = passing(pass.edges).filter((e) => A.outlet[E.doc[e]] === taker && A.outlet[E.source[e]] === giver);
    replace(place, section(title, null, close, edgeTable(title, rows)));
  }
  place.scrollIntoView({ block: 'nearest' });
}
