// Addresses and views. An address is #/view/argument...?filter&own: a link to it opens the same view with the same filters.
const VIEWS = { verdict: viewVerdict, outlets: viewOutlets, network: viewNetwork, time: viewTime, stories: viewStories, story: viewStory, article: viewArticle, pair: viewPair, repetition: viewRepetition, tables: viewTables };
const NAVIGATION = ['verdict', 'outlets', 'time', 'stories', 'repetition', 'tables'];
const UNDER = { network: 'outlets', story: 'stories', article: 'tables', pair: 'tables' };
let route = { view: 'verdict', args: [], own: {} };
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
  return { view: Object.hasOwn(VIEWS, view) ? view : 'verdict', args: args.filter((part) => part !== ''), own, query: all };
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
  const main = byId('main');
  main.className = `view-${route.view}`;
  await VIEWS[route.view](main, route.args, route.own, () => turn === mine);
  if (turn !== mine) return;
  const heading = main.querySelector('h1');
  document.title = heading && route.view !== 'verdict' ? `${heading.textContent} – ${W.title}` : W.title;
  if (moves) {
    main.focus({ preventScroll: true });
    if (route.own.taker === undefined) scrollTo(0, 0);
  }
  document.documentElement.dataset.ready = String(mine);
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
  replace(byId('top'), el('div', { class: 'masthead' }, link('#/verdict', W.title, { class: 'brand' }),
    el('nav', { 'aria-label': W.views }, NAVIGATION.map((view) => link(address(view), W[view], { id: `nav-${view}` }))),
    el('div', { class: 'switches' }, button('◐', () => theme(isDark() ? 'light' : 'dark'), { id: 'theme', 'aria-label': W.theme, title: W.theme }), button(W.print, () => window.print(), { id: 'print' }))), filterBar());
  replace(byId('foot'), el('p', { class: 'quiet', text: W.made_by(D.version) }));
  addEventListener('hashchange', () => open(true));
  open(false);
}
start().catch((error) => {
  byId('main').textContent = String(error);
  throw error;
});
