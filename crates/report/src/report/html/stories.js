// Stories: clusters on a time axis, and what came from what.

/** A cluster with its members in order of time; those without a date stand last. */
function storyOf(c) {
  storyOf.known ??= new Map();
  if (storyOf.known.has(c)) return storyOf.known.get(c);
  const members = D.clusters[c].members.slice().sort((x, y) => (A.date[x] ?? Infinity) - (A.date[y] ?? Infinity) || x - y);
  const dated = members.filter((member) => A.date[member] !== null);
  const story = { c, members, dated, first: members[0], span: dated.length > 1 ? A.date[dated.at(-1)] - A.date[dated[0]] : 0, outlets: new Set(members.map((member) => A.outlet[member])).size };
  // A date without a time of day says nothing of who was first on that day.
  const [first, isDay] = [A.date[dated[0]], A.date[dated[0]] % 86400 === 0];
  story.isFirst = (member) => A.date[member] !== null && (A.date[member] === first || (isDay && A.date[member] - first < 86400));
  storyOf.known.set(c, story);
  return story;
}

/** A line of time with a dot for each member. */
function sparkline(story) {
  const width = 150;
  const x = (member) => (story.span === 0 ? 8 : 8 + ((width - 16) * (A.date[member] - A.date[story.dated[0]])) / story.span);
  return svg('svg', { viewBox: `0 0 ${width} 20`, class: 'spark', 'aria-hidden': true }, svg('line', { class: 'grid', x1: 4, x2: width - 4, y1: 10, y2: 10 }),
    // The first is drawn last, on top of what followed at once.
    story.dated.slice(0, 60).map((member, at) => svg('circle', { class: story.isFirst(member) ? 'dot first' : 'dot', cx: x(member), cy: 10, r: at === 0 ? 5 : 3.5 })).reverse());
}

const storyColumns = () => [
  { key: 'first', label: W.heading, width: 'minmax(220px, 3fr)', get: (c) => titleOf(storyOf(c).first) }, { key: 'line', label: W.axis, width: '170px', get: (c) => storyOf(c).span, show: (c) => sparkline(storyOf(c)) },
  numberColumn('articles', W.size, (c) => storyOf(c).members.length), numberColumn('outlets', W.outlets, (c) => storyOf(c).outlets),
  { key: 'date', label: W.date, width: '178px', get: (c) => isoDate(A.date[storyOf(c).first]), show: (c) => date(A.date[storyOf(c).first]) },
  { key: 'span_seconds', label: W.span, num: true, width: '150px', get: (c) => storyOf(c).span, show: (c) => duration(storyOf(c).span) }, shareColumn('least_alike', W.least_alike, (c) => D.clusters[c].min_jaccard),
];

function viewStories(main) {
  replace(main, el('h1', { text: W.stories }), el('p', { class: 'note', text: W.stories_note }), table('stories', W.stories, storyColumns(), passingStories(), { sort: 'articles', of: D.clusters.length, open: (c) => address('story', [c + 1]), height: 640 }));
}

/** Who was first; several where they have the same date, and nobody where none has one. */
function storySentence(story) {
  if (story.dated.length === 0) return W.story_undated;
  const firsts = [...new Set(story.dated.filter(story.isFirst).map((member) => A.outlet[member]))];
  const names = firsts.map((outlet) => `\u2068${outletName(outlet)}\u2069`).join(`${W.comma} `);
  const followers = story.outlets - firsts.length;
  return [(firsts.length > 1 ? W.story_together : W.story_first)(names, date(A.date[story.first])), followers > 0 && W.story_followed(counted(followers, 'outlet'))].filter(Boolean).join(' ');
}

async function viewStory(main, [id], own, isCurrent) {
  const c = Number(id) - 1;
  if (!D.clusters[c]) return notFound(main);
  const story = storyOf(c);
  const tree = familyOf(story);
  const shared = passagesOf(story);
  const quote = shared.length > 0 ? await quoted(shared[0]) : null;
  if (!isCurrent()) return;
  replace(main, el('p', { class: 'crumb' }, link(address('stories'), W.stories)), el('h1', { dir: 'auto', text: titleOf(story.first) }),
    el('p', { class: 'sentence', text: storySentence(story) }),
    story.dated.length > 0 && section(W.axis, null, axisPicture(story), legend([['wholly', W.first], ['partly', W.followed]])),
    section(W.family, W.family_note, el('ul', { class: 'family' }, tree.roots.map((root) => familyEntry(story, tree, root)))),
    longestPassages(shared, quote));
}

/** Under whom each member stands: the source that it took most from, else the first of the story. */
function familyOf(story) {
  const members = new Set(story.members);
  const [parents, children] = [new Map(), new Map()];
  for (const member of story.members) {
    const edges = [...E.of(member)].filter((e) => members.has(E.source[e])).sort((x, y) => E.words[y] - E.words[x]);
    const parent = edges.length > 0 ? E.source[edges[0]] : null;
    parents.set(member, parent);
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), member]);
  }
  return { parents, children, roots: story.members.filter((member) => parents.get(member) === null) };
}

