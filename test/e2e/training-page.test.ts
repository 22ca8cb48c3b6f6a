// Full trainings in the dashboard, on one that is trained here: what its page draws is what the training has written, it follows a
// training that goes on, several are compared, and what lies in a fit is listed below it.

import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMetadata } from '../../src/core/graph/index.js';
import { usageExamples } from '../../src/core/model/index.js';
import { parseTrainPreset } from '../../src/core/preset/index.js';
import { train, type TrainOutcome } from '../../src/library/train.js';
import { lockFolder } from '../../src/platform/node/files/index.js';
import { type FitView, type ListEntry, serveDashboard, type TrainingView } from '../../src/server/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { smallTraining } from '../fit/small-training.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';
import { chartMarks } from './chart-marks.js';
import { chartValues, expectPoints } from './chart-values.js';
import { differenceFromReference } from './looks.js';
import { pageTroubles, textTroubles } from './page-troubles.js';

const hasBrowser = await hasChromium('the page of a training is not looked at');
const genotype = '[[1,[0,1,2,9],[1,0,0,3]],[[0,1],[4,0]]]';
const stage1 = `stage1:
    { epochs: 2, samples: 12, batch: 4, learningRate: 0.01, weightDecay: 1.0e-5, clipNorm: 3, polyakDecay: 0.5,
      framing: { kind: random, side: 40, width: 48, height: 40, scale: [0.8, 1.3], mirror: true } }
  epochs: 4`;

let runs: string;
let outcome: TrainOutcome;
let dashboard: Awaited<ReturnType<typeof serveDashboard>>;

beforeAll(async () => {
  const folder = await temporaryFolder();
  const data = path.join(folder, 'data');
  await writeStripeFolder(data, { train: 14, val: 6 });
  runs = path.join(folder, 'runs');
  const preset = parseTrainPreset(smallTraining({ 'epochs: 4': stage1 }), 'test');
  outcome = await train({ genotype, data, preset, out: path.join(runs, 'full'), seed: 3, threads: 1 });
  // Another one, and the same inside of a fit that has ended it before its time.
  await cp(path.join(runs, 'full'), path.join(runs, 'other, with a name that is longer than a chart is wide'), { recursive: true });
  await mkdir(path.join(runs, 'fitted'));
  await cp(path.join(runs, 'full'), path.join(runs, 'fitted', 'training-1'), { recursive: true });
  const metrics = path.join(runs, 'fitted', 'training-1', 'metrics.jsonl');
  await writeFile(metrics, `${(await readFile(metrics, 'utf8')).split('\n').slice(0, 4).join('\n')}\n`);
  const state = { version: '0.3.0', begun: '2026-01-02T03:04:05.000Z', data, task: 'segmentation', seconds: 3600, seed: 1, spent: 60 };
  await writeFile(path.join(runs, 'fitted', 'fit.json'), JSON.stringify({ ...state, searched: true, trained: true }));
  dashboard = await serveDashboard({ runs, host: '127.0.0.1', port: 0 });
}, 120_000);
afterAll(() => dashboard.close());

const ask = (address: string): Promise<Response> => fetch(new URL(address, dashboard.url));
const bodyOf = async (address: string) => JSON.parse(await (await ask(address)).text());
const viewOf = (run: string): Promise<TrainingView> => bodyOf(`api/runs/${encodeURIComponent(run)}`);

