// Pose and depth through every command, as segmentation goes.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDepth } from '../../src/core/data/index.js';
import { generateDemo } from '../../src/platform/node/demo/generate.js';
import { readMetadata } from '../../src/core/graph/index.js';
import { playgroundModel } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { serveDashboard, servePlayground } from '../../src/server/index.js';
import { greyPng, temporaryFolder } from '../data/fixtures.js';
import { fewJoints, writePeopleFolder } from '../data/people.js';
import { freePort, hasRedis, openRedis } from '../search/redis.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';
import { thorough } from '../thorough.js';
import { auxcell, bin } from './cli.js';

const hasBrowser = await hasChromium('the pages of pose and depth are not looked at');
const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const parts = {
  pose: {
    keys: `
task: pose
data: { joints: [${fewJoints.join(', ')}], skeleton: [[left_shoulder, right_shoulder], [left_shoulder, left_hip], [right_shoulder, right_hip]], metaTrainShare: 0.75 }
heatmap: { sigma: 2, decoding: quarter }
reward: { metric: pck }`,
    training: '{ kind: person, width: 64, height: 64, padding: 1.25, rotation: 20, scale: 0.2, mirror: true }',
    validation: '{ kind: person, width: 64, height: 64, padding: 1.25 }',
  },
  depth: {
    keys: `
task: depth
data: { scale: 1000, minDepth: 1, maxDepth: 40, metaTrainShare: 0.75 }
reward: { metric: delta1 }`,
    training: '{ kind: random, side: 48, width: 64, height: 48, scale: [1, 1.2], mirror: true }',
    validation: '{ kind: resize, width: 64, height: 48 }',
  },
} as const;

type Name = keyof typeof parts;

/** Both stages, a teacher's weight, the progressive stop, and full training. */
function presetOf(task: Name): string {
  const { keys, training, validation } = parts[task];
  const stage = `epochs: 1, batch: 6, learningRate: 0.01, weightDecay: 1.0e-5, clipNorm: 3, polyakDecay: 0.9, framing: ${training}`;
  const encoder = '{ learningRate: 0.01, momentum: 0.9, clipNorm: 3, weightDecay: 1.0e-5 }';
  return `${keys}
encoder: movenet
space: { blocks: 3, rounds: 3 }
decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 }
stage1: { samples: 12, ${stage} }
stage2: { ${stage}, encoder: ${encoder} }
distillation: { weight: 0.3 }
progressiveStop: { decay: 0.99, initial: -1, tolerance: 0.9, multipliers: { 100: 0.9 } }
validation: { framing: ${validation} }
controller:
  { hidden: 20, layers: 2, conditioning: none, learningRate: 0.001, clipNorm: 2, entropyCoefficient: 0, baselineDecay: 0.95, ppo: { clipCoefficient: 0.1, bufferSize: 100, minibatch: 10 } }
strategy: ppo
candidates: 3
train:
  { ${stage.replace('epochs: 1', 'epochs: 6')}, decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 }, schedule: { kind: constant }, encoder: ${encoder}, validation: { framing: ${validation}, every: 3 } }
`;
}

let folder: string;
const at = (name: string): string => path.join(folder, name);
const children: ChildProcess[] = [];