/** An entry of the family and all below it, without recursion into ever deeper lists than a page can hold. */
function familyEntry(story, tree, member, depth = 0) {
  const parent = tree.parents.get(member);
  const children = tree.children.get(member) ?? [];
  const start = A.date[story.first];
  const delay = A.date[member] === null || start === null ? null : A.date[member] - start;
  return el('li', {},
    el('div', { class: 'kin' }, el('span', { class: 'outlet' }, bdi(outletOf(member))), link(address('article', [A.id[member]]), bdi(titleOf(member))),
      el('span', { class: 'quiet', text: delay === null || delay === 0 ? date(A.date[member]) : later(delay) }),
      parent !== null && changesFrom(parent, member)),
    children.length > 0 && (depth < 40 ? el('ul', {}, children.map((child) => familyEntry(story, tree, child, depth + 1))) : el('p', { class: 'quiet', text: counted(children.length, 'article') })));
}

/** How many words one kept of the other, added and cut. */
function changesFrom(parent, member) {
  const pair = pairOf(parent, member);
  if (pair < 0) return null;
  const side = link(address('pair', [A.id[parent], A.id[member]]), W.compare);
  if (A.words[member] === 0 || A.words[parent] === 0) return el('span', { class: 'kinwords' }, side);
  const kept = Math.round(coveredOf(pair, member) * A.words[member]);
  const added = A.words[member] - kept;
  const cut = A.words[parent] - Math.round(coveredOf(pair, parent) * A.words[parent]);
  return el('span', { class: 'kinwords' }, `${W.kept} ${number(kept)} · ${W.added} ${number(added)} · ${W.cut} ${number(cut)} · `, side);
}

/** Members by outlet on an axis of time. */
function axisPicture(story) {
  const rows = [...new Set(story.members.map((member) => A.outlet[member]))].slice(0, 20);
  const [left, right, top, line, width] = [NARROW.matches ? 140 : 150, 24, 14, 30, pictureWidth()];
  const height = top + rows.length * line + 34;
  const start = story.dated.length > 0 ? A.date[story.dated[0]] : 0;
  const x = (member) => (story.span === 0 ? left + 20 : left + 10 + ((width - left - right - 10) * (A.date[member] - start)) / story.span);
  return picture('story', W.axis, [width, height], (root) => {
    rows.forEach((outlet, at) => {
      const y = top + at * line + line / 2;
      root.append(svg('line', { class: 'grid', x1: left, x2: width - right, y1: y, y2: y }), svg('text', { class: 'tick strong', x: left - 10, y: y + 4, 'text-anchor': 'end' }, fitted(outletName(outlet), left - 14)));
    });
    for (const member of story.dated) {
      const at = rows.indexOf(A.outlet[member]);
      if (at < 0) continue;
      const hint = `${outletOf(member)}, ${date(A.date[member])}: ${titleOf(member)}`;
      const press = () => go('article', [A.id[member]]);
      root.append(svg('g', { class: 'press', tabindex: 0, role: 'link', 'aria-label': hint, on: pressed(press) }, svg('circle', { class: story.isFirst(member) ? 'dot first' : 'dot', cx: x(member), cy: top + at * line + line / 2, r: story.isFirst(member) ? 8 : 6 }), svg('title', {}, hint)));
    }
    if (story.dated.length > 0) root.append(svg('text', { class: 'tick', x: left, y: height - 8 }, isolated(date(start))));
    if (story.span > 0) root.append(svg('text', { class: 'tick', x: width - right, y: height - 8, 'text-anchor': 'end' }, isolated(later(story.span))));
  });
}

/** Passages that members share, the longest first. */
function passagesOf(story) {
  const members = new Set(story.members);
  const list = [];
  for (const member of story.members.slice(0, 200)) for (const p of P.of(member)) if (P.a[p] === member && members.has(P.b[p])) for (const passage of passages(p)) list.push({ p, ...passage });
  return list.sort((x, y) => y.words - x.words);
}
const MOST_QUOTED = 320;
/** How a passage begins; null where the file has no text of it. */
async function quoted({ p, mine }) {
  const text = await textOf(P.a[p]);
  if (text === null) return null;
  const stretch = new Text(text).slice(mine[0], Math.min(mine[1], mine[0] + MOST_QUOTED)).trim();
  return mine[1] - mine[0] > MOST_QUOTED ? `${stretch.replace(/\s\S*$/, '')} …` : stretch;
}
function longestPassages(list, quote) {
  if (list.length === 0) return null;
  return section(W.longest, null, quote !== null && el('blockquote', { class: 'text', dir: 'auto', text: quote }), table('passages', W.longest, [
    { key: 'a', label: W.a, get: (row) => outletOf(P.a[list[row].p]) }, { key: 'b', label: W.b, get: (row) => outletOf(P.b[list[row].p]) },
    numberColumn('words', W.words, (row) => list[row].words), shareColumn('similarity', W.likeness, (row) => list[row].similarity),
  ], list.slice(0, 500).map((_, at) => at), { sort: 'words', height: 300, open: (row) => address('pair', [A.id[P.a[list[row].p]], A.id[P.b[list[row].p]]], { passage: list[row].number }) }));
}
