// Elements, words, numbers and dates. Text goes into the page as text nodes alone.
const byId = (id) => document.getElementById(id);

/** An element; `props` are attributes, but `on` holds listeners, `text` its text and `class` its classes. */
function el(name, props = {}, ...children) {
  return fill(document.createElement(name), props, children);
}
/** The same for pictures. */
function svg(name, props = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), props, children);
}
function fill(node, props, children) {
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'on') for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (key === 'text') node.textContent = value;
    else if (key === 'vars') for (const [name, set] of Object.entries(value)) node.style.setProperty(name, set);
    else node.setAttribute(key, value === true ? '' : value);
  }
  add(node, children);
  return node;
}
function add(node, children) {
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) node.append(child);
}
function replace(node, ...children) {
  node.replaceChildren();
  add(node, children);
}

let W = WORDS_EN;
let LANG = 'en';
let numbers, exact, shares, plurals, dates, times, days;
function setLanguage(lang) {
  LANG = lang;
  W = lang === 'ar' ? WORDS_AR : WORDS_EN;
  const tag = lang === 'ar' ? 'ar-u-nu-latn-ca-gregory' : 'en-GB';
  numbers = new Intl.NumberFormat(tag, { maximumFractionDigits: 2 });
  exact = new Intl.NumberFormat(tag, { maximumFractionDigits: 3 });
  shares = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 });
  plurals = new Intl.PluralRules(tag);
  // The month as a word: by numbers alone, day and month are told apart by where one lives.
  const day = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' };
  dates = new Intl.DateTimeFormat(tag, day);
  times = new Intl.DateTimeFormat(tag, { ...day, hour: lang === 'ar' ? 'numeric' : '2-digit', minute: '2-digit' });
  days = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', timeZone: 'UTC' });
}
const number = (value) => numbers.format(value);
/** Never all for less than all, nor nothing for something. */
function percent(share) {
  if (share > 0 && share < 0.001) return `< ${shares.format(0.001)}`;
  return shares.format(share >= 1 ? 1 : Math.floor(share * 1000) / 1000);
}
const counted = (value, what) => W.n[what][plurals.select(value)]?.replace('{n}', number(value)) ?? W.n[what].other.replace('{n}', number(value));
/** The noun alone, as it stands after the number; null where the language puts none there. */
const noun = (value, what) => (/^\{n\} (.+)/.exec(W.n[what][plurals.select(value)] ?? W.n[what].other)?.[1] ?? null);
const rule = (name) => W.rules[name] ?? name;
const date = (seconds) => (seconds === null || seconds === undefined ? W.undated : (seconds % 86400 === 0 ? dates : times).format(seconds * 1000));
const dayOf = (seconds) => dates.format(seconds * 1000);
const isoDay = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
function duration(seconds) {
  if (seconds < 60) return W.same_time;
  if (seconds < 3600) return counted(Math.round(seconds / 60), 'minute');
  if (seconds < 172800) return counted(Math.round(seconds / 3600), 'hour');
  return counted(Math.round(seconds / 86400), 'day');
}

/** How long after something else. */
const later = (seconds) => (seconds < 60 ? W.same_time : W.after(duration(seconds)));

/** The page's own words inside a picture, whose lines run from left to right. */
const isolated = (text) => (LANG === 'ar' ? `\u2067${text}\u2069` : text);

/** Text from the input, in an isolate of its own. */
const bdi = (text, props = {}) => el('bdi', { dir: 'auto', ...props, text });
/** A link to a view, which keeps the filters. */
const link = (to, children, props = {}) => el('a', { href: to, ...props }, children);
const button = (label, press, props = {}) => el('button', { type: 'button', on: { click: press }, ...props }, label);
function say(message) {
  byId('say').textContent = message;
}
function section(title, note, ...children) {
  return el('section', {}, el('h2', { text: title }), note && el('p', { class: 'note', text: note }), children);
}
function save(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
/** A key and its value, in a list of such. */
const fact = (key, value) => [el('dt', {}, key), el('dd', {}, value)];

/** Whether the screen is a phone's: pictures are drawn for it, with the same letters on half the width. */
const NARROW = matchMedia('(max-width: 640px)');
const pictureWidth = () => (NARROW.matches ? 430 : 860);
/** A name for a picture, whose text does not break: cut after `most` characters, in an isolate of its own. */
function short(name, most) {
  const characters = [...name];
  return `\u2068${characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : name}\u2069`;
}
const pen = document.createElement('canvas').getContext('2d');
/** Width of a text in a picture, in units of the picture, in its largest letters and the fonts of this machine. */
function textWidth(text, size = NARROW.matches ? 14 : 10.5) {
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}
/** A name for a picture, shortened until it is at most `room` wide. */
function fitted(name, room) {
  let most = [...name].length;
  while (most > 2 && textWidth(short(name, most)) > room) most--;
  return short(name, most);
}
