// An architecture's page in a real browser, on a run that this file makes: what is painted over a photograph is what was predicted.

import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeMask } from '../../src/core/data/index.js';
import { loadPreset } from '../../src/core/preset/index.js';
import { RunFolder } from '../../src/core/search/index.js';
import { canonicalKey, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { serveDashboard } from '../../src/server/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';

const hasBrowser = await hasChromium('the page of an architecture is not looked at');

const [width, height] = [64, 48];
const classes = ['background', 'person', 'animal'];
/** Left half background, then a column of no label, then person. */
const truth = Uint8Array.from({ length: width * height }, (_, i) => (i % width < 32 ? 0 : i % width === 32 ? 255 : 1));
/** Wrong in the uppermost four rows: animal everywhere. */
const seen = Uint8Array.from({ length: width * height }, (_, i) => (i < 4 * width ? 2 : i % width < 32 ? 0 : 1));

let runs: string;
let dashboard: Awaited<ReturnType<typeof serveDashboard>>;
let browser: Browser;

beforeAll(async () => {
  const preset = await loadPreset('demo');
  if (preset.task !== 'segmentation') throw new TypeError('the demo is for segmentation');
  runs = await temporaryFolder();
  const run = await RunFolder.create(path.join(runs, 'mine'));
  const data = { ...preset.data, classes };
  await run.writeConfig({ seed: 7, data: 'nowhere', preset: { ...preset, data, reward: { excluded: [0] }, candidates: 2 } });
  const store = run.openStore();
  store.begin({ kind: 'none' }, undefined);
  store.set('scored images', '39');
  const genotype = parseGenotype(publishedGenotypes.arch0);
  const key = canonicalKey(genotype);
  store.propose({ index: 1, genotype, key });
  const mask = (labels: Uint8Array): Uint8Array => encodeMask({ width, height, data: labels }, classes.length);
  const scores = [0.75, 0.5, 0.25];
  const photograph = await sharp({ create: { width, height, channels: 3, background: '#456' } })
    .jpeg()
    .toBuffer();
  for (const k of scores.keys()) store.keepPhoto(10 + k, { jpeg: photograph, truth: mask(truth) });
  store.finish(
    {
      index: 1,
      genotype: JSON.parse(publishedGenotypes.arch0),
      key,
      reward: 0.4,
      metrics: { meanIoU: 0.5 },
      loss: 1,
      parameters: 2_000_000,
      multiplyAdds: 500_000_000,
      inputSize: [height, width],
      stage: 1,
      seed: 7,
      seconds: { training: 1, validation: 1 },
      policy: {},
    },
    {
      pictures: scores.map((score, k) => ({ image: 10 + k, score, picture: mask(seen) })),
      breakdown: { kind: 'confusion', counts: [90, 0, 10, 0, 60, 40, 0, 0, 0] },
    },
    { kind: 'none' },
    undefined,
  );
  store.close();
  dashboard = await serveDashboard({ runs, host: '127.0.0.1', port: 0 });
  if (hasBrowser) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  await dashboard.close();
});

async function open(): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1600 } });
  await page.goto(`${dashboard.url}#/mine/1`);
  await expect.poll(() => page.locator('.pictures canvas[data-ready]').count(), { timeout: 10_000 }).toBe(9);
  return page;
}

/** RGBA of a canvas, by its number. */
const pixelsOf = (page: Page, canvas: number): Promise<number[]> =>
  page.evaluate(`(() => {
    const canvas = document.querySelectorAll('.pictures canvas')[${canvas}];
    return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
  })()`);
const at = (pixels: readonly number[], x: number, y: number): readonly number[] => {
  const start = 4 * (y * width + x);
  return pixels.slice(start, start + 4);
};

describe.skipIf(!hasBrowser)('the pictures of an architecture', () => {
  test('the photograph is seen where there is background; what is wrong is marked pixel by pixel', async () => {
    const page = await open();
    const troubles = troublesOf(page);
    const [truths, predictions, errors] = [await pixelsOf(page, 0), await pixelsOf(page, 1), await pixelsOf(page, 2)];
    expect(at(truths, 10, 20)).toEqual([0, 0, 0, 0]);
    expect(at(truths, 32, 20)).toEqual([0, 0, 0, 0]);
    expect(at(truths, 50, 20)).toEqual([128, 0, 0, 153]);
    expect(at(predictions, 10, 1)).toEqual([0, 128, 0, 153]);
    const wrong = Array.from(truth, (label, i) => label !== 255 && label !== seen[i]);
    expect(Array.from(truth, (_, i) => errors[4 * i + 3] === 255)).toEqual(wrong);
    await page.getByLabel('background').check();
    await expect.poll(async () => at(await pixelsOf(page, 0), 10, 20)).toEqual([0, 0, 0, 153]);
    await page.getByLabel('opacity').fill('0.2');
    // A canvas multiplies by the opacity, and rounds.
    await expect.poll(async () => at(await pixelsOf(page, 0), 50, 20)[3]).toBe(51);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test('which images they are, how good each is, and what is under the pointer', async () => {
    const page = await open();
    const text = (await page.textContent('.validation')) ?? '';
    expect(text).toMatch(/the 39 images that scored this architecture, a held-out part of the training list/);
    const captions = await page.locator('.pictures figcaption').allTextContents();
    expect(captions[0]).toMatch(/the best: .* 0\.75, image 11/);
    expect(captions[2]).toMatch(/the worst: .* 0\.25, image 13/);
    const canvas = page.locator('.pictures canvas').nth(1);
    const box = (await canvas.boundingBox()) ?? { width: 0, height: 0 };
    const under = async (x: number, y: number): Promise<string | null> => {
      await canvas.hover({ position: { x: ((x + 0.5) / width) * box.width, y: ((y + 0.5) / height) * box.height } });
      return page.textContent('[data-fact=under]');
    };
    expect(await under(50, 20)).toBe('truth: person; prediction: person');
    expect(await under(50, 1)).toBe('truth: person; prediction: animal');
    expect(await under(32, 20)).toBe('truth: no label; prediction: person');
    await page.close();
  });
});
