// What is equal on the page is what was equal in the run.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { FOLDED } from './corpora.mjs';

export const tests = ({ opened, report, refrain, project, folder, assert }) => ({
  'words are cut and folded as the program does it': () => {
    const text = FOLDED.repeat(2);
    const [input, plain] = [join(folder, 'folded.jsonl'), join(folder, 'folded.txt')];
    writeFileSync(plain, text);
    writeFileSync(input, [1, 2].map((id) => `${JSON.stringify({ id, text })}\n`).join(''));
    const code = readFileSync(join(project, 'crates/report/src/report/html/text.js'), 'utf8');
    for (const fold of ['full', 'light', 'none']) {
      const html = readFileSync(report(`folded-${fold}`, input, '--fold', fold), 'utf8');
      const data = JSON.parse(inflateRawSync(Buffer.from(/id="data">([^<]*)</.exec(html)[1], 'base64')));
      const words = new Function('D', `${code}return words;`)(data);
      const tokens = execFileSync(refrain, ['tokens', plain, '--json', '--fold', fold], { maxBuffer: 1 << 26 }).toString().split('\n').filter(Boolean).map((line) => JSON.parse(line));
      const [wanted, points] = [tokens.filter((token) => token.type === 'token'), [...text]];
      const found = words(text);
      assert.deepEqual(found.map((word) => word.folded), wanted.map((token) => token.folded), fold);
      assert.deepEqual(found.map((word) => word.spelt), wanted.map((token) => points.slice(token.start, token.end).join('')), fold);
      assert.ok(found.length > 100);
    }
  },
  'what is only spelt otherwise depends on the fold of the run': async () => {
    const words = Array.from({ length: 60 }, (_, n) => `tide${n}é`);
    const other = words.map((word, n) => (n % 10 === 3 ? word.toUpperCase() : n % 10 === 7 ? word.replace('é', 'e') : word));
    const input = join(folder, 'spelling.jsonl');
    writeFileSync(input, [words, other].map((list, id) => `${JSON.stringify({ id, text: list.join(' ') })}\n`).join(''));
    for (const [fold, respelled, changed] of [['full', 24, 0], ['light', 12, 12], ['none', 0, 24]]) {
      const { page, go, close } = await opened(report(`spelling-${fold}`, input, '--fold', fold, '--min-words', '5'));
      await go('#/pair/0/1');
      const counts = await Promise.all(['.text .respelled', '.text .changed'].map((look) => page.locator(look).count()));
      // A passage ends where a word changed, so that changed ones at its ends are outside.
      assert.equal(counts[0], respelled, fold);
      assert.ok(changed === 0 ? counts[1] === 0 : counts[1] > 0 && counts[1] <= changed, `${fold}: ${counts[1]} changed`);
      await close();
    }
  },
});
