// Tables of any length: only the rows in sight are in the page.
const ROW = 44;
/** On paper nobody scrolls: so many rows are printed, and the downloads have the rest. */
const MOST_PRINTED = 200;

/** How all rows of a kind stand when they are sorted, by table, column and direction: filters only take some of them away. */
const sortings = new Map();
/** By which column a reader sorted a table: it stays so when filters change. */
const orders = new Map();

/** The numbers of `rows` sorted by a column; missing values stand last, equal ones by number. */
function sortedBy(column, descending, rows) {
  const sign = descending ? -1 : 1;
  const values = new Map();
  for (const row of rows) values.set(row, column.get(row));
  const missing = (value) => value === null || value === undefined || value === '';
  return Array.from(rows).sort((x, y) => {
    const [one, two] = [values.get(x), values.get(y)];
    if (missing(one) || missing(two)) return missing(one) - missing(two) || x - y;
    return sign * (typeof one === 'number' ? one - two : one < two ? -1 : one > two ? 1 : 0) || x - y;
  });
}
/** The same for the numbers below `count`, kept for the next time. */
function sortedOnce(name, column, descending, count) {
  const key = `${name} ${column.key} ${descending}`;
  if (!sortings.has(key)) sortings.set(key, Int32Array.from(sortedBy(column, descending, Array.from({ length: count }, (_, at) => at))));
  return sortings.get(key);
}

/**
 * A table. `columns` are { key, label, get(row), show(row), width, num }: `get` gives what sorts and is downloaded, `show` what is seen.
 * `rows` are numbers of things. `open(row)` gives the address that a row leads to. `of` is how many things there are, where `get` says the same of
 * each under every filter: those are sorted once. `empty` is what an empty one says; a column that is no use on paper has `screen`.
 */
function table(name, label, columns, rows, { open, sort, descending = true, height = 560, of = 0, empty = isFiltered() ? W.empty : W.none } = {}) {
  let order = orders.get(name) ?? { key: sort, descending };
  let sorted = rows;
  const grid = columns.map((column) => column.width ?? 'minmax(120px, 1fr)').join(' ');
  const least = columns.reduce((sum, column) => sum + Number(/\d+/.exec(column.width ?? '120')[0]), 0);
  const body = el('div', { role: 'rowgroup', class: 'rows' });
  const heads = columns.map((column) => el('div', { role: 'columnheader', class: look(column) }, button(column.label, () => sortBy(column), { 'aria-label': W.sort_by(column.label) })));
  const head = el('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 }, heads);
  const box = el('div', { role: 'table', class: 'table', 'aria-label': label, 'aria-rowcount': rows.length + 1, vars: { '--grid': grid, '--least': `${least}px` } }, el('div', { role: 'rowgroup' }, head), body);
  const scroller = el('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': `${label}, ${W.scroll_table}`, vars: { 'max-height': `${height}px` }, on: { scroll: () => draw() } }, box);
  let [from, to] = [-1, -1];

  function sortBy(column) {
    order = { key: column.key, descending: order.key === column.key ? !order.descending : Boolean(column.num) };
    orders.set(name, order);
    arrange();
  }
  function arrange() {
    const column = columns.find((candidate) => candidate.key === order.key);
    if (!column) sorted = rows;
    else if (of === 0) sorted = sortedBy(column, order.descending, rows);
    else {
      const isIn = new Uint8Array(of);
      for (const row of rows) isIn[row] = 1;
      sorted = sortedOnce(name, column, order.descending, of).filter((row) => isIn[row]);
    }
    columns.forEach((candidate, at) => heads[at].setAttribute('aria-sort', candidate.key !== order.key ? 'none' : order.descending ? 'descending' : 'ascending'));
    [from, to] = [-1, -1];
    draw();
  }
  function draw(printed = 0) {
    const first = printed ? 0 : Math.max(0, Math.floor(scroller.scrollTop / ROW) - 6);
    const last = Math.min(sorted.length, printed || first + Math.ceil(height / ROW) + 12);
    if (first === from && last === to) return;
    [from, to] = [first, last];
    body.style.setProperty('height', `${Math.max(1, sorted.length) * ROW}px`);
    replace(body, sorted.length === 0 && el('div', { role: 'row', class: 'row' }, el('div', { role: 'cell', class: 'cell', text: empty })), Array.from(sorted.slice(first, last), (row, at) => line(row, first + at)));
  }
  function line(row, at) {
    const cells = columns.map((column, c) => {
      const shown = column.show ? column.show(row) : column.get(row);
      const inner = c === 0 && open ? link(open(row), shown instanceof Node ? shown : bdi(String(shown ?? ''))) : shown instanceof Node ? shown : column.num ? String(shown ?? '') : bdi(String(shown ?? ''));
      return el('div', { role: 'cell', class: look(column) }, inner);
    });
    return el('div', { role: 'row', class: 'row', 'aria-rowindex': at + 2, vars: { top: `${at * ROW}px` } }, cells);
  }
  const tools = el('div', { class: 'tools' }, el('span', { class: 'quiet', text: counted(rows.length, 'row') }),
    button('CSV', () => save(`${name}.csv`, csv(columns, sorted), 'text/csv'), { 'aria-label': `${W.download}: ${label}, CSV` }),
    button('JSON', () => save(`${name}.json`, json(columns, sorted), 'application/json'), { 'aria-label': `${W.download}: ${label}, JSON` }));
  arrange();
  onPrint(() => draw(MOST_PRINTED), () => draw());
  return el('div', { class: 'tablebox' }, scroller, rows.length > MOST_PRINTED && el('p', { class: 'note paper', text: W.printed(number(MOST_PRINTED), counted(rows.length, 'row')) }), tools);
}
const look = (column) => `cell${column.num ? ' num' : ''}${column.screen ? ' screen' : ''}`;

/** Rows as CSV (RFC 4180); text that a spreadsheet would take for a formula gets an apostrophe in front. */
function csv(columns, rows) {
  const field = (value) => {
    let text = String(value ?? '');
    if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns.map((column) => field(column.key)), ...Array.from(rows, (row) => columns.map((column) => field(column.get(row))))].map((line) => `${line.join(',')}\r\n`).join('');
}
function json(columns, rows) {
  return `${JSON.stringify(Array.from(rows, (row) => Object.fromEntries(columns.map((column) => [column.key, column.get(row) ?? null]))), null, 1)}\n`;
}

/** Columns that tables share. */
const outletCell = (article) => el('span', { class: 'outlet' }, bdi(outletOf(article)));
const isoDate = (seconds) => (seconds === null ? null : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'));
const articleColumn = (key, label, of) => ({ key, label, get: (row) => A.id[of(row)], width: 'minmax(200px, 2fr)', show: (row) => el('span', { class: 'two' }, bdi(titleOf(of(row)), { class: 'line' }), el('span', { class: 'quiet line' }, bdi(outletOf(of(row))), ' · ', date(A.date[of(row)]))) });
const dateColumn = (of) => ({ key: 'date', label: W.date, width: '178px', get: (row) => isoDate(A.date[of(row)]), show: (row) => date(A.date[of(row)]) });
const shareColumn = (key, label, of) => ({ key, label, num: true, width: '104px', get: of, show: (row) => (of(row) === null ? '' : percent(of(row))) });
const numberColumn = (key, label, of, width = '102px') => ({ key, label, num: true, width, get: of, show: (row) => (of(row) === null ? '' : number(of(row))) });
const ruleColumn = (of) => ({ key: 'rule', label: W.rule, width: '156px', get: of, show: (row) => el('span', { class: `tag ${of(row)}`, text: rule(of(row)) }) });