async function ok(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await auxcell(args);
  expect(code, stderr).toBe(0);
  return stdout;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await writePeopleFolder(at('pose-data'), { train: 16, val: 4 });
  await generateDemo(at('depth-data'), { task: 'depth', train: 16, val: 4, width: 80, height: 60, random: seededRandom(1) });
  for (const task of ['pose', 'depth'] as const) {
    await writeFile(at(`${task}.yaml`), presetOf(task));
    const args = ['--genotype', 'arch1', '--data', at(`${task}-data`), '--preset', at(`${task}.yaml`), '--out', at(`${task}-train`)];
    const { code, stderr } = await auxcell(['train', '--task', task, ...args]);
    expect(code, stderr).toBe(0);
  }
}, 120_000);

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe.each(['pose', 'depth'] as const)('%s', (task) => {
  const weights = (): string => at(`${task}-train/best.safetensors`);
  const data = (): string => at(`${task}-data`);
  const score = { pose: 'pck', depth: 'delta1' }[task];

  test('training lowers the loss and keeps the best epoch by the task’s own score', async () => {
    const lines = (await readFile(at(`${task}-train/metrics.jsonl`), 'utf8')).trim().split('\n');
    const history = lines.map((line) => JSON.parse(line));
    expect(history).toHaveLength(6);
    expect(history.at(-1).loss).toBeLessThan(history[0].loss);
    expect(history.filter(({ metrics }) => metrics !== undefined).map(({ metrics }) => typeof metrics[score])).toEqual([
      'number',
      'number',
    ]);
  });

  test('eval, of weights and of their export, in three precisions', async () => {
    const report = JSON.parse(await ok(['eval', weights(), '--data', data(), '--json', '--task', task]));
    expect(report.images).toBe(4);
    const table = await ok(['eval', weights(), '--data', data(), '--flip', '--out', at(`${task}-report`)]);
    expect(table).toMatch(
      { pose: /head_top +0\.\d{3} +4\n[\s\S]*PCK@0\.2 +0\.\d{3}\n/, depth: /δ < 1\.25 +0\.\d{3}\n[\s\S]*RMSE \(m\) +\d/ }[task],
    );
    expect(await readdir(at(`${task}-report`))).toEqual(['metrics.json']);
    for (const precision of [[], ['--fp16'], ['--int8', '--data', data()]]) {
      const file = at(`${task}${precision[0] ?? ''}.onnx`);
      await ok(['export', '--weights', weights(), '--normalise', ...precision, '-o', file]);
      const metadata = readMetadata(await readFile(file));
      expect(JSON.parse(metadata['task'] ?? '')).toMatchObject(
        { pose: { task: 'pose', joints: fewJoints, crop: [64, 64] }, depth: { task: 'depth', unit: 'metre', minDepth: 1, maxDepth: 40 } }[
          task
        ],
      );
      const exported = JSON.parse(await ok(['eval', file, '--data', data(), '--json']));
      const difference = Math.abs(exported.metrics[score] - report.metrics[score]);
      expect(difference, precision.join()).toBeLessThan(precision.length === 0 ? 1e-3 : 0.15);
    }
    expect(readMetadata(await readFile(at(`${task}.onnx`)))['output']).toMatch({ pose: /^heatmaps at/, depth: /^metres at/ }[task]);
  });

  test('predict', async () => {
    const images = { pose: 'images/val-1.png', depth: 'val/0001.jpg' }[task];
    const stdout = await ok(['predict', weights(), path.join(data(), images), '-o', at(`${task}-seen`)]);
    const name = path.parse(images).name;
    const { width, height } = await sharp(at(`${task}-seen/${name}-overlay.jpg`)).metadata();
    if (task === 'depth') {
      expect(stdout).toMatch(/depth: 16 bits, 1000 to the metre, learnt from 1 to 40 m/);
      const map = await readDepth(at(`${task}-seen/${name}.png`), 1000);
      expect([map.width, map.height]).toEqual([width, height]);
      expect(map.metres.every((m) => m > 0 && m < 66)).toBe(true);
      return;
    }
    expect([width, height]).toEqual([64, 72]);
    const { people } = JSON.parse(await readFile(at(`${task}-seen/${name}.json`), 'utf8'));
    expect(Object.keys(people[0])).toEqual([...fewJoints]);
    await writeFile(
      at('boxes.json'),
      JSON.stringify({
        'val-1.png': [
          [8, 8, 40, 40],
          [0, 0, 60, 70],
        ],
      }),
    );
    await ok(['predict', weights(), path.join(data(), images), '--boxes', at('boxes.json'), '-o', at('boxed')]);
    const boxed = JSON.parse(await readFile(at('boxed/val-1.json'), 'utf8')).people;
    expect(boxed).toHaveLength(2);
    for (const [x, y] of Object.values<number[]>(boxed[0]))
      expect(Math.max(Math.abs((x ?? 99) - 28), Math.abs((y ?? 99) - 28))).toBeLessThan(26);
  });

  test('describe and fresh weights', async () => {
    const figures = JSON.parse(await ok(['describe', 'arch0', '--task', task, '--json']));
    const masks = JSON.parse(await ok(['describe', 'arch0', '--json']));
    // The last convolution alone differs: 64·9 weights and a bias a channel.
    const channels = { pose: 17, depth: 1 }[task];
    expect(masks.parameters - figures.parameters).toBe((21 - channels) * (64 * 9 + 1));
    await ok(['init', '--task', task, '--genotype', 'arch1', '--width', '16', '--sep-repeats', '1', '-o', at(`${task}-fresh.safetensors`)]);
    expect(await ok(['export', '--weights', at(`${task}-fresh.safetensors`), '-o', at(`${task}-fresh.onnx`)])).toContain(
      { pose: '17 joints', depth: 'metres from 0.1 to 10' }[task],
    );
  });

  // Minutes; the queue's search below has the same stages and teacher.
  test.skipIf(!thorough)(
    'a search in two stages with a teacher: killed and resumed it is the same; more of it by two workers',
    async () => {
      const begin = (out: string): string[] => [
        ...['search', '--data', data(), '--preset', at(`${task}.yaml`), '--seed', '4', '--workers', '1', '--threads', '1'],
        ...['--teacher', weights(), '--out', at(out)],
      ];
      const trials = async (out: string) => {
        const lines = (await ok(['trials', at(out), '--format', 'jsonl'])).trim().split('\n');
        return lines.map((line) => ({ ...JSON.parse(line), seconds: undefined }));
      };
      expect(await ok(begin(`${task}-whole`))).toMatch({ pose: /reward +PCK@0\.2/, depth: /reward +δ < 1\.25 +RMSE \(m\)/ }[task]);
      const child = spawn(process.execPath, [bin, ...begin(`${task}-killed`)]);
      let text = '';
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (/#1 /.test(text)) child.kill('SIGKILL');
      });
      await once(child, 'exit');
      await ok(['search', '--resume', at(`${task}-killed`), '--workers', '1', '--threads', '1']);
      const whole = await trials(`${task}-whole`);
      expect(await trials(`${task}-killed`)).toEqual(whole);
      expect(whole.some(({ stage }) => stage === 2)).toBe(true);
      expect(whole.every(({ error }) => error === undefined)).toBe(true);
      expect((await sharp(at(`${task}-whole/predictions.png`)).metadata()).width).toBeGreaterThan(180);
      await ok(['search', '--resume', at(`${task}-killed`), '--workers', '2', '--candidates', '5']);
      expect(await trials(`${task}-killed`)).toHaveLength(5);
      // What was found is trained on.
      const found = ['--genotype', `${at(`${task}-whole`)}#1`, '--epochs', '1', '--out', at(`${task}-found`)];
      expect(await ok(['train', ...found, '--data', data(), '--preset', at(`${task}.yaml`)])).toMatch(/best: epoch 1/);
    },
    120_000,
  );

  test.skipIf(!hasRedis || (task === 'pose' && !thorough))(
    'a search through a queue',
    async () => {
      const port = await freePort();
      children.push(await openRedis(port));
      const url = `redis://127.0.0.1:${port}`;
      const worker = spawn(process.execPath, [bin, 'worker', '--queue', url, '--data', data(), '--teacher', weights(), '--workers', '1'], {
        stdio: 'ignore',
      });
      children.push(worker);
      await sleep(200);
      const args = ['--data', data(), '--preset', at(`${task}.yaml`), '--teacher', weights(), '--candidates', '2', '--seed', '4'];
      await ok(['search', ...args, '--queue', url, '--out', at(`${task}-queue`)]);
      const lines = (await ok(['trials', at(`${task}-queue`), '--format', 'jsonl']))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines).toHaveLength(2);
      expect(lines.every(({ error }) => error === undefined)).toBe(true);
      worker.kill('SIGINT');
    },
    120_000,
  );
});

