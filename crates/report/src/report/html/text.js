// Texts: places in them, marked stretches, and what became of the words of a passage.

/** A text that is cut by code points, as findings count them. */
class Text {
  constructor(text) {
    this.text = text;
    this.units = null;
    if (/[\ud800-\udbff]/.test(text)) {
      this.units = [0];
      for (const character of text) this.units.push(this.units.at(-1) + character.length);
    }
    this.length = this.units ? this.units.length - 1 : text.length;
  }
  at(point) {
    const inside = Math.max(0, Math.min(point, this.length));
    return this.units ? this.units[inside] : inside;
  }
  slice(from, to) {
    return this.text.slice(this.at(from), this.at(to));
  }
}

/** Ranges that do not meet, from ranges that may: what stands earlier in the list wins. Each keeps its `mark`. */
function disjoint(ranges) {
  const taken = [];
  for (const range of ranges) {
    let parts = [[range.from, range.to]];
    for (const other of taken) {
      parts = parts.flatMap(([from, to]) => [[from, Math.min(to, other.from)], [Math.max(from, other.to), to]].filter(([x, y]) => x < y && x < to && y > from));
    }
    taken.push(...parts.map(([from, to]) => ({ from, to, mark: range.mark })));
  }
  return taken.sort((x, y) => x.from - y.from);
}

/** A text with marked ranges (disjoint, in order); `wrap` makes the element of one. */
function marked(text, ranges, wrap) {
  const body = el('div', { class: 'text', dir: 'auto' });
  let at = 0;
  for (const range of ranges) {
    if (range.from > at) body.append(text.slice(at, range.from));
    body.append(wrap(range, text.slice(range.from, range.to)));
    at = range.to;
  }
  body.append(text.slice(at, text.length));
  return body;
}

/** What a character becomes in a token, as the program settled it: parts 0 ends a token, 1 letter, 2 lone letter, 3 mark, 4 lone mark, 5 symbol. */
function lettersOf({ same, dropped, folded }) {
  const letters = new Map();
  same.forEach((characters, at) => {
    for (const c of characters) letters.set(c, [[at + 1, c]]);
  });
  for (const c of dropped) letters.set(c, []);
  for (const [c, parts] of folded) {
    const list = [...parts];
    letters.set(c, list.filter((_, at) => at % 2 === 1).map((to, at) => [Number(list[2 * at]), to]));
  }
  return letters;
}
const BREAK = [[0, ' ']];
const HYPHEN = /[-\u00AC\u00AD\u058A\u2010\u2011\u2E17\uFE63\uFF0D]/;
/** What is behind a hyphen that breaks a word at the end of a line, up to the rest of the word. */
const LINE_END = /[ \t]*(?:\r\n|\n|\r)[^\S\n\r]*(?=([\p{L}\p{N}]))/uy;
/** A letter of a script whose words are broken with hyphens. */
const BROKEN = /^(?![\u0590-\u08FF\u0E00-\u0EFF\u1000-\u11FF\u1780-\u17FF\u3040-\u30FF\u3130-\u318F\u3400-\u9FFF\uAC00-\uD7FF\uF900-\uFDFF\uFE70-\uFEFC])\p{L}/u;
const ARABIC = /[\u0600-\u06FF\u0750-\u077F\u08A0-\u08FF]\p{M}*$/u;
/** How many units of `text` from `at`, behind the hyphen `c`, belong to a broken word that begins with `start`: 0 if it is none. */
function brokenBy(c, text, at, start) {
  LINE_END.lastIndex = at;
  const found = LINE_END.exec(text);
  if (!found) return 0;
  const [last, next] = [[...start.replace(/\p{M}+$/u, '')].at(-1) ?? '', found[1]];
  const isBroken = BROKEN.test(last) && BROKEN.test(next) && !(/\p{Ll}/u.test(last) && /\p{Lu}/u.test(next));
  return c === '\u00AD' || isBroken ? found[0].length : 0;
}
/** Marks that follow a word and are dropped for matching. */
const MARKS = /(?:(?![\uFE00-\uFE0F\u034F\u180B-\u180F])\p{M}|\u0640)*/uy;
function marksAt(text, at) {
  MARKS.lastIndex = at;
  return MARKS.exec(text)[0];
}
/** The tokens of a text, by the fold of the run: where each stands, how it is spelled, with the marks that follow it too, and what is equal for matching. */
function words(text) {
  letters ??= lettersOf(D.letters);
  const isFolded = D.config.fold !== 'none';
  const list = [];
  let open = null;
  let isAlone = false;
  let at = 0;
  let rest = 0;
  const close = () => {
    if (open) list.push({ ...open, spelt: text.slice(open.from, open.to), written: text.slice(open.from, open.to) + marksAt(text, open.to), folded: isFolded ? open.folded.normalize('NFC') : open.folded });
    open = null;
    isAlone = false;
  };
  for (const c of text) {
    const from = at;
    at += c.length;
    if (from < rest) continue;
    const skipped = open && isFolded && HYPHEN.test(c) ? brokenBy(c, text, at, text.slice(open.from, open.to)) : 0;
    if (skipped) {
      rest = at + skipped;
      continue;
    }
    if (c === '\u200C' && isFolded && !(open && ARABIC.test(open.folded))) continue;
    for (const [part, to] of letters.get(c) ?? BREAK) {
      if (part === 0 || part === 2 || part === 5 || (part === 1 && isAlone)) close();
      if (part === 0) continue;
      if (!open) {
        open = { from, to: at, folded: '' };
        isAlone = part === 2 || part === 4;
      }
      open.folded += to;
      open.to = at;
      if (part === 5) close();
    }
  }
  close();
  return list;
}
let letters = null;

