// Two articles side by side, or one above the other on a narrow screen: passages joined by ribbons, scrolled in step, every changed word marked.

async function viewPair(main, [idA, idB], own, isCurrent) {
  const [left, right] = [A.number.get(idA), A.number.get(idB)];
  const pair = left === undefined || right === undefined ? -1 : pairOf(left, right);
  if (pair < 0) return notFound(main);
  const texts = await Promise.all([textOf(left), textOf(right)]);
  if (!isCurrent()) return;
  const list = passages(pair, left);
  const facts = [el('span', { class: `tag ${P.rule[pair]}`, text: rule(P.rule[pair]) }), `${counted(P.words[pair], 'word')}${W.comma} ${counted(list.length, 'passage')}`, wordKinds(pair), `${percent(coveredOf(pair, left))} ${W.of_this}${W.comma} ${percent(coveredOf(pair, right))} ${W.of_that}`, `${W.jaccard} ${exact.format(Math.floor(P.jaccard[pair] * 1000) / 1000)}`];
  const origin = P.origin[pair] === 0 ? null : P.origin[pair] === 1 ? P.a[pair] : P.b[pair];
  replace(main, el('h1', { text: W.pair }), el('p', { class: 'meta' }, facts.map((fact) => el('span', {}, fact))));
  if (texts.includes(null)) {
    return add(main, [el('p', { class: 'empty', text: W.text_left_out }), el('div', { class: 'sides' }, [left, right].map((article, s) => el('div', { class: 'side' }, sideHead(article, origin, s))))]);
  }
  const view = new PairView([left, right], texts.map((text) => new Text(text)), list, origin);
  add(main, [view.tools(), list.length === 0 && el('p', { class: 'note', text: W.no_passages }), view.sides(), view.list()]);
  view.start(Number(own.passage) || 0);
  document.addEventListener('keydown', view.keys);
  leave.push(() => view.stop());
}

/** Matched words by spelling, and those in between that do not match. */
const wordKinds = (pair) => [[P.words[pair] - P.respelled[pair], W.words_same], [P.respelled[pair], W.respelled], [P.own[pair], W.own_between]].map(([count, label]) => `${number(count)} ${label}`).join(`${W.comma} `);

function sideHead(article, origin, s) {
  return el('header', { class: 'sidehead' }, el('h2', { dir: 'auto' }, link(address('article', [A.id[article]]), titleOf(article))),
    el('p', { class: 'quiet' }, bdi(outletOf(article)), ' · ', date(A.date[article]), origin !== null && el('span', { class: 'tag', text: origin === article ? W.earlier : W.later })));
}

/** Places that are `gap` apart, in the order of `places` and near them, between `least` and `most` as far as there is room. */
function keptApart(places, gap, least, most) {
  const order = places.map((_, at) => at).sort((x, y) => places[x] - places[y]);
  const moved = [];
  order.forEach((at, rank) => (moved[at] = Math.max(places[at], rank === 0 ? least : moved[order[rank - 1]] + gap)));
  order.reverse().forEach((at, rank) => (moved[at] = Math.min(moved[at], rank === 0 ? most : moved[order[rank - 1]] - gap)));
  return moved;
}

