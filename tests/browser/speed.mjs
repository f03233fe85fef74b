// How long a move of a filter takes: the time of the page's own thread, which a busy machine does not lengthen as it does the clock.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANY } from './corpora.mjs';

/** Twice what is asked of a filter, so that a slow machine passes and a walk over all pairs too many does not. */
const MOST_MILLISECONDS = 200;
const MOVES = [['similarity', '37'], ['similarity', '80'], ['words', '50'], ['q', 'title 7'], ['outlet', '2'], ['rule', 'near-duplicate'], ['from', '2025-01-05'], ['to', '2025-01-20']];

export const tests = ({ opened, report, folder, assert }) => ({
  'filters are quick in every view, the first move too': async () => {
    const input = join(folder, 'many.jsonl');
    writeFileSync(input, MANY());
    const { page, go, close } = await opened(report('many', input));
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const spent = async () => (await session.send('Performance.getMetrics')).metrics.find((metric) => metric.name === 'TaskDuration').value * 1000;
    const settled = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));
    assert.ok((await page.evaluate(() => document.getElementById('f-count').textContent)).includes('31,200'), 'there is something to filter');
    for (const view of ['tables', 'tables/sources', 'summary', 'outlets', 'network', 'time', 'stories']) {
      await go(`#/${view}`);
      for (const [key, value] of MOVES) {
        for (const set of [value, ['outlet', 'rule', 'q', 'from', 'to', 'words'].includes(key) ? '' : '0']) {
          const before = await spent();
          await page.evaluate(([id, to]) => {
            const input = document.getElementById(id);
            input.value = to;
            input.dispatchEvent(new Event('input', { bubbles: true }));
          }, [`f-${key}`, set]);
          await settled();
          const took = (await spent()) - before;
          assert.ok(took < MOST_MILLISECONDS, `${view}: ${key} to "${set}" took ${took.toFixed(0)} ms`);
        }
      }
    }
    await close();
  },
});
