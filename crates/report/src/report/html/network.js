// The same as the matrix, as a network: outlets on a circle, an arrow from each source to who takes from it.
const MOST_NODES = 16;
const MOST_ARROWS = 36;

function viewNetwork(main, args, own) {
  const fields = cells('words');
  for (const key of [...fields.keys()]) if (Math.floor(key / 1e6) === key % 1e6) fields.delete(key);
  const all = cast(fields);
  const outlets = all.slice(0, MOST_NODES);
  const only = outlets.includes(Number(own.of ?? NaN)) ? Number(own.of) : null;
  replace(main, el('h1', { text: W.network }), outletViews('network'),
    section(W.network_title, W.network_note, outlets.length === 0 ? el('p', { class: 'empty', text: isFiltered() ? W.nothing_passes : W.no_direction }) : [networkPicture(fields, outlets, only), only !== null && legend([['wholly', W.takes], ['partly', W.gives]])],
      all.length > outlets.length && el('p', { class: 'note', text: W.outlets_left(counted(outlets.length, 'outlet')) }),
      networkTable(fields, outlets, only)));
}

/** How outlets stand on their circle, which a phone makes a tall one: its size, that of a circle, and the characters of a name. */
const circle = () => (NARROW.matches ? { width: 430, height: 600, radii: [112, 236], node: 14, letters: 22 } : { width: 860, height: 560, radii: [240, 215], node: 21, letters: 23 });

function networkPicture(fields, outlets, only) {
  const { width, height, radii, node, letters } = circle();
  const most = Math.max(1, ...fields.values());
  const place = (at) => {
    const angle = (2 * Math.PI * at) / outlets.length - Math.PI / 2;
    return [width / 2 + radii[0] * Math.cos(angle), height / 2 + radii[1] * Math.sin(angle), angle];
  };
  const gives = outlets.map((giver) => outlets.reduce((sum, taker) => sum + fieldOf(fields, taker, giver), 0));
  const largest = Math.max(1, ...gives);
  const least = [...fields.values()].sort((x, y) => y - x)[MOST_ARROWS] ?? 0;
  const size = (at) => 7 + node * Math.sqrt(gives[at] / largest);
  return picture('network', W.network, [width, height], (root) => {
    root.append(svg('defs', {}, svg('marker', { id: 'tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto' }, svg('path', { class: 'tip', d: 'M0,0 8,4 0,8z' }))));
    outlets.forEach((giver, from) => outlets.forEach((taker, to) => {
      const words = fieldOf(fields, taker, giver);
      if (from === to || words === 0 || (only !== null && giver !== only && taker !== only)) return;
      if (only === null && words < least) return;
      root.append(svg('path', { class: only !== null && taker === only ? 'arrow into' : 'arrow', d: arrow(place(from), place(to), size(from), size(to), [width / 2, height / 2]), 'stroke-width': 0.8 + 9 * Math.sqrt(words / most), 'marker-end': 'url(#tip)' }, svg('title', {}, `${W.cell(outletName(taker), outletName(giver))}: ${counted(words, 'word')}`)));
    }));
    outlets.forEach((outlet, at) => {
      const [x, y, angle] = place(at);
      const out = size(at) + 8;
      const [side, below] = NARROW.matches ? [0, 1] : [Math.cos(angle), Math.sin(angle)];
      const press = () => go('network', [], only === outlet ? {} : { of: outlet });
      const name = short(outletName(outlet), letters);
      const says = (who) => `${who}: ${W.gives} ${counted(gives[at], 'word')}`;
      root.append(svg('g', { class: outlet === only ? 'press node chosen' : 'press node', tabindex: 0, role: 'button', 'aria-pressed': outlet === only ? 'true' : 'false', 'aria-label': says(name), on: pressed(press) },
        svg('title', {}, says(outletName(outlet))), svg('circle', { cx: x, cy: y, r: size(at) }),
        svg('text', { x: x + side * out, y: y + below * out + 4, 'text-anchor': side > 0.3 ? 'start' : side < -0.3 ? 'end' : 'middle', direction: 'ltr' }, name)));
    });
  });
}

/** A curve that bends towards the middle and ends at the rims of its circles. */
function arrow([x1, y1], [x2, y2], r1, r2, [cx, cy]) {
  const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const [dx, dy] = [x2 - x1, y2 - y1];
  const long = Math.hypot(dx, dy) || 1;
  const [bx, by] = [mx + (cx - mx) * 0.35 - (dy / long) * 14, my + (cy - my) * 0.35 + (dx / long) * 14];
  const rim = (x, y, r) => {
    const away = Math.hypot(bx - x, by - y) || 1;
    return `${(x + ((bx - x) * r) / away).toFixed(1)},${(y + ((by - y) * r) / away).toFixed(1)}`;
  };
  return `M${rim(x1, y1, r1)} Q${bx.toFixed(1)},${by.toFixed(1)} ${rim(x2, y2, r2 + 3)}`;
}

function networkTable(fields, outlets, only) {
  const rows = [...fields].filter(([key]) => only === null || Math.floor(key / 1e6) - 1 === only || (key % 1e6) - 1 === only);
  const takerOf = (row) => Math.floor(rows[row][0] / 1e6) - 1;
  const giverOf = (row) => (rows[row][0] % 1e6) - 1;
  return table('network', W.list, [
    { key: 'outlet', label: W.taker, get: (row) => outletName(takerOf(row)) }, { key: 'reuses', label: W.giver, get: (row) => outletName(giverOf(row)) },
    numberColumn('words', W.words, (row) => rows[row][1], '120px'),
  ], rows.map((_, at) => at), { sort: 'words', height: 300, open: (row) => address('outlets', [], { by: 'words', taker: takerOf(row), giver: giverOf(row) }) });
}