describe('the server', () => {
  test('lists trainings and fits with what they are about', async () => {
    const list: ListEntry[] = await bodyOf('api/runs');
    const of = (name: string): ListEntry | undefined => list.find(({ run }) => run === name);
    const best = { name: 'meanIoU', value: outcome.best?.metrics?.['meanIoU'] };
    expect(of('full')).toMatchObject({
      kind: 'training',
      state: 'finished',
      task: 'segmentation',
      images: 14,
      done: 6,
      total: 6,
      ending: null,
      best,
    });
    expect(of('fitted')).toMatchObject({ kind: 'fit', state: 'finished', begun: '2026-01-02T03:04:05.000Z', seconds: 60, done: 1 });
    // It was not trained to its last epoch, and goes on no more.
    expect(of('fitted/training-1')).toMatchObject({ kind: 'training', state: 'finished', done: 4, total: 6, ending: 'time' });
    expect(await viewOf('fitted/training-1')).toMatchObject({ state: 'finished', ending: 'time' });
    const fit: FitView = await bodyOf('api/runs/fitted');
    expect(fit).toMatchObject({ kind: 'fit', phase: 'done', seconds: { given: 3600, spent: 60 } });
    expect(fit.parts.map(({ run }) => run)).toEqual(['fitted/training-1']);
  });

  test('gives every epoch as it was written, with its rates', async () => {
    const { history, best, score, images, seen, state, seconds } = await viewOf('full');
    expect(history.map(({ epoch, loss, metrics }) => ({ epoch, loss, metrics }))).toEqual(
      outcome.history.map(({ epoch, loss, metrics = null }) => ({ epoch, loss, metrics })),
    );
    expect([score, images, state]).toEqual(['meanIoU', { train: 14, val: 6 }, 'finished']);
    expect(best?.epoch).toBe(outcome.best?.epoch);
    expect(seconds).toBeCloseTo(
      outcome.history.reduce((sum, epoch) => sum + epoch.seconds, 0),
      9,
    );
    // The decoder alone at a constant rate, then polynomial decay over four epochs from the beginning of each.
    expect(history.map(({ stage }) => stage)).toEqual([1, 1, 2, 2, 2, 2]);
    const decayed = [0, 1, 2, 3].map((epoch) => (1 - epoch / 4) ** 0.9);
    const close = (values: readonly (number | null)[], wanted: readonly number[]): void => {
      for (const [i, value] of wanted.entries()) expect(values[i]).toBeCloseTo(value, 12);
    };
    close(
      history.map(({ learningRate }) => learningRate),
      [0.01, 0.01, ...decayed.map((factor) => 0.01 * factor)],
    );
    close(
      history.slice(2).map(({ encoderLearningRate }) => encoderLearningRate),
      decayed.map((factor) => 0.001 * factor),
    );
    expect(history[0]?.encoderLearningRate).toBeNull();
    // The same four of six images in each of the epochs that were validated.
    expect(seen.map(({ epoch }) => epoch)).toEqual(outcome.history.flatMap(({ epoch, metrics }) => (metrics ? [epoch] : [])));
    for (const { pictures } of seen) expect(pictures.map(({ image }) => image)).toEqual([0, 2, 3, 5]);
  });

  test('gives the epochs as CSV, and the pictures; nothing outside of what was kept', async () => {
    const csv = await (await ask('api/runs/full/epochs.csv')).text();
    const [head = '', ...rows] = csv.trimEnd().split('\n');
    expect(head).toMatch(/^epoch,stage,loss,seconds,learningRate,encoderLearningRate,meanIoU,/);
    expect(rows.map((row) => Number(row.split(',')[2]))).toEqual(outcome.history.map(({ loss }) => loss));
    const last = outcome.history.length;
    for (const [address, type] of [
      ['seen/2/photo', 'image/jpeg'],
      ['seen/2/truth', 'image/png'],
      [`seen/2/epochs/${last}`, 'image/png'],
    ] as const) {
      const answer = await ask(`api/runs/full/${address}`);
      expect([answer.status, answer.headers.get('content-type')], address).toEqual([200, type]);
      await answer.arrayBuffer();
    }
    for (const address of ['full/seen/1/photo', 'full/seen/2/epochs/99', 'fitted%2f..%2ffull', 'fitted/epochs.csv', 'fitted%2ftraining-2'])
      expect((await ask(`api/runs/${address}`)).status, address).toBe(404);
  });

  test('says how far a training is while somebody works on it, and about how long it will take', async () => {
    const folder = path.join(runs, 'going');
    await cp(path.join(runs, 'full'), folder, { recursive: true });
    const lines = (await readFile(path.join(folder, 'metrics.jsonl'), 'utf8')).split('\n');
    await writeFile(path.join(folder, 'metrics.jsonl'), `${lines.slice(0, 4).join('\n')}\n`);
    expect(await viewOf('going')).toMatchObject({ state: 'interrupted', live: null, secondsLeft: null });
    const lock = await lockFolder(folder);
    if (!('lock' in lock)) throw new Error('the folder is locked');
    try {
      await writeFile(path.join(folder, 'progress.json'), JSON.stringify({ epoch: 4, step: 1, stepsPerEpoch: 4, loss: 0.5 }));
      const { state, live, secondsLeft, history } = await viewOf('going');
      expect({ state, live }).toEqual({ state: 'running', live: { epoch: 5, step: 1, steps: 4, loss: 0.5 } });
      const each = ((history[2]?.seconds ?? 0) + (history[3]?.seconds ?? 0)) / 2;
      expect(secondsLeft).toBeCloseTo(each * 1.75, 9);
      // Of the epoch before: the training has not come to the next one.
      await writeFile(path.join(folder, 'progress.json'), JSON.stringify({ epoch: 3, step: 4, stepsPerEpoch: 4, loss: 0.5 }));
      expect((await viewOf('going')).live).toBeNull();
    } finally {
      await lock.lock.release();
    }
  });
});

