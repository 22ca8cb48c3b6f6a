// That the measuring of texts finds what cannot be read, and nothing else.

import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executablePath, hasChromium } from './browser.js';
import { textTroubles } from './page-troubles.js';

const hasBrowser = await hasChromium('the measuring of texts is not tried');
const drawing = (labels: string): string => `<svg width="200" height="60" font-size="12">${labels}</svg>`;

describe.skipIf(!hasBrowser)('on a page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  async function troublesOn(html: string): Promise<string[]> {
    const page = await browser.newPage({ viewport: { width: 400, height: 300 } });
    await page.setContent(`<!doctype html><body style="font: 15px sans-serif">${html}</body>`);
    const troubles = await textTroubles(page);
    await page.close();
    return troubles;
  }

  test.each([
    [
      'shortened with dots',
      '<p style="width: 60px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis">a long sentence</p>',
      '"a long sentence" is cut off',
    ],
    ['lines that are hidden', '<div style="height: 20px; overflow: hidden">one<br>two<br>three</div>', '"two" is cut off'],
    ['wider than the page', '<p style="white-space: nowrap">'.concat('word '.repeat(60)), 'leaves the page'],
    ['one sentence over another', '<p>below</p><p style="position: absolute; top: 15px; margin: 0">above</p>', '"below" lies over "above"'],
    ['what is typed', '<input value="a long value indeed" style="width: 50px">', '"a long value indeed" is cut off in its field'],
    ['labels over one another', drawing('<text x="20" y="30">0.5</text><text x="25" y="32">0.6</text>'), '"0.5" lies over "0.6"'],
    [
      'a label over a sentence',
      `<div style="position: relative">${drawing('<text x="5" y="30">label</text>')}<p style="position: absolute; top: 4px; left: 5px">text</p></div>`,
      '"text" lies over "label"',
    ],
    ['a label beyond its drawing', drawing('<text x="190" y="30">beyond</text>'), '"beyond" leaves its drawing'],
    [
      'a label wider than its box',
      drawing('<g class="box"><rect x="20" y="10" width="20" height="30"/><text x="21" y="30">separable</text></g>'),
      '"separable" is wider than its box',
    ],
  ])('%s', async (_name, html, trouble) => {
    expect((await troublesOn(html)).join('; ')).toContain(trouble);
  });

  test('what is scrolled to, hidden, turned or on several lines is no trouble', async () => {
    const turned = (x: number): string => `<text x="${x}" y="20" transform="rotate(-40 ${x} 20)" text-anchor="end">a longer name</text>`;
    const html = `
      <div style="width: 80px; overflow: auto; white-space: nowrap">a sentence that one scrolls</div>
      <div style="height: 30px; overflow: auto"><p>one</p><p>two</p><p>three</p></div>
      <p>after it</p>
      <p style="line-height: 1.1">${'several words '.repeat(20)}</p>
      <details><summary>more</summary><p style="position: absolute; top: 0">what is folded away</p></details>
      <p style="position: absolute; top: 12px; opacity: 0">cannot be seen</p>
      <svg width="380" height="130" font-size="12">${[130, 150, 170].map(turned).join('')}</svg>`;
    expect(await troublesOn(html)).toEqual([]);
  });
});
