// Drives reports in a real browser: every view opens, filters filter, links lead where they say, nothing is asked of a network, nothing is said
// on the console, and axe finds no violation. usage: node run.mjs REFRAIN PROJECT_FOLDER MODULES_FOLDER [CHROMIUM]
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import assert from 'node:assert/strict';
import { CORPORA, SCRIPT } from './corpora.mjs';

const [refrain, project, modules, chromium = '/usr/bin/chromium'] = process.argv.slice(2);
const require = createRequire(join(modules, 'package.json'));
const { chromium: driver } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'refrain-browser-'));
const VIEWS = ['summary', 'outlets', 'network', 'time', 'stories', 'repetition', 'tables', 'tables/sources', 'tables/articles', 'tables/stories', 'tables/repetition', 'tables/boilerplate'];

const browser = await driver.launch({ executablePath: chromium, args: ['--no-sandbox'] });
let failed = 0;
async function check(name, test) {
  try {
    await test();
    console.log(`ok    ${name}`);
  } catch (error) {
    failed++;
    console.log(`SHORT ${name}: ${error.message.split('\n').slice(0, 12).join('\n      ')}`);
  }
}

function report(name, input, ...flags) {
  const out = join(folder, `${name}.html`);
  execFileSync(refrain, ['report', input, '-o', out, '--quiet', ...flags], { cwd: project });
  return out;
}

/** A page of its own that notes what it should not do. */
async function opened(file, { width = 1440, scheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, acceptDownloads: true, bypassCSP: false });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => wrong.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('request', (request) => /^(file|data|blob):/.test(request.url()) || wrong.push(`request: ${request.url()}`));
  await page.goto(`file://${file}`);
  await page.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 30000 });
  const go = async (hash) => {
    const before = await page.evaluate(() => document.documentElement.dataset.ready);
    await page.evaluate((to) => (location.hash = to), hash);
    await page.waitForFunction((ready) => document.documentElement.dataset.ready !== ready, before, { timeout: 30000 });
  };
  const close = async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  };
  return { page, go, close };
}

/** Axe runs in the page's isolated tools, where the page's policy does not reach; it sees the same document. */
async function violations(page) {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  await session.send('Runtime.evaluate', { expression: axe, contextId });
  const expression = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }).then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140) + ' ' + (n.any[0]?.message ?? ''))])))";
  const { result } = await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true });
  return JSON.parse(result.value);
}
const firstLinks = (page) => page.evaluate(() => [...document.querySelectorAll('main a[href^="#/"]')].slice(0, 40).map((a) => a.getAttribute('href')));

async function everyView(file, options, { axes = true } = {}) {
  const { page, go, close } = await opened(file, options);
  const links = new Set();
  for (const view of VIEWS) {
    await go(`#/${view}?t=${links.size}`);
    assert.ok((await page.locator('main h1').count()) === 1, `${view} has one heading`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${view} is no wider than the screen`);
    if (axes) assert.deepEqual(await violations(page), [], view);
    for (const href of await firstLinks(page)) links.add(href);
  }
  const kinds = new Map();
  for (const href of links) {
    const kind = href.split(/[/?]/)[1];
    if ((kinds.get(kind) ?? 0) >= 3) continue;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    await go(`${href}${href.includes('?') ? '&' : '?'}t=1`);
    const text = await page.locator('main').innerText();
    assert.ok(!/nothing under this address|لا توجد صفحة بهذا الرابط/.test(text), href);
    if (axes) assert.deepEqual(await violations(page), [], href);
  }
  assert.equal(await page.evaluate(() => window.broken), undefined);
  await close();
}

await check('both languages have every word that the script asks for', () => {
  const home = join(project, 'crates/report/src/report/html');
  const read = (file) => readFileSync(join(home, file), 'utf8');
  const [english, arabic] = new Function(`${read('words-en.js')}${read('words-ar.js')}return [WORDS_EN, WORDS_AR];`)();
  const keys = (words) => [...Object.keys(words), ...Object.keys(words.n).map((key) => `n.${key}`), ...Object.keys(words.rules).map((key) => `rules.${key}`)].sort();
  assert.deepEqual(keys(arabic), keys(english));
  for (const key of Object.keys(english)) assert.equal(typeof arabic[key], typeof english[key], key);
  for (const file of readdirSync(home).filter((name) => name.endsWith('.js'))) for (const [, key] of read(file).matchAll(/\bW\.(\w+)/g)) assert.ok(key in english, `${file}: W.${key}`);
  for (const file of readdirSync(home).filter((name) => name.endsWith('.js'))) for (const [, key] of read(file).matchAll(/counted\([^;]*?, '(\w+)'\)/g)) assert.ok(key in english.n, `${file}: ${key}`);
});
const corpus = { en: report('corpus-en', 'corpus'), ar: report('corpus-ar', 'corpus', '--lang', 'ar') };
await check('every view, English, wide and light', () => everyView(corpus.en, {}));
await check('every view, Arabic, narrow and dark', () => everyView(corpus.ar, { width: 390, scheme: 'dark' }));
await check('every view, English, narrow and dark', () => everyView(corpus.en, { width: 390, scheme: 'dark' }));
await check('every view, Arabic, wide and light', () => everyView(corpus.ar, {}));
for (const [name, articles] of Object.entries(CORPORA)) {
  const input = join(folder, `${name}.jsonl`);
  writeFileSync(input, articles);
  // Markup in their texts is what is tested, so that it is not read as HTML.
  const file = report(name, input, '--min-words', '25', '--html-fields', 'no');
  await check(`every view of ${name}`, () => everyView(file, {}));
}
const tools = { opened, report, corpus, refrain: resolve(refrain), project, folder, hostile: join(folder, 'hostile.html'), parted: join(folder, 'parted.html'), SCRIPT, assert };
for (const file of ['./views.mjs', './fold.mjs', './speed.mjs']) {
  const { tests } = await import(file);
  for (const [name, test] of Object.entries(tests(tools))) await check(name, test);
}

await browser.close();
rmSync(folder, { recursive: true });
process.exit(failed ? 1 : 0);