async function seriousViolations(page: Page): Promise<string[]> {
  // Into the page's own world, which its policy keeps other scripts out of.
  await page.evaluate(await readFile(axeFile, 'utf8'));
  const serious: string[] = await page.evaluate(
    "axe.run().then(({ violations }) => violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id }) => id))",
  );
  return serious;
}

/** Of two images or three the photograph under its truth, under the prediction and under errors; in a report of several trials. */
const areImagesLoaded = `(() => {
  const images = Array.from(document.querySelectorAll('.pictures img'));
  const painted = Array.from(document.querySelectorAll('.pictures canvas'));
  return images.length >= 6 && images.every((image) => image.complete && image.naturalWidth > 0) && painted.every(({ dataset }) => dataset.ready);
})()`;

// The other task's when there is time.
describe.skipIf(!hasBrowser).each(thorough ? (['pose', 'depth'] as const) : (['depth'] as const))('pages of %s', (task) => {
  let browser: Browser;
  beforeAll(async () => {
    const args = ['search', '--data', at(`${task}-data`), '--preset', at(`${task}.yaml`), '--candidates', '2', '--out', at(`runs/${task}`)];
    expect((await auxcell(args)).code).toBe(0);
    const camera = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...camera] });
  }, 60_000);
  afterAll(() => browser.close());

  /** The best trial's page, wherever it is. */
  async function lookAtTrial(page: Page): Promise<void> {
    await page.click('[data-fact=best]');
    await expect.poll(() => page.evaluate(areImagesLoaded), { timeout: 10_000 }).toBe(true);
    const text = (await page.textContent('main')) ?? '';
    expect(text).toContain({ pose: 'Found, of the joints to be seen', depth: 'δ < 1.25 by true distance' }[task]);
    if (task === 'depth') {
      await page.locator('.pictures canvas').nth(1).hover();
      expect(await page.textContent('[data-fact=under]')).toMatch(/^truth: \d+\.\d\d m; prediction: \d+\.\d\d m$/);
    } else expect(await page.locator('.pictures canvas').count()).toBe(0);
  }

  test('the dashboard shows what was seen, and how good it is', async () => {
    const { url, close } = await serveDashboard({ runs: at('runs'), host: '127.0.0.1', port: 0 });
    const page = await browser.newPage();
    const troubles = troublesOf(page);
    try {
      await page.goto(`${url}#/${task}`);
      await page.waitForSelector('.rows .row a');
      expect(await page.textContent('.rows')).toContain({ pose: 'PCK@0.2', depth: 'δ < 1.25' }[task]);
      await lookAtTrial(page);
      expect(await seriousViolations(page)).toEqual([]);
      expect(troubles).toEqual([]);
    } finally {
      await page.close();
      await close();
    }
  });

  test('so does the report, without a server', async () => {
    expect((await auxcell(['report', at(`runs/${task}`), '-o', at(`${task}.html`)])).code).toBe(0);
    const page = await browser.newPage();
    const troubles = troublesOf(page);
    await page.goto(pathToFileURL(at(`${task}.html`)).href);
    await page.waitForSelector('[data-fact=best]');
    await lookAtTrial(page);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test('the playground runs on the camera', async () => {
    const model = await playgroundModel(at(`${task}-train/best.safetensors`));
    const { url, close } = await servePlayground({ ...model, name: 'best', samples: [] }, { host: '127.0.0.1', port: 0 });
    const page = await browser.newPage();
    const troubles = troublesOf(page);
    try {
      await page.goto(`${url}?backend=wasm`);
      await page.click('button:has-text("use the camera")');
      await expect
        .poll(() => page.textContent('.hint'), { timeout: 30_000 })
        .toMatch(/ms, 480×\d+ seen at \d+×\d+, \d+\.\d frames per second/);
      expect(
        await page.evaluate(`document.querySelector('canvas.overlay').${{ pose: 'joints', depth: 'metres' }[task]}.length`),
      ).toBeGreaterThan(10);
      await page.click('button:has-text("stop the camera")');
      await expect.poll(() => page.textContent('.hint'), { timeout: 10_000 }).not.toContain('frames per second');
      expect(troubles).toEqual([]);
    } finally {
      await page.close();
      await close();
    }
  });

  test('the playground sees what predict sees', async () => {
    const weights = at(`${task}-train/best.safetensors`);
    const picture = path.join(at(`${task}-data`), { pose: 'images/val-2.png', depth: 'val/0002.jpg' }[task]);
    // Of a lossless copy: browsers and sharp decode JPEG a little differently.
    const copy = at(`${task}-copy.png`);
    await sharp(picture).png().toFile(copy);
    await ok(['predict', weights, copy, '-o', at(`${task}-copied`)]);
    const { url, close } = await servePlayground(
      { ...(await playgroundModel(weights)), name: 'best', samples: [{ type: 'image/png', bytes: await readFile(copy) }] },
      { host: '127.0.0.1', port: 0 },
    );
    const page = await browser.newPage({ viewport: { width: 900, height: 1400 } });
    const troubles = troublesOf(page);
    const values = (of: 'joints' | 'metres'): Promise<number[]> =>
      page.evaluate(`Array.from(document.querySelector('canvas.overlay').${of} ?? [])`);
    try {
      await page.goto(`${url}?backend=wasm`);
      await page.waitForSelector('canvas[data-ready]', { timeout: 60_000 });
      const canvas = page.locator('canvas.overlay');
      if (task === 'depth') {
        const map = await readDepth(at(`${task}-copied/${task}-copy.png`), 1000);
        const metres = await values('metres');
        expect(metres.length).toBe(map.metres.length);
        metres.forEach((m, i) => {
          expect(Math.abs(m - (map.metres[i] ?? 0))).toBeLessThan(0.01 + 0.005 * m);
        });
        await canvas.hover();
        expect(await page.textContent('[data-fact=depth]')).toMatch(/^\d+\.\d\d m$/);
      } else {
        const jointsIn = async (file: string): Promise<number[]> =>
          Object.values<number[]>(JSON.parse(await readFile(file, 'utf8')).people[0]).flat();
        const near = (a: readonly number[], b: readonly number[]): void => {
          expect(a.length).toBe(b.length);
          a.forEach((v, i) => {
            expect(Math.abs(v - (b[i] ?? Number.NaN))).toBeLessThan(0.02);
          });
        };
        near(await values('joints'), await jointsIn(at(`${task}-copied/${task}-copy.json`)));
        // Somebody in a frame: from a fifth to four fifths of the 64×72 pixels.
        const { x, y, width, height } = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
        await page.mouse.move(x + 0.205 * width, y + 0.205 * height);
        await page.mouse.down();
        await page.mouse.move(x + 0.6 * width, y + 0.6 * height);
        await page.mouse.move(x + 0.805 * width, y + 0.805 * height);
        const before = await values('joints');
        await page.mouse.up();
        await expect.poll(async () => (await values('joints'))[0], { timeout: 10_000 }).not.toBe(before[0]);
        await writeFile(at('frame.json'), JSON.stringify({ [`${task}-copy.png`]: [[13, 14, 51 - 13, 57 - 14]] }));
        await ok(['predict', weights, copy, '--boxes', at('frame.json'), '-o', at('framed')]);
        near(await values('joints'), await jointsIn(at(`framed/${task}-copy.json`)));
      }
      expect(await seriousViolations(page)).toEqual([]);
      expect(troubles).toEqual([]);
    } finally {
      await page.close();
      await close();
    }
  });
});