describe.skipIf(!hasBrowser)('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  const sizes = [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ];
  const open = async (hash: string, viewport = { width: 1440, height: 900 }, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> => {
    const page = await browser.newPage({ viewport, colorScheme });
    await page.goto(dashboard.url + hash);
    return page;
  };

  test.each(['light', 'dark'] as const)('show no errors, no serious barrier and nothing cut off, %s', async (scheme) => {
    for (const [hash, ready] of [
      ['#/full', '.pictures canvas[data-ready]'],
      ['#/fitted', 'tbody tr'],
      ['#/?c0=full&c1=fitted%2Ftraining-1', '.chart-key li'],
    ] as const)
      for (const viewport of sizes) {
        const page = await browser.newPage({ viewport, colorScheme: scheme });
        const troubles = troublesOf(page);
        await page.goto(dashboard.url + hash);
        await page.waitForSelector(ready);
        await page.waitForTimeout(200);
        expect(await pageTroubles(page), `${hash} at ${viewport.width}`).toEqual([]);
        const marks = await chartMarks(page);
        if (hash !== '#/fitted') expect(marks.length, hash).toBeGreaterThan(2);
        expect(marks.filter(({ contrast, isInKey }) => contrast < 3 || !isInKey)).toEqual([]);
        expect(troubles).toEqual([]);
        await page.close();
      }
  });

  test('the code that uses it is the tested one, at its size, and its model can be had', async () => {
    const page = await open('#/full');
    const [height, width] = (await viewOf('full')).inputSize;
    const examples = usageExamples({ task: 'segmentation', size: { width, height } });
    expect(examples.length).toBeGreaterThan(3);
    for (const { title, code } of examples) {
      await page.getByRole('radio', { name: title, exact: true }).check();
      expect(await page.textContent('.use-it .code')).toBe(code);
    }
    const address = (await page.locator('.use-it a').getAttribute('href')) ?? '';
    const bytes = new Uint8Array(await (await ask(address)).arrayBuffer());
    expect(readMetadata(bytes)['input']).toBe('RGB, 0 … 255');
    await page.close();
  });

  test('what is read off the axes is what was measured', async () => {
    const page = await open('#/full');
    await page.waitForSelector('.pictures canvas[data-ready]');
    await page.waitForTimeout(300);
    const loss = await chartValues(page, 'Mean loss of an epoch, on the training list');
    expect(loss.off).toBeLessThan(1);
    expectPoints(
      loss.circles,
      outcome.history.map((record) => [record.epoch, record.loss]),
      [0.05, 0.01],
    );
    const scores = await chartValues(page, 'Validation: mean IoU, pixel accuracy');
    expect(scores.off).toBeLessThan(1);
    expectPoints(
      scores.circles,
      outcome.history.flatMap(({ epoch, metrics }) =>
        ['meanIoU', 'pixelAccuracy'].flatMap((name): [number, number][] => (metrics ? [[epoch, metrics[name] ?? Number.NaN]] : [])),
      ),
      [0.05, 0.01],
    );
    await page.close();
  });

  test('cards and pictures leave no hole, at any width', async () => {
    const page = await open('#/full');
    await page.waitForSelector('.pictures canvas[data-ready]');
    for (const width of [390, 768, 1024, 1280, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(200);
      const holes = await page.evaluate<string[]>(`[...document.querySelectorAll('.columns, .pictures')].flatMap((grid) => {
        const right = (element) => element.getBoundingClientRect().right;
        return right(grid) - right(grid.lastElementChild) > 1 ? [grid.className] : [];
      })`);
      expect(holes, `${width}`).toEqual([]);
      expect(await textTroubles(page), `${width}`).toEqual([]);
    }
    await page.close();
  });

  test('the list of runs shows all its columns from 1024 pixels on', async () => {
    for (const width of [1024, 1280, 1440]) {
      const page = await open('#/', { width, height: 800 });
      await page.waitForSelector('tbody tr');
      const box = "document.querySelector('.scroll')";
      expect(await page.evaluate(`${box}.scrollWidth - ${box}.clientWidth`), `${width}`).toBeLessThanOrEqual(0);
      await page.close();
    }
  });

  test('figures are the training’s; earlier epochs can be looked at, and stay chosen', async () => {
    const page = await open('#/full');
    await expect.poll(() => page.textContent('[data-fact=done]')).toBe('6 of 6');
    const { best } = outcome;
    expect(await page.textContent('[data-fact=best]')).toBe(`${best?.metrics?.['meanIoU']?.toFixed(3)} (epoch ${best?.epoch})`);
    expect(await page.title()).toBe('full · Auxcell');
    expect(await page.textContent('[data-fact=epoch]')).toBe('6');
    // Ticks stand where the chart is, although the first epoch was not validated.
    const outside = await page.evaluate(`(() => {
      const figure = [...document.querySelectorAll('figure')].find((one) => one.textContent.includes('Validation: mean IoU'));
      const left = (text) => text.getBoundingClientRect().left;
      const texts = [...figure.querySelectorAll('svg.plot text')].filter((text) => /^[0-9.]+$/.test(text.textContent));
      const shares = texts.filter((text) => text.textContent.includes('.')).map(left);
      return texts.filter((text) => !text.textContent.includes('.') && left(text) < Math.max(...shares)).length;
    })()`);
    expect(outside).toBe(0);
    await page.getByRole('slider', { name: 'epoch' }).fill('0');
    await expect.poll(() => page.textContent('[data-fact=epoch]')).toBe('2');
    expect(page.url()).toContain('epoch=2');
    await page.reload();
    await expect.poll(() => page.textContent('[data-fact=epoch]')).toBe('2');
    await page.close();
  });

  test('a run keeps its colour when another is added or leaves; the choice survives; every curve is drawn where it was measured', async () => {
    const page = await open('#/');
    const colours = async (): Promise<Record<string, string | null>> =>
      Object.fromEntries(
        await Promise.all(
          (await page.locator('.chart-key li').all()).map(
            async (entry): Promise<[string, string | null]> => [
              (await entry.textContent())?.trim() ?? '',
              await entry.locator('svg').getAttribute('class'),
            ],
          ),
        ),
      );
    const long = 'other, with a name that is longer than a chart is wide';
    await page.getByLabel('compare full').check();
    await expect.poll(colours).toEqual({ full: 'sign c0' });
    await page.getByLabel(`compare ${long}`).check();
    await expect.poll(colours).toEqual({ full: 'sign c0', [long]: 'sign c1' });
    await page.getByLabel('compare fitted/training-1').check();
    await expect.poll(colours).toMatchObject({ full: 'sign c0', [long]: 'sign c1', 'fitted/training-1': 'sign c2' });
    await page.getByLabel('compare full').uncheck();
    await expect.poll(colours).toEqual({ [long]: 'sign c1', 'fitted/training-1': 'sign c2' });
    await page.reload();
    await expect.poll(colours).toEqual({ [long]: 'sign c1', 'fitted/training-1': 'sign c2' });
    // Names stand whole.
    const cut = await page.evaluate(
      "[...document.querySelectorAll('.chart-key li')].filter((entry) => entry.scrollWidth > entry.clientWidth).length",
    );
    expect(cut).toBe(0);
    await page.close();
  });

  test('follows a training that goes on', async () => {
    const folder = path.join(runs, 'followed');
    await cp(path.join(runs, 'full'), folder, { recursive: true });
    const lines = (await readFile(path.join(folder, 'metrics.jsonl'), 'utf8')).split('\n');
    const write = (epochs: number): Promise<void> =>
      writeFile(path.join(folder, 'metrics.jsonl'), `${lines.slice(0, epochs).join('\n')}\n`);
    await write(3);
    const lock = await lockFolder(folder);
    if (!('lock' in lock)) throw new Error('the folder is locked');
    try {
      await writeFile(path.join(folder, 'progress.json'), JSON.stringify({ epoch: 3, step: 2, stepsPerEpoch: 4, loss: 0.75 }));
      const page = await open('#/followed');
      await expect.poll(() => page.textContent('[data-fact=live]')).toContain('epoch 4 of 6, step 2/4, loss 0.750');
      expect(await page.textContent('[data-fact=left]')).toMatch(/^about \d+ s$/);
      await write(4);
      await expect.poll(() => page.textContent('[data-fact=done]'), { timeout: 5000 }).toBe('4 of 6');
      await page.close();
    } finally {
      await lock.lock.release();
    }
  });

  test.each([
    ['training', '#/full', '.pictures canvas[data-ready]', 'desk', sizes[0]],
    ['training', '#/full', '.pictures canvas[data-ready]', 'phone', sizes[1]],
    ['fit', '#/fitted', 'tbody tr', 'desk', sizes[0]],
    ['fit', '#/fitted', 'tbody tr', 'phone', sizes[1]],
  ] as const)('looks as it did: %s at %s, once %s is there, on a %s', async (name, hash, ready, device, viewport) => {
    const page = await open(hash, viewport);
    await page.waitForSelector(ready);
    await page.waitForTimeout(300);
    // What depends on when, where and how fast it was trained is covered.
    const changing = ['best mean IoU', 'time in steps', 'begun', 'data'];
    const mask = [
      ...changing.map((fact) => page.locator('.facts > div', { hasText: fact })),
      page.locator('td.date'),
      page.locator('td.data'),
      page.locator('td[data-label=best]'),
      page.locator('td[data-label="so far"]'),
      page.locator('main p code'),
    ];
    const png = await page.screenshot({ mask });
    expect(await differenceFromReference(`${name}-${device}`, png)).toBeLessThan(0.01);
    await page.close();
  });
});
