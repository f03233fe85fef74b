'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const cases = data.cases;
const key = (one) => [one.stratum, one.doc, one.copy, one.score, (one.text.marked || []).join('-')].join('\u0000');
const storage = 'refrain-review ' + data.name;
const answers = [['right', '1', 'Right'], ['wrong', '2', 'Wrong'], ['unsure', '3', 'Unsure']];
// Longer texts are shown without marks on their words.
const mostWords = 1500;
let labels = {};
try { labels = JSON.parse(localStorage.getItem(storage) || '{}'); } catch { /* No storage: labels last as long as the page. */ }
let at = Math.max(0, cases.findIndex((one) => !labels[key(one)]));

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

function words(text) {
  return text.match(/[\p{L}\p{N}\p{M}]+|[^\p{L}\p{N}\p{M}]+/gu) || [];
}

const isWord = (part) => /[\p{L}\p{N}]/u.test(part);
const plain = (part) => part.normalize('NFKD').replace(/\p{M}|\u0640/gu, '').toLowerCase();

// Positions of the words of `a` that a longest common subsequence with `b` leaves out.
function differing(a, b) {
  const [x, y] = [a, b].map((parts) => parts.map((part, at) => [at, part]).filter(([, part]) => isWord(part)).map(([at, part]) => [at, plain(part)]));
  if (x.length > mostWords || y.length > mostWords) return new Set();
  const width = y.length + 1;
  const lengths = new Uint16Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = y.length - 1; j >= 0; j--) {
      lengths[i * width + j] = x[i][1] === y[j][1] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const left = new Set(x.map(([at]) => at));
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    if (x[i][1] === y[j][1]) { left.delete(x[i][0]); i++; j++; }
    else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i++;
    else j++;
  }
  return left;
}

function shown(text, other) {
  const box = element('div', { class: 'text', dir: 'auto', tabindex: '0' });
  const own = words(text);
  const different = other === null ? new Set() : differing(own, words(other));
  own.forEach((part, at) => box.append(different.has(at) ? element('span', { class: 'differs' }, part) : part));
  return box;
}

function marked({ text, marked }) {
  const chars = Array.from(text);
  const part = (from, to) => chars.slice(from, to).join('');
  return element('div', { class: 'text', dir: 'auto', tabindex: '0' }, part(0, marked[0]), element('mark', {}, part(marked[0], marked[1])), part(marked[1]));
}

function section(title, text, other) {
  const body = text.marked ? marked(text) : shown(text.text, other ? other.text : null);
  return element('section', {}, element('h2', { dir: 'auto' }, title), body);
}

function fact(name, value) {
  return element('div', {}, element('dt', {}, name), element('dd', { dir: 'auto' }, value));
}

const number = (value) => String(Math.round(value * 1000) / 1000);

function show() {
  const one = cases[at];
  const box = document.getElementById('case');
  box.replaceChildren();
  const count = cases.filter((other) => labels[key(other)]).length;
  document.getElementById('place').textContent = cases.length ? `${at + 1} of ${cases.length}, ${count} labelled` : 'no decisions';
  document.getElementById('about').textContent = `${data.name}. Is the decision right? Keys 1, 2, 3; arrows go back and forth.`;
  document.getElementById('back').disabled = at === 0;
  document.getElementById('next').disabled = at + 1 >= cases.length;
  document.getElementById('save').disabled = count === 0;
  if (!one) return;
  const isKept = one.stratum.startsWith('kept:');
  const rule = isKept ? one.stratum.slice(5) : one.stratum;
  const what = isKept ? 'Both are kept, because each states a fact that the other does not' : one.text.marked ? 'The marked part is removed' : 'The article is removed';
  const facts = element('dl', {}, fact('Decision', what), fact('Rule', rule));
  if (!one.text.marked) facts.append(fact('Score', `${number(one.score)} (threshold ${number(one.threshold)})`));
  const buttons = answers.map(([label, digit, name]) => {
    const button = element('button', { type: 'button', 'aria-pressed': String(labels[key(one)] === label) }, `${name} (${digit})`);
    button.addEventListener('click', () => answer(label));
    return button;
  });
  const texts = element('div', { class: 'texts' }, section(isKept ? one.doc : `Removed: ${one.doc}`, one.text, one.other));
  if (one.other) texts.append(section(isKept ? one.copy : `Kept: ${one.copy}`, one.other, one.text));
  box.append(facts, element('div', { class: 'answers', role: 'group', 'aria-label': 'Judgement' }, ...buttons), texts);
}

function answer(label) {
  const one = cases[at];
  if (!one) return;
  labels[key(one)] = label;
  try { localStorage.setItem(storage, JSON.stringify(labels)); } catch { /* As above. */ }
  if (at + 1 < cases.length) at++;
  show();
}

function go(by) {
  at = Math.min(Math.max(at + by, 0), Math.max(cases.length - 1, 0));
  show();
}

function save() {
  const lines = cases.filter((one) => labels[key(one)]).map((one) => {
    const { stratum, doc, copy, score, threshold } = one;
    return JSON.stringify({ type: 'review', stratum, doc, copy, score, threshold, label: labels[key(one)] }) + '\n';
  });
  const address = URL.createObjectURL(new Blob(lines, { type: 'application/x-ndjson' }));
  const link = element('a', { href: address, download: 'review.jsonl' });
  link.click();
  URL.revokeObjectURL(address);
}

document.getElementById('back').addEventListener('click', () => go(-1));
document.getElementById('next').addEventListener('click', () => go(1));
document.getElementById('save').addEventListener('click', save);
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const found = answers.find(([, digit]) => digit === event.key);
  if (found) answer(found[0]);
  else if (event.key === 'ArrowRight') go(1);
  else if (event.key === 'ArrowLeft') go(-1);
});
show();
})();