class PairView {
  constructor(articles, texts, list, origin) {
    Object.assign(this, { articles, texts, passages: list, origin, current: 0, marks: [list.map(() => []), list.map(() => [])], isSynced: true, driver: null, isOpen: false });
    this.keys = (event) => {
      if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'n') this.show(this.current + 1);
      if (event.key === 'p') this.show(this.current - 1);
    };
    this.redraw = () => requestAnimationFrame(() => this.ribbons());
  }

  tools() {
    const check = (label, on) => el('label', { class: 'check' }, el('input', { type: 'checkbox', checked: true, on: { change: (event) => on(event.target.checked) } }), label);
    return el('div', { class: 'bar' }, button(W.previous, () => this.show(this.current - 1), { id: 'previous' }), this.place = el('span', { id: 'place', class: 'num', role: 'status' }), button(W.next, () => this.show(this.current + 1), { id: 'next' }),
      check(W.differences, (on) => this.frame.classList.toggle('plain', !on)), check(W.sync, (on) => (this.isSynced = on)), el('span', { class: 'quiet keys', text: W.keys }),
      legend([['changed-look', W.changed], ['respelled-look', W.respelled]]));
  }

  sides() {
    const stretches = this.passages.map((passage) => [this.texts[0].slice(...passage.mine), this.texts[1].slice(...passage.theirs)]);
    const diffs = this.passages.map((passage, at) => (this.passages.length <= 60 && stretches[at][0].length < 60000 ? changes(...stretches[at], passage.reordered) : [[], []]));
    this.panes = [0, 1].map((s) => {
      // Where two meet, the shorter is marked: the longer has room beside it.
      const ranges = this.passages.map((passage) => ({ from: this.range(s, passage)[0], to: this.range(s, passage)[1], mark: passage })).sort((x, y) => x.to - x.from - (y.to - y.from));
      const body = marked(this.texts[s], disjoint(ranges), (range, stretch) => this.stretch(s, range, stretch, diffs[range.mark.number - 1][s]));
      return el('div', { class: 'pane', tabindex: 0, role: 'region', 'aria-label': s ? W.article_b : W.article_a, on: { scroll: () => this.scrolled(s) } }, body);
    });
    this.markHidden();
    this.drawing = svg('svg', { class: 'ribbons', role: 'img', 'aria-label': W.ribbons });
    const side = (s) => el('div', { class: 'side' }, sideHead(this.articles[s], this.origin, s), this.panes[s]);
    return (this.frame = el('div', { class: 'sides' }, side(0), el('div', { class: 'between' }, this.drawing), side(1)));
  }

  range(s, passage) {
    return s ? passage.theirs : passage.mine;
  }
  /** A passage, or a part of one that another cuts: with the changes that stand in the part. */
  stretch(s, { mark, from }, text, diff) {
    const skipped = this.texts[s].at(from) - this.texts[s].at(this.range(s, mark)[0]);
    const inside = diff.map((change) => ({ ...change, from: change.from - skipped, to: change.to - skipped })).filter((change) => change.from >= 0 && change.to <= text.length);
    const node = el('mark', { class: `s${(mark.number - 1) % TINTS} passage`, on: { click: () => this.show(mark.number - 1, s) } },
      plate(number(mark.number), { 'aria-label': `${W.passages} ${mark.number}` }), withChanges(text, inside));
    this.marks[s][mark.number - 1].push(node);
    return node;
  }
  /** A passage that others cover wholly is where the one is that stands at its beginning. */
  markHidden() {
    for (const s of [0, 1]) {
      this.passages.forEach((passage, at) => {
        if (this.marks[s][at].length > 0) return;
        const start = this.range(s, passage)[0];
        const cover = this.passages.findIndex((other, o) => o !== at && this.marks[s][o].length > 0 && this.range(s, other)[0] <= start && start < this.range(s, other)[1]);
        if (cover >= 0) this.marks[s][at] = [this.marks[s][cover][0]];
      });
    }
  }

  list() {
    const columns = [{ key: 'number', label: '№', num: true, width: '60px', get: (at) => this.passages[at].number }, { key: 'text', label: W.text, width: 'minmax(200px, 3fr)', get: (at) => this.texts[0].slice(...this.passages[at].mine).slice(0, 200) },
      numberColumn('words', W.words, (at) => this.passages[at].words), shareColumn('similarity', W.likeness, (at) => this.passages[at].similarity),
      { key: 'cite', label: W.cite, width: '150px', screen: true, get: (at) => this.citation(at), show: (at) => button(W.cite, () => this.cite(at), { class: 'small' }) }];
    return this.passages.length > 0 && section(W.passages, null, table('passages', W.passages, columns, this.passages.map((_, at) => at), { height: 320, sort: 'number', descending: false }));
  }

  /** A passage as one quotes it: the words, both places, what they have in common. */
  citation(at) {
    const passage = this.passages[at];
    const quote = this.texts[0].slice(...passage.mine).replace(/\s+/g, ' ').trim();
    const place = (article, range) => `${outletOf(article)}, \u2068${titleOf(article)}\u2069 (${A.id[article]}), ${A.date[article] === null ? W.undated : isoDay(A.date[article])}, ${range[0]}–${range[1]}${A.url[article] ? `, ${A.url[article]}` : ''}`;
    return `«\u2068${quote}\u2069»\n${place(this.articles[0], passage.mine)}\n${place(this.articles[1], passage.theirs)}\n${counted(passage.words, 'word')}, ${percent(passage.similarity)} ${W.alike}`;
  }
  async cite(at) {
    const text = this.citation(at);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A page from a file may not have the clipboard: what is selected can be copied all the same.
      const area = el('textarea', { 'aria-label': W.cite });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    say(W.cited);
  }

  start(passage) {
    this.observer = new ResizeObserver(this.redraw);
    this.panes.forEach((pane) => this.observer.observe(pane));
    if (this.passages.length > 0) this.show(Math.max(0, passage - 1), null, passage > 0);
    else this.place.textContent = '0 / 0';
    this.isOpen = true;
  }
  stop() {
    this.observer?.disconnect();
    document.removeEventListener('keydown', this.keys);
  }

  /** Goes to a passage, on both sides. */
  show(at, from = null, scrolls = true) {
    if (this.passages.length === 0) return;
    this.current = (at + this.passages.length) % this.passages.length;
    this.place.textContent = `${number(this.current + 1)} / ${number(this.passages.length)}`;
    this.marks.flat(2).forEach((mark) => mark.classList.remove('current'));
    [0, 1].forEach((s) => {
      const marks = this.marks[s][this.current];
      marks.forEach((mark) => mark.classList.add('current'));
      if (marks.length > 0 && s !== from && scrolls) this.panes[s].scrollTop = this.top(s, this.current) - 24;
    });
    // The address leads to the passage that one looks at.
    if (this.isOpen) {
      route.own = { ...route.own, passage: this.current + 1 };
      history.replaceState(null, '', address('pair', route.args, route.own));
    }
    this.driver = 'jump';
    setTimeout(() => (this.driver = null), 120);
    this.redraw();
  }
  /** Where a passage begins in its pane. */
  top(s, at) {
    return this.marks[s][at][0].getBoundingClientRect().top - this.panes[s].getBoundingClientRect().top + this.panes[s].scrollTop;
  }

  /** The other pane follows: what stands at the top of one is carried over between the passages around it. */
  scrolled(s) {
    this.redraw();
    if (!this.isSynced || this.driver === 'jump' || (this.driver !== null && this.driver !== s)) return;
    this.driver = s;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.driver = null), 90);
    const [mine, theirs] = [this.panes[s], this.panes[1 - s]];
    const points = this.passages.map((_, at) => at).filter((at) => this.marks[0][at].length > 0 && this.marks[1][at].length > 0).map((at) => [this.top(s, at), this.top(1 - s, at)]).sort((x, y) => x[0] - y[0]);
    const stops = [[0, 0], ...points, [mine.scrollHeight, theirs.scrollHeight]];
    const after = Math.max(1, stops.findIndex(([top]) => top > mine.scrollTop));
    const [[x0, y0], [x1, y1]] = [stops[after - 1], stops[after]];
    theirs.scrollTop = y0 + ((mine.scrollTop - x0) / Math.max(1, x1 - x0)) * (y1 - y0);
  }

  ribbons() {
    const box = this.drawing.getBoundingClientRect();
    if (box.width < 4) return;
    this.drawing.setAttribute('viewBox', `0 0 ${box.width} ${box.height}`);
    const isRtl = getComputedStyle(document.documentElement).direction === 'rtl';
    if (box.width > box.height) return replace(this.drawing, this.map(box, isRtl));
    const shapes = this.passages.map((passage, at) => {
      const ends = [0, 1].map((s) => {
        const places = this.marks[s][at].map((mark) => mark.getBoundingClientRect());
        const pane = this.panes[s].getBoundingClientRect();
        if (places.length === 0 || places.at(-1).bottom < pane.top || places[0].top > pane.bottom) return null;
        return [Math.max(places[0].top, pane.top) - box.top, Math.min(places.at(-1).bottom, pane.bottom) - box.top];
      });
      if (ends.includes(null)) return null;
      const [one, two] = isRtl ? [ends[1], ends[0]] : ends;
      const [w, m] = [box.width, box.width / 2];
      const path = `M0,${one[0]} C${m},${one[0]} ${m},${two[0]} ${w},${two[0]} L${w},${two[1]} C${m},${two[1]} ${m},${one[1]} 0,${one[1]}z`;
      return svg('path', { d: path, class: `ribbon s${at % TINTS}${at === this.current ? ' current' : ''}` });
    });
    replace(this.drawing, shapes);
  }
  /** Where the panes stand one above the other: both articles as lines from beginning to end, each passage by its number between them. */
  map({ width, height }, isRtl) {
    const bar = 7;
    const along = (s, point) => {
      const x = (width * point) / Math.max(1, this.texts[s].length);
      return isRtl ? width - x : x;
    };
    const range = (s, [from, to]) => [along(s, from), along(s, to)].sort((x, y) => x - y);
    const sight = (s) => {
      const pane = this.panes[s];
      const [from, to] = [pane.scrollTop, pane.scrollTop + pane.clientHeight].map((at) => (width * at) / Math.max(1, pane.scrollHeight));
      return svg('rect', { class: 'sight', x: isRtl ? width - to : from, width: to - from, y: s ? height - bar : 0, height: bar, rx: 3 });
    };
    const lines = [0, 1].map((s) => [svg('rect', { class: 'own', x: 0, width, y: s ? height - bar : 0, height: bar, rx: 3 }), sight(s)]);
    const order = this.passages.map((_, at) => at).filter((at) => at !== this.current);
    const places = this.passages.map(({ mine, theirs }) => [...range(0, mine), ...range(1, theirs)].reduce((x, y) => x + y) / 4);
    const plates = keptApart(places, 20, 9, width - 9);
    const bands = [...order, this.current].map((at) => {
      const passage = this.passages[at];
      if (!passage) return null;
      const [[a, b], [c, d]] = [range(0, passage.mine), range(1, passage.theirs)].map(([from, to]) => [from, Math.max(to, from + 3)]);
      const look = `s${at % TINTS}`;
      const [top, floor, middle] = [bar, height - bar, height / 2];
      const curve = (from, to, y, end) => `C${from},${middle} ${to},${middle} ${to},${end}`;
      const x = plates[at];
      return svg('g', { class: 'press', on: { click: () => this.show(at) } },
        svg('path', { class: `ribbon ${look}${at === this.current ? ' current' : ''}`, d: `M${a},${top} ${curve(a, c, top, floor)} L${d},${floor} ${curve(d, b, floor, top)}z` }),
        svg('rect', { class: look, x: a, width: b - a, y: 0, height: bar }), svg('rect', { class: look, x: c, width: d - c, y: floor, height: bar }),
        (at === this.current || this.passages.length <= 12) && [svg('rect', { class: 'plate', x: x - 9, y: middle - 9, width: 18, height: 18, rx: 4 }), svg('text', { class: 'plate', x, y: middle + 4, 'text-anchor': 'middle' }, number(at + 1))]);
    });
    return [lines, bands];
  }
}