describe('what cannot be', () => {
  test.each([
    [
      'another task than the preset’s',
      () => ['search', '--task', 'depth', '--data', at('pose-data'), '--preset', at('pose.yaml')],
      /--task depth: preset .*pose\.yaml is for pose/,
    ],
    [
      'another task than the model’s',
      () => ['eval', at('pose-train/best.safetensors'), '--data', at('pose-data'), '--task', 'depth'],
      /best\.safetensors is for pose/,
    ],
    ['no such task', () => ['describe', 'arch0', '--task', 'sound'], /--task: must be segmentation, pose or depth, got "sound"/],
    [
      'masks where people should be',
      () => ['search', '--data', at('depth-data'), '--preset', at('pose.yaml')],
      /depth-data: holds no annotations of train/,
    ],
    [
      'people for transformers.js',
      () => ['export', '--weights', at('pose-train/best.safetensors'), '--transformers', '-o', at('t')],
      /--transformers: its pipeline is for segmentation, this network is for pose/,
    ],
    [
      'several scales of depth',
      () => ['eval', at('depth-train/best.safetensors'), '--data', at('depth-data'), '--scales', '1,2'],
      /--scales: depth depends on the scale/,
    ],
    [
      'a crop of people',
      () => ['eval', at('pose-train/best.safetensors'), '--data', at('pose-data'), '--crop', 'garg'],
      /--crop garg: is for depth/,
    ],
    [
      'depth units for people',
      () => ['search', '--data', at('pose-data'), '--preset', at('pose.yaml'), '--depth-scale', '256'],
      /256 units a metre: the preset is for pose.* \(--depth-scale\)/,
    ],
    [
      'a framing of the other kind',
      () => ['search', '--data', at('pose-data'), '--preset', at('wrong.yaml')],
      /validation\.framing: people are framed with kind: person/,
    ],
    [
      'an unknown joint',
      () => ['search', '--data', at('pose-data'), '--preset', at('tail.yaml')],
      /train\.json: has no joint "tail" but left_shoulder/,
    ],
    [
      'a reward that cannot be measured',
      () => ['search', '--data', at('pose-data'), '--preset', at('heads.yaml')],
      /reward\.metric pckh: cannot be measured on .*pose-data: it wants heads' sizes .*; possible is pck/,
    ],
    [
      'a depth map of 8 bits',
      () => ['search', '--data', at('eight'), '--preset', at('depth.yaml')],
      /8 bits; depth maps are grey PNG files of 16 bits/,
    ],
    [
      'no box for a picture',
      () => ['predict', at('pose-train/best.safetensors'), at('pose-data/images/val-0.png'), '--boxes', at('one.json'), '-o', at('x')],
      /val-0\.png: has no box in .*one\.json/,
    ],
    [
      'a box outside',
      () => ['predict', at('pose-train/best.safetensors'), at('pose-data/images/val-0.png'), '--boxes', at('out.json'), '-o', at('x')],
      /the box 900, 5, 9, 9 in .*out\.json lies outside the image \(64×72\)/,
    ],
    ['generated people', () => ['demo', '--task', 'pose'], /--task pose: there are no generated people/],
  ] as const)('%s', async (what, args, message) => {
    await writeFile(
      at('wrong.yaml'),
      presetOf('pose').replace(
        `validation: { framing: ${parts.pose.validation} }\ncontroller`,
        `validation: { framing: ${parts.depth.validation} }\ncontroller`,
      ),
    );
    await writeFile(at('tail.yaml'), presetOf('pose').replace('joints: [left_shoulder', 'joints: [tail, left_shoulder'));
    await writeFile(at('heads.yaml'), presetOf('pose').replace('metric: pck', 'metric: pckh'));
    await writeFile(at('one.json'), JSON.stringify({ 'val-1.png': [[1, 1, 9, 9]] }));
    await writeFile(at('out.json'), JSON.stringify({ 'val-0.png': [[900, 5, 9, 9]] }));
    await generateDemo(at('eight'), { task: 'depth', train: 6, val: 1, width: 32, height: 24, random: seededRandom(1) });
    for (let i = 0; i < 6; i++) await writeFile(at(`eight/train/000${i}.png`), greyPng(new Uint8Array(32 * 24).fill(9), 32, 24));
    const { code, stderr } = await auxcell([
      ...args(),
      ...(args()[0] === 'search' ? ['--out', at(`bad-${what.replaceAll(' ', '-')}`)] : []),
    ]);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