/** Edits beyond which words are compared as sets. */
const MOST_EDITS = 1200;
/** Pairs of words that match in order: a shortest edit (Myers 1986); null where there are too many edits. */
function matches(x, y) {
  const [n, m] = [x.length, y.length];
  const most = Math.min(n + m, MOST_EDITS);
  const [rows, ends] = [[], new Int32Array(2 * most + 3)];
  for (let d = 0; d <= most; d++) {
    rows.push(ends.slice(most - d, most + d + 3));
    for (let k = -d; k <= d; k += 2) {
      let at = k === -d || (k !== d && ends[most + k] < ends[most + k + 2]) ? ends[most + k + 2] : ends[most + k] + 1;
      while (at < n && at - k < m && x[at].folded === y[at - k].folded) at++;
      ends[most + k + 1] = at;
      if (at >= n && at - k >= m) return walkBack(x, y, rows, d);
    }
  }
  return null;
}
function walkBack(x, y, rows, edits) {
  let [i, j] = [x.length, y.length];
  const found = [];
  for (let d = edits; d >= 0; d--) {
    const row = rows[d];
    const end = (k) => row[k + d + 1] ?? 0;
    const k = i - j;
    const before = d === 0 ? 0 : k === -d || (k !== d && end(k - 1) < end(k + 1)) ? k + 1 : k - 1;
    const [startI, startJ] = d === 0 ? [0, 0] : [end(before), end(before) - before];
    while (i > startI && j > startJ) found.push([--i, --j]);
    [i, j] = [startI, startJ];
  }
  return found.reverse();
}

/** What became of the words of two stretches: for each side the ranges that changed or are respelled, in units of the stretch. */
function changes(a, b, reordered) {
  const [x, y] = [words(a), words(b)];
  const kinds = [x.map(() => 'changed'), y.map(() => 'changed')];
  const pairs = reordered ? null : matches(x, y);
  if (pairs) {
    for (const [i, j] of pairs) kinds[0][i] = kinds[1][j] = x[i].written === y[j].written ? 'same' : 'respelled';
  } else {
    [[x, y, kinds[0]], [y, x, kinds[1]]].forEach(([mine, theirs, kind]) => {
      const [known, written] = [new Set(theirs.map((word) => word.folded)), new Set(theirs.map((word) => word.written))];
      mine.forEach((word, at) => known.has(word.folded) && (kind[at] = written.has(word.written) ? 'same' : 'respelled'));
    });
  }
  return [x, y].map((side, s) => side.map((word, at) => ({ ...word, kind: kinds[s][at] })).filter((word) => word.kind !== 'same'));
}

/** A stretch with its changes marked. */
function withChanges(stretch, list) {
  const parts = [];
  let at = 0;
  for (const { from, to, kind } of list) {
    if (from > at) parts.push(stretch.slice(at, from));
    parts.push(el('span', { class: kind, text: stretch.slice(from, to) }));
    at = to;
  }
  parts.push(stretch.slice(at));
  return parts;
}
