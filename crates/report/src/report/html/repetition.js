// Repetition inside an article: arcs over its line, and its text with the copies marked.

function viewRepetition(main, [id], own, isCurrent) {
  if (id !== undefined) return viewRepetitionOf(main, id, isCurrent);
  const rows = passing(pass.repetitions);
  replace(main, el('h1', { text: W.repetition }), el('p', { class: 'note', text: W.repetition_note }), rows.length === 0 ? el('p', { class: 'empty', text: W.no_repetition }) : repetitionTable(rows));
}
const repetitionTable = (rows) => table('repetitions', W.repetition, [
  articleColumn('doc', W.article, (r) => R.doc[r]), ruleColumn((r) => R.rule[r]), { key: 'outlet', label: W.outlet, get: (r) => outletOf(R.doc[r]), width: '150px', screen: true }, { ...dateColumn((r) => R.doc[r]), screen: true },
  numberColumn('words', W.words, (r) => R.words[r]), shareColumn('similarity', W.likeness, (r) => R.similarity[r]), numberColumn('copies', W.copies, (r) => R.copies[r]),
], rows, { sort: 'words', of: R.count, open: (r) => address('repetition', [A.id[R.doc[r]]]), height: 640 });

async function viewRepetitionOf(main, id, isCurrent) {
  const article = A.number.get(id);
  if (article === undefined || R.of(article).length === 0) return notFound(main);
  const list = [...R.of(article)];
  const text = await textOf(article);
  if (!isCurrent()) return;
  const length = text === null ? Math.max(...list.map((r) => R.again[r][1])) : new Text(text).length;
  replace(main, el('p', { class: 'crumb' }, link(address('repetition'), W.repetition)), el('h1', { dir: 'auto', text: titleOf(article) }), articleHead(article), el('p', { class: 'links' }, link(address('article', [id]), W.article)),
    section(W.arcs, W.arcs_note, arcPicture(list, length), el('ol', { class: 'entries' }, list.map((r, at) => el('li', {}, el('span', { class: `swatch s${at % TINTS}`, 'aria-hidden': true }),
      el('div', {}, plate(number(at + 1)), `${rule(R.rule[r])}: ${counted(R.words[r], 'word')}${W.comma} ${percent(R.similarity[r])}${R.copies[r] ? `, ${counted(R.copies[r], 'time')}` : ''}`))))),
    section(W.text, null, text === null ? el('p', { class: 'empty', text: W.text_left_out }) : repeatedText(new Text(text), list)));
}

/** Later copies first: where two meet, the copy is what a reader looks for. */
function repeatedText(text, list) {
  const ranges = [...list.map((r, at) => ({ from: R.again[r][0], to: R.again[r][1], mark: { at, is: 'again' } })), ...list.map((r, at) => ({ from: R.first[r][0], to: R.first[r][1], mark: { at, is: 'first' } }))];
  return marked(text, disjoint(ranges), ({ mark, from }, stretch) => el('mark', { class: `s${mark.at % TINTS} ${mark.is}`, id: `place-${from}` },
    plate(`${number(mark.at + 1)} ${mark.is === 'first' ? W.first_copy : W.again}`), stretch));
}

/** The number of a stretch, in the direction of the page whatever the text around. */
const plate = (text, props = {}) => el('span', { class: 'number', dir: document.documentElement.dir, text, ...props });

function arcPicture(list, length) {
  const [width, left, right, floor] = [pictureWidth(), 16, 16, NARROW.matches ? 130 : 200];
  const x = (at) => left + ((width - left - right) * at) / Math.max(1, length);
  return picture('repetition', W.arcs, [width, floor + 34], (root) => {
    root.append(svg('rect', { class: 'own', x: left, y: floor, width: width - left - right, height: 14, rx: 3 }));
    list.forEach((r, at) => {
      const [[a, b], [c, d]] = [R.first[r], R.again[r]];
      const height = Math.min(floor - 10, 20 + Math.abs(x((c + d) / 2) - x((a + b) / 2)) * 0.42);
      const tone = `s${at % TINTS}`;
      const hint = `${rule(R.rule[r])}: ${counted(R.words[r], 'word')}${W.comma} ${percent(R.similarity[r])}`;
      const curve = (from, to, up) => `C${x(from)},${floor - up} ${x(to)},${floor - up} ${x(to)},${floor}`;
      root.append(svg('g', { class: 'press', tabindex: 0, role: 'button', 'aria-label': hint, on: pressed(() => byId(`place-${c}`)?.scrollIntoView({ block: 'center' })) },
        svg('path', { class: `arc ${tone}`, d: `M${x(a)},${floor} ${curve(a, d, height * 1.33)} L${x(c)},${floor} ${curve(c, b, Math.min(height, Math.abs(x(c) - x(b)) * 0.6))} z` }), svg('title', {}, hint),
        svg('rect', { class: `${tone} first`, x: x(a), y: floor, width: Math.max(2, x(b) - x(a)), height: 14 }), svg('rect', { class: tone, x: x(c), y: floor, width: Math.max(2, x(d) - x(c)), height: 14 })));
    });
    root.append(svg('text', { class: 'tick', x: left, y: floor + 30 }, '0'), svg('text', { class: 'tick', x: width - right, y: floor + 30, 'text-anchor': 'end' }, number(length)));
  });
}
