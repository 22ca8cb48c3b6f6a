// The pages of an architecture for pose and for depth, as they look: on runs that this file makes.

import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeDepiction } from '../../src/core/model/index.js';
import { loadPreset, taskOf } from '../../src/core/preset/index.js';
import { RunFolder } from '../../src/core/search/index.js';
import { canonicalKey, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { type Breakdown, channelNames, type Depiction, type TaskDescription } from '../../src/core/task/index.js';
import { serveDashboard } from '../../src/server/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';
import { chartMarks } from './chart-marks.js';
import { differenceFromReference } from './looks.js';
import { pageTroubles } from './page-troubles.js';

const hasBrowser = await hasChromium('pages for pose and depth are not looked at');
const presets = { pose: 'lspet-pose', depth: 'demo-depth' } as const;

let runs: string;
let dashboard: Awaited<ReturnType<typeof serveDashboard>>;
let browser: Browser;

/** @param off how far from the truth */
function depicted(description: TaskDescription, width: number, height: number, off: number): Depiction {
  if (description.task === 'depth') {
    const { minDepth, maxDepth } = description;
    const metres = Float32Array.from(
      { length: width * height },
      (_, i) => minDepth + (maxDepth - minDepth) * Math.min(1, (i % width) / width + (Math.floor(i / width) > height / 2 ? off : 0)),
    );
    return { kind: 'depth', width, height, metres };
  }
  const count = channelNames(description).length;
  const joints = Float32Array.from(
    Array.from({ length: count }, (_, k) => [
      width * (0.5 + 0.3 * Math.sin(k) + off / 4),
      height * (0.1 + (0.8 * (k + 0.5)) / count),
      1,
    ]).flat(),
  );
  return { kind: 'joints', width, height, joints };
}

function brokenDown(description: TaskDescription): Breakdown {
  if (description.task === 'depth')
    return { kind: 'distances', edges: [1, 3, 6, 10], pixels: [100, 50, 10], relative: [9, 8, 3], close: [90, 30, 2] };
  const names = channelNames(description);
  return { kind: 'joints', counted: names.map(() => 40), found: names.map((_, k) => 40 - 2 * k) };
}

async function makeRun(name: keyof typeof presets): Promise<void> {
  const preset = await loadPreset(presets[name]);
  const { width, height } = preset.validation.framing;
  const { description, score } = taskOf(preset, preset.validation.framing);
  const run = await RunFolder.create(path.join(runs, name));
  await run.writeConfig({ seed: 7, data: 'nowhere', preset: { ...preset, candidates: 1 } });
  const store = run.openStore();
  store.begin({ kind: 'none' }, undefined);
  store.set('scored images', '39');
  const genotype = parseGenotype(publishedGenotypes.arch0);
  const key = canonicalKey(genotype);
  store.propose({ index: 1, genotype, key });
  const jpeg = await sharp({ create: { width, height, channels: 3, background: '#8a9a5b' } })
    .jpeg()
    .toBuffer();
  const picture = (off: number): Uint8Array => encodeDepiction(depicted(description, width, height, off), description);
  const scores = [0.75, 0.5, 0.25];
  for (const k of scores.keys()) store.keepPhoto(k, { jpeg, truth: picture(0) });
  store.finish(
    {
      index: 1,
      genotype: JSON.parse(publishedGenotypes.arch0),
      key,
      reward: 0.4,
      metrics: name === 'depth' ? { delta1: 0.4, rmse: 1.234 } : { [score]: 0.4 },
      loss: 1,
      parameters: 2_000_000,
      multiplyAdds: 500_000_000,
      inputSize: [height, width],
      stage: 1,
      seed: 7,
      seconds: { training: 1, validation: 1 },
      policy: {},
    },
    { pictures: scores.map((own, image) => ({ image, score: own, picture: picture(image / 4) })), breakdown: brokenDown(description) },
    { kind: 'none' },
    undefined,
  );
  store.close();
}

beforeAll(async () => {
  runs = await temporaryFolder();
  await makeRun('pose');
  await makeRun('depth');
  dashboard = await serveDashboard({ runs, host: '127.0.0.1', port: 0 });
  if (hasBrowser) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  await dashboard.close();
});

describe.skipIf(!hasBrowser)('the page of an architecture', () => {
  test.each([
    ['pose', { width: 1440, height: 2200 }, 'desk'],
    ['pose', { width: 390, height: 844 }, 'phone'],
    ['depth', { width: 1440, height: 2200 }, 'desk'],
    ['depth', { width: 390, height: 844 }, 'phone'],
  ] as const)('looks as it did: %s', async (task, viewport, device) => {
    const page = await browser.newPage({ viewport });
    const troubles = troublesOf(page);
    await page.goto(`${dashboard.url}#/${task}/1`);
    await page.waitForSelector(task === 'depth' ? '.pictures canvas[data-ready]' : '.pictures img + img');
    await page.waitForSelector('svg.plot');
    // On a phone what it sees, which is below the network.
    if (device === 'phone') await page.locator('.validation').evaluate((part) => part.scrollIntoView());
    await page.waitForTimeout(400);
    // Its data lies in a folder of this machine.
    const png = await page.screenshot({ mask: [page.locator('.use-it')] });
    expect(await differenceFromReference(`${task}-${device}`, png)).toBeLessThan(0.01);
    expect(troubles).toEqual([]);
    const text = (await page.textContent('main')) ?? '';
    expect(text).toContain(task === 'depth' ? '39 images held out of the training list' : '39 people held out of the training list');
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(100);
      const marks = await chartMarks(page);
      expect(marks.length).toBeGreaterThan(0);
      expect(marks.filter(({ contrast }) => contrast < 3)).toEqual([]);
      expect(await pageTroubles(page), colorScheme).toEqual([]);
    }
    // A figure with a unit says it.
    if (task === 'depth') expect(text).toMatch(/RMSE \(m\)\s*1\.234/);
    await page.close();
  });
});
