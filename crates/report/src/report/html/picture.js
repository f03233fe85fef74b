// Pictures: a frame with a name, downloads as SVG and PNG, axes, bars.

/** A picture in its frame. `view` is [width, height]; `draw` fills it. */
function picture(name, label, [width, height], draw) {
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': label, class: 'picture', xmlns: 'http://www.w3.org/2000/svg' });
  draw(root);
  const tools = el('div', { class: 'tools' }, button('SVG', () => saveSvg(name, root), { 'aria-label': `${W.download}: ${label}, SVG` }), button('PNG', () => savePng(name, root, width, height), { 'aria-label': `${W.download}: ${label}, PNG` }));
  return el('figure', { class: 'frame' }, el('div', { class: 'pan', tabindex: 0, role: 'region', 'aria-label': label }, root), tools);
}

const LOOKS = ['fill', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'fill-opacity', 'opacity', 'font-size', 'font-family', 'font-weight', 'text-anchor', 'dominant-baseline', 'direction', 'paint-order'];
/** The picture with the looks that the page gives it, as a file of its own. */
function alone(root) {
  const copy = root.cloneNode(true);
  const [from, to] = [[root, ...root.querySelectorAll('*')], [copy, ...copy.querySelectorAll('*')]];
  from.forEach((node, at) => {
    const looks = getComputedStyle(node);
    for (const look of LOOKS) if (looks.getPropertyValue(look)) to[at].setAttribute(look, looks.getPropertyValue(look));
    for (const gone of ['class', 'tabindex', 'role', 'style']) to[at].removeAttribute(gone);
  });
  const [, , width, height] = root.getAttribute('viewBox').split(' ');
  copy.setAttribute('width', width);
  copy.setAttribute('height', height);
  copy.prepend(svg('rect', { width, height, fill: getComputedStyle(document.body).backgroundColor }));
  return new XMLSerializer().serializeToString(copy);
}
function saveSvg(name, root) {
  save(`${name}.svg`, alone(root), 'image/svg+xml');
}
function savePng(name, root, width, height) {
  const url = URL.createObjectURL(new Blob([alone(root)], { type: 'image/svg+xml' }));
  const image = new Image();
  image.addEventListener('load', () => {
    const scale = Math.min(2, 8000 / Math.max(width, height));
    const canvas = el('canvas', { width: Math.round(width * scale), height: Math.round(height * scale) });
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && save(`${name}.png`, blob));
    URL.revokeObjectURL(url);
  });
  image.src = url;
}

/** Round steps from 0 to at least `most`. */
function steps(most, wanted = 4) {
  const raw = Math.max(most, 1) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, [1, 2, 5, 10].map((times) => times * power).find((candidate) => candidate >= raw));
  const list = [];
  for (let at = 0; at <= most + step * 0.999; at += step) list.push(at);
  return list;
}

/** Stacked bars: `bars` are { label, hint, parts: [numbers], press }; classes colour the parts. Labels that do not fit side by side are tilted. */
function barPicture(name, label, bars, classes, { height: above = 220, every = 1 } = {}) {
  const [left, right, top, width] = [56, 8, 10, pictureWidth()];
  const most = Math.max(1, ...bars.map((bar) => bar.parts.reduce((x, y) => x + y, 0)));
  const marks = steps(most);
  const top_value = marks.at(-1);
  const room = (width - left - right) / Math.max(1, bars.length);
  const longest = 4 + Math.max(0, ...bars.filter((_, at) => at % every === 0).map((bar) => textWidth(bar.label)));
  const isTilted = longest > room * every;
  const height = above + (isTilted ? 0.85 * longest : 0);
  const bottom = height - above + 26;
  const y = (value) => top + (height - top - bottom) * (1 - value / top_value);
  return picture(name, label, [width, height], (root) => {
    for (const mark of marks) root.append(svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(mark), y2: y(mark) }), svg('text', { class: 'tick', x: left - 6, y: y(mark) + 4, 'text-anchor': 'end', direction: 'ltr' }, number(mark)));
    bars.forEach((bar, at) => {
      const x = left + at * room;
      const group = svg('g', bar.press ? { tabindex: 0, role: 'button', 'aria-label': bar.hint, class: 'press', on: pressed(bar.press) } : { role: 'img', 'aria-label': bar.hint });
      let base = 0;
      bar.parts.forEach((part, index) => {
        if (part > 0) group.append(svg('rect', { class: classes[index], x: x + room * 0.1, width: Math.max(room * 0.8, 0.5), y: y(base + part), height: y(base) - y(base + part) }));
        base += part;
      });
      group.append(svg('rect', { class: 'hit', x, y: top, width: room, height: height - top - bottom }), svg('title', {}, bar.hint));
      root.append(group);
      const foot = [x + room / 2, height - bottom + 18];
      if (at % every === 0) root.append(svg('text', { class: 'tick', x: foot[0], y: foot[1], ...(isTilted ? { 'text-anchor': 'end', transform: `rotate(-55 ${foot.join(' ')})` } : { 'text-anchor': 'middle' }) }, isolated(bar.label)));
    });
  });
}
/** Listeners for what is pressed by pointer or key. */
const pressed = (press) => ({ click: press, keydown: (event) => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), press()) });

/** Squares of colour and what they mean. */
const legend = (entries) => el('ul', { class: 'legend', 'aria-label': W.legend }, entries.map(([look, label]) => el('li', {}, el('span', { class: `swatch ${look}` }), label)));

/** A line of shares that make a whole: [class, share, label]. */
function shareBar(parts, label) {
  return el('div', { class: 'sharebar', role: 'img', 'aria-label': `${label}: ${parts.map(([, share, what]) => `${what} ${percent(share)}`).join(', ')}` },
    parts.filter(([, share]) => share > 0).map(([look, share, what]) => el('span', { class: look, title: `${what} ${percent(share)}`, vars: { 'flex-grow': share } })));
}
