// What single views do.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
export const tests = ({ opened, corpus, hostile, parted, refrain, project, folder, SCRIPT, assert }) => ({
  'the matrix adds up to the words of the summary': async () => {
    const { page, go, close } = await opened(corpus.en);
    const number = (text) => Number(text.replace(/[^\d]/g, ''));
    const words = number(await page.locator('.tile', { hasText: 'of all words copied' }).locator('.quiet').innerText());
    await go('#/outlets?by=words');
    const fields = await page.locator('td.field button').allInnerTexts();
    assert.equal(fields.map(number).reduce((x, y) => x + y, 0), words);
    await page.locator('td.field button').first().click();
    await page.waitForSelector('#behind .row .cell a');
    const rows = await page.locator('#behind .rows .row').evaluateAll((list) => list.map((row) => row.children[2].textContent));
    assert.equal(rows.map(number).reduce((x, y) => x + y, 0), number(fields[0]));
    await close();
  },
  'filters filter, stand in the address, and go': async () => {
    const { page, go, close } = await opened(corpus.en);
    await go('#/tables/pairs');
    const rows = async () => Number(await page.locator('.table').getAttribute('aria-rowcount')) - 1;
    const settled = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const all = await rows();
    const cases = { rule: 'template', words: '100', q: 'Cable', outlet: '0', from: '2025-05-01', to: '2025-02-01', similarity: '100' };
    for (const [key, value] of Object.entries(cases)) {
      const input = page.locator(`#f-${key}`);
      if (['rule', 'outlet'].includes(key)) await input.selectOption(value);
      else await input.fill(value);
      await settled();
      const some = await rows();
      assert.ok(some < all, `${key}: ${some} of ${all}`);
      assert.ok((await page.evaluate(() => location.hash)).includes(`${key}=`), key);
      const address = await page.evaluate(() => location.hash);
      await go(address.replace('pairs', 'sources'));
      await go(address);
      assert.equal(await rows(), some, `${key} by address`);
      await page.locator('#f-reset').click();
      await settled();
      assert.equal(await rows(), all, `${key} undone`);
    }
    await close();
  },
  'two articles: keys, ribbons, differences, citation': async () => {
    const { page, go, close } = await opened(corpus.en);
    await go('#/pair/marsa-3320/nawras-0440?passage=1');
    assert.equal(await page.locator('.pane').count(), 2);
    assert.ok((await page.locator('.ribbon').count()) >= 1);
    assert.ok((await page.locator('.changed').count()) >= 2);
    const [a, b] = await Promise.all([0, 1].map((s) => page.locator('.pane').nth(s).evaluate((pane) => getComputedStyle(pane.firstChild).direction)));
    assert.deepEqual([a, b], ['rtl', 'rtl']);
    await page.keyboard.press('n');
    await page.locator('button', { hasText: 'Copy citation' }).last().click();
    await page.waitForFunction(() => document.getElementById('say').textContent === 'Citation copied');
    await go('#/pair/marsa-3320/sanabil-1155');
    assert.ok((await page.locator('.respelled').count()) >= 5, 'respelled');
    await close();
  },
  'on a narrow screen passages are joined by their numbers': async () => {
    for (const file of [corpus.en, corpus.ar]) {
      const { page, go, close } = await opened(file, { width: 390 });
      await go('#/pair/marsa-3320/sanabil-1155');
      const count = await page.locator('#place').innerText();
      const passages = Number(count.split('/')[1]);
      assert.equal(await page.locator('.ribbons text.plate').count(), Math.min(passages, 12));
      const [one, map, two] = await Promise.all(['.pane >> nth=0', '.ribbons', '.pane >> nth=1'].map((look) => page.locator(look).boundingBox()));
      assert.ok(one.y + one.height <= map.y && map.y + map.height <= two.y && map.width > 300, 'it stands between the texts');
      assert.equal(await page.locator('.ribbon.current').count(), 1);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await close();
    }
  },
  'hostile texts are shown as text': async () => {
    const { page, go, close } = await opened(hostile);
    await go(`#/article/${encodeURIComponent('<b>&"\'/#?%2f')}`);
    assert.ok((await page.locator('.text').innerText()).includes(SCRIPT));
    assert.ok((await page.locator('h1').innerText()).includes('</script>'));
    assert.equal(await page.locator('main script, main img, main b').count(), 0);
    assert.equal(await page.locator('main a[href^="javascript"]').count(), 0);
    await go('#/article/huge');
    assert.ok((await page.locator('.text').innerText()).length > 900000);
    await go(`#/pair/${encodeURIComponent('<b>&"\'/#?%2f')}/b`);
    const marks = await page.locator('mark.passage').allInnerTexts();
    assert.ok(marks.every((text) => text.includes('wave0 ') && text.includes('wave69')), 'offsets are code points');
    assert.equal(await page.evaluate(() => window.broken), undefined);
    await close();
  },
  'downloads have the filtered rows; pictures come as SVG and PNG': async () => {
    const { page, go, close } = await opened(corpus.en);
    await go('#/tables/pairs?rule=template');
    const rows = Number(await page.locator('.table').getAttribute('aria-rowcount')) - 1;
    const fetched = async (locator) => {
      const [download] = await Promise.all([page.waitForEvent('download'), locator.click()]);
      const chunks = [];
      for await (const chunk of await download.createReadStream()) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    };
    assert.equal((await fetched(page.locator('button', { hasText: 'CSV' }))).trim().split('\r\n').length, rows + 1);
    assert.equal(JSON.parse(await fetched(page.locator('button', { hasText: 'JSON' }))).length, rows);
    await go('#/network');
    const svg = await fetched(page.locator('button', { hasText: 'SVG' }));
    assert.ok(svg.startsWith('<svg') && svg.includes('paint-order="stroke'), 'its names are painted over their rims');
    assert.ok((await fetched(page.locator('button', { hasText: 'PNG' }))).includes('PNG'));
    await close();
  },
  'sorting, the switch of light and dark, the skip link': async () => {
    const { page, go, close } = await opened(corpus.en);
    await go('#/tables/articles');
    const first = () => page.locator('.rows .row').first().innerText();
    const before = await first();
    await page.locator('[role=columnheader] button').first().click();
    assert.notEqual(await first(), before);
    assert.equal(await page.locator('[role=columnheader]').first().getAttribute('aria-sort'), 'ascending');
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.locator('#theme').click();
    assert.notEqual(await paper(), light);
    await page.locator('#skip').focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    await close();
  },
  'pictures are whole on a phone, and no name in them is cut': async () => {
    for (const file of [corpus.en, corpus.ar, hostile, parted]) {
      for (const width of [390, 1440]) {
        const { page, go, close } = await opened(file, { width });
        for (const view of ['summary', 'network', 'time', 'story/1']) {
          await go(`#/${view}?t=${width}`);
          const cut = await page.evaluate(() => [...document.querySelectorAll('.picture')].flatMap((picture) => {
            const [box, pan] = [picture.getBoundingClientRect(), picture.parentElement];
            const beyond = [...picture.querySelectorAll('text')].filter((text) => text.getBoundingClientRect().left < box.left - 1 || text.getBoundingClientRect().right > box.right + 1 || text.getBoundingClientRect().bottom > box.bottom + 1);
            return [...(pan.scrollWidth > pan.clientWidth + 1 ? ['scrolls'] : []), ...beyond.map((text) => text.textContent)];
          }));
          assert.deepEqual(cut, [], `${view} at ${width}`);
        }
        await close();
      }
    }
  },
  'an outlet of the network is chosen and let go, whatever the filters': async () => {
    const { page, go, close } = await opened(corpus.en);
    await go('#/network');
    const chosen = page.locator('.node.chosen');
    assert.equal(await chosen.count(), 0);
    await page.locator('.node').first().click();
    await chosen.waitFor();
    assert.equal(await page.locator('#f-outlet').inputValue(), '');
    assert.ok((await page.locator('.arrow').count()) > 0);
    await chosen.click();
    await page.waitForFunction(() => document.querySelectorAll('.node.chosen').length === 0);
    await close();
  },
  'who has the same date is not called first, and an empty view says why': async () => {
    const { page, go, close } = await opened(parted);
    await go('#/story/1');
    assert.ok((await page.locator('.sentence').innerText()).startsWith('At the same time'));
    assert.equal(await page.locator('.picture .dot.first').count(), 2);
    await go('#/summary?words=99999&outlet=1');
    assert.equal(await page.locator('.sentence').innerText(), 'Nothing passes the filters.');
    const said = await page.locator('#f-set').textContent();
    assert.ok(said.includes('99,999') && said.includes('Outlet: '), said);
    await go('#/outlets?by=pairs');
    assert.ok(!/Source|gives|takes/.test(await page.locator('.matrix').innerText()), 'pairs have no direction');
    await close();
  },
  'findings without their articles claim no share of words that nobody counted': async () => {
    const [findings, file] = ['findings.jsonl', 'alone.html'].map((name) => join(folder, name));
    writeFileSync(findings, execFileSync(refrain, ['scan', 'corpus', '--format', 'jsonl', '--quiet'], { cwd: project }));
    execFileSync(refrain, ['report', '--findings', findings, '-o', file, '--quiet'], { cwd: project });
    const { page, go, close } = await opened(file);
    const sentence = await page.locator('.sentence').innerText();
    assert.ok(sentence.startsWith('10 of 62 articles take text from earlier ones: ') && !sentence.includes('%'), sentence);
    await go('#/story/1');
    assert.ok((await page.locator('h1').innerText()).length > 3, 'an article without a title goes by its id');
    assert.equal(await page.locator('.sentence').innerText(), 'No article here has a date, so nobody can be called first.');
    assert.ok(!/kept 0/.test(await page.locator('.family').innerText()));
    await close();
  },
  'numbers in a text say nothing of its direction': async () => {
    for (const [file, id, side] of [[corpus.ar, 'courier-501', 'left'], [corpus.en, 'sanabil-1101', 'right'], [hostile, 'ar2', 'right']]) {
      const { page, go, close } = await opened(file);
      await go(`#/repetition/${id}`);
      const away = await page.evaluate((edge) => {
        const text = document.querySelector('.text').getBoundingClientRect();
        return [...document.querySelectorAll('.text mark')].flatMap((mark) => [...mark.getClientRects()].filter((line) => line.width > 20).map((line) => Math.abs(line[edge] - text[edge]))).filter((gap) => gap > 5);
      }, side);
      assert.deepEqual(away, [], `${id} begins every line at the ${side}`);
      await close();
    }
  },
  'each passage has its own mark, and the address follows': async () => {
    const { page, go, close } = await opened(parted);
    await go('#/pair/one/two');
    const passages = Number((await page.locator('#place').innerText()).split('/')[1]);
    assert.equal(passages, 2);
    for (const number of [1, 2]) {
      for (const side of [0, 1]) assert.ok((await page.locator('.pane').nth(side).locator('.number', { hasText: new RegExp(`^${number}$`) }).count()) >= 1, `${number} on side ${side}`);
    }
    await page.keyboard.press('n');
    assert.ok((await page.evaluate(() => location.hash)).endsWith('passage=2'));
    assert.equal(await page.locator('.pane').first().locator('.passage.current .number').first().innerText(), '2');
    await close();
  },
  'a sheet of paper has the whole view': async () => {
    for (const file of [corpus.en, corpus.ar]) {
      const { page, go, close } = await opened(file, { scheme: 'dark' });
      for (const view of ['summary?words=30', 'outlets', 'network', 'time', 'story/1', 'article/sanabil-1155', 'pair/marsa-3320/sanabil-1155', 'repetition/courier-501', 'tables/articles']) {
        await go(`#/${view}`);
        const rows = await page.evaluate(() => Number(document.querySelector('.table')?.getAttribute('aria-rowcount') ?? 1) - 1);
        await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        await page.setViewportSize({ width: 690, height: 900 });
        const paper = await page.evaluate(() => ({
          wide: [...document.querySelectorAll('main *')].filter((node) => node.getBoundingClientRect().right > innerWidth + 1 || node.getBoundingClientRect().left < -1).map((node) => `${node.tagName}.${node.className}`).slice(0, 3),
          scrolled: [...document.querySelectorAll('.pane, .scroller')].filter((node) => node.scrollHeight > node.clientHeight + 2).length,
          rows: document.querySelectorAll('.table')[0]?.querySelectorAll('.rows .row').length ?? 0,
          paper: getComputedStyle(document.body).backgroundColor,
          filters: document.querySelector('#f-set').checkVisibility(),
        }));
        assert.deepEqual(paper, { wide: [], scrolled: 0, rows, paper: 'rgb(255, 255, 255)', filters: view.includes('?') }, view);
        await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
        await page.setViewportSize({ width: 1440, height: 900 });
        await page.evaluate(() => dispatchEvent(new Event('afterprint')));
      }
      await close();
    }
  },
});
