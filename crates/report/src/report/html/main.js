// Addresses and views. An address is #/view/argument...?filter&own: a link to it opens the same view with the same filters.
const VIEWS = { summary: viewSummary, outlets: viewOutlets, network: viewNetwork, time: viewTime, stories: viewStories, story: viewStory, article: viewArticle, pair: viewPair, repetition: viewRepetition, tables: viewTables };
const NAVIGATION = ['summary', 'outlets', 'time', 'stories', 'repetition', 'tables'];
const UNDER = { network: 'outlets', story: 'stories', article: 'tables', pair: 'tables' };
let route = { view: 'summary', args: [], own: {} };
let leave = [];
let turn = 0;

/** The address of a view; `own` is what it alone knows, `filter` changes the filters. */
function address(view, args = [], own = {}, filter = {}) {
  const before = F;
  F = { ...F, ...filter };
  const query = new URLSearchParams(writeFilter());
  F = before;
  for (const [key, value] of Object.entries(own)) query.set(key, value);
  const text = query.toString();
  return `#/${[view, ...args].map((part) => encodeURIComponent(part)).join('/')}${text ? `?${text}` : ''}`;
}
function go(view, args, own) {
  location.hash = address(view, args, own);
}
/** What is done before the page is printed, and after, until the view is left. */
function onPrint(before, after = () => {}) {
  addEventListener('beforeprint', before);
  addEventListener('afterprint', after);
  leave.push(() => (removeEventListener('beforeprint', before), removeEventListener('afterprint', after)));
}
/** The width of a sheet, in pixels of the page, with usual margins: A4's, which is the narrower of the two in use. */
const PAPER = 680;

/** For an address that leads nowhere. */
const notFound = (main) => replace(main, el('h1', { text: W.not_found }), el('p', {}, link(address('summary'), W.summary)));

function parse(hash) {
  const [path, query] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const decode = (part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  };
  const [view, ...args] = path.split('/').map(decode);
  const all = new URLSearchParams(query ?? '');
  const own = Object.fromEntries([...all].filter(([key]) => !(key in NO_FILTER)));
  return { view: Object.hasOwn(VIEWS, view) ? view : 'summary', args: args.filter((part) => part !== ''), own, query: all };
}

function open(moves) {
  route = parse(location.hash);
  readFilter(route.query);
  refilter(moves);
}
function refilter(moves = false) {
  applyFilter();
  showFilter();
  show(moves);
}

async function show(moves) {
  const mine = ++turn;
  leave.splice(0).forEach((last) => last());
  const active = UNDER[route.view] ?? route.view;
  for (const view of NAVIGATION) {
    const node = byId(`nav-${view}`);
    node.href = address(view);
    if (view === active) node.setAttribute('aria-current', 'page');
    else node.removeAttribute('aria-current');
  }
  if (!byId(`nav-${active}`).dataset.seen) intoSight(active);
  const main = byId('main');
  main.className = `view-${route.view}`;
  await VIEWS[route.view](main, route.args, route.own, () => turn === mine);
  if (turn !== mine) return;
  const heading = main.querySelector('h1');
  document.title = heading && route.view !== 'summary' ? `${heading.textContent} – ${W.title}` : W.title;
  if (moves) {
    main.focus({ preventScroll: true });
    if (route.own.taker === undefined) scrollTo(0, 0);
  }
  document.documentElement.dataset.ready = String(mine);
}

/** On a narrow screen the row of views is longer than the screen. */
function intoSight(active) {
  for (const view of NAVIGATION) delete byId(`nav-${view}`).dataset.seen;
  const node = byId(`nav-${active}`);
  node.dataset.seen = 'yes';
  const [place, row] = [node.getBoundingClientRect(), node.parentElement.getBoundingClientRect()];
  node.parentElement.scrollLeft += place.left + place.width / 2 - (row.left + row.width / 2);
}

function theme(change) {
  const key = 'refrain-theme';
  const root = document.documentElement;
  try {
    root.dataset.theme = change ?? localStorage.getItem(key) ?? '';
    if (change !== undefined) localStorage.setItem(key, change);
  } catch {
    root.dataset.theme = change ?? '';
  }
}
const isDark = () => document.documentElement.dataset.theme === 'dark' || (document.documentElement.dataset.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);

async function start() {
  theme();
  await load();
  const main = byId('main');
  const skip = byId('skip');
  skip.textContent = W.skip;
  skip.addEventListener('click', (event) => (event.preventDefault(), main.focus()));
  replace(byId('top'), el('div', { class: 'masthead' }, link('#/summary', W.title, { class: 'brand' }),
    el('nav', { 'aria-label': W.views }, NAVIGATION.map((view) => link(address(view), W[view], { id: `nav-${view}` }))),
    el('div', { class: 'switches' }, button('◐', () => theme(isDark() ? 'light' : 'dark'), { id: 'theme', 'aria-label': W.theme, title: W.theme }), button(W.print, () => window.print(), { id: 'print' }))), filterBar());
  replace(byId('foot'), el('p', { class: 'quiet', text: W.made_by(D.version) }));
  addEventListener('hashchange', () => open(true));
  NARROW.addEventListener('change', () => matchMedia('print').matches || refilter());
  open(false);
  idle(rehearse);
}
const idle = (task) => (window.requestIdleCallback ?? setTimeout)(task);
/** What the first move of a filter would wait for: the browser makes the loops fast that have run, and titles are put in lower case for the search. */
function rehearse() {
  const tasks = [{ similarity: 0.5 }, { words: 50 }, { from: '1970-01-01' }, { q: '\u0000' }, {}];
  const next = () => {
    const [before, passed] = [F, { ...pass }];
    F = { ...F, ...tasks.shift() };
    applyFilter();
    F = before;
    Object.assign(pass, passed);
    if (tasks.length > 0) idle(next);
  };
  next();
}
start().catch((error) => {
  byId('main').textContent = String(error);
  throw error;
});
