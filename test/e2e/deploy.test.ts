// docs/deploy.md: every example runs as it stands there, where its runtime can be had, and sees what ONNX Runtime does.

import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import fastifyStatic from '@fastify/static';
import fastify from 'fastify';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { readMask, writeImage } from '../../src/core/data/index.js';
import { freshNetwork, joinNetwork, loadEncoder, networkFile, usageExamples, writeSafetensors } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseArchitecture } from '../../src/core/space/index.js';
import { exportModel } from '../../src/library/export-model.js';
import { openModel } from '../../src/library/model.js';
import { temporaryFolder } from '../data/fixtures.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';
import { auxcell } from './cli.js';

const root = path.join(import.meta.dirname, '..', '..');
/** No tap is twice the one before. */
const [width, height] = [176, 136];
const text = (await readFile(path.join(root, 'docs', 'deploy.md'), 'utf8'))
  .replaceAll('480', String(width))
  .replaceAll('360', String(height));
const example = (title: string): string => new RegExp(`^## ${title}$.*?^\`\`\`\\w+\n(.*?)^\`\`\``, 'ms').exec(text)?.[1] ?? '';
const hasBrowser = await hasChromium("docs/deploy.md's page is not tried");
const python = (...modules: readonly string[]): string | undefined => {
  const found = ['/usr/bin/python3', 'python3'].find((p) => spawnSync(p, ['-c', `import ${modules.join(', ')}`]).status === 0);
  if (found === undefined) console.warn(`no python3 with ${modules.join(', ')}: its example in docs/deploy.md is not tried`);
  return found;
};
const withOpencv = python('cv2', 'numpy');
const withRuntime = python('cv2', 'numpy', 'onnxruntime');

const classes = ['background', 'one', 'two', 'three'];
let folder: string;
let expected: Uint8Array;

beforeAll(async () => {
  folder = await temporaryFolder();
  // A real encoder under a decoder that has learnt nothing: its classes depend on the picture.
  const description = { genotype: parseArchitecture('arch1'), task: { task: 'segmentation' as const, classes }, width: 16, sepRepeats: 1 };
  const { tensors } = freshNetwork(description, seededRandom(3));
  const parameters = new Map([...tensors].filter(([name]) => name.startsWith('decoder.')).map(([name, { data }]) => [name, data]));
  const network = path.join(folder, 'fresh.safetensors');
  await writeSafetensors(network, networkFile(joinNetwork(await loadEncoder('movenet'), parameters, description)));
  const form = { network, upsample: true, normalise: true, size: { width, height } };
  await exportModel({ ...form, output: path.join(folder, 'model.onnx') });
  await exportModel({ ...form, opset: 11, output: path.join(folder, 'older.onnx') });
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 128 + 100 * Math.sin((x * (c + 1)) / 25) * Math.cos((y * (3 - c)) / 20);
  });
  await writeImage(path.join(folder, 'photo.png'), { width, height, data });
  await using model = await openModel(path.join(folder, 'model.onnx'));
  const seen = await model.predict(path.join(folder, 'photo.png'));
  if (seen.kind !== 'labels') throw new Error(`the model sees ${seen.kind}`);
  expected = Uint8Array.from(seen.data);
  expect(new Set(expected).size).toBeGreaterThan(1);
});

/** A folder of its own, with the model and the picture. */
async function place(name: string, model = 'model.onnx'): Promise<string> {
  const own = path.join(folder, name);
  await mkdir(own);
  await cp(path.join(folder, model), path.join(own, 'model.onnx'));
  await cp(path.join(folder, 'photo.png'), path.join(own, 'photo.png'));
  return own;
}

function agreement(labels: ArrayLike<number>): number {
  return expected.reduce((n, label, i) => n + (labels[i] === label ? 1 : 0), 0) / expected.length;
}

async function runIn(own: string, command: string, file: string): Promise<Uint8Array> {
  await promisify(execFile)(command, [file], { cwd: own });
  return (await readMask(path.join(own, 'labels.png'))).data;
}

test('Node.js', async () => {
  const own = await place('node');
  await symlink(path.join(root, 'node_modules'), path.join(own, 'node_modules'));
  await writeFile(path.join(own, 'example.mjs'), example('Node.js'));
  expect(agreement(await runIn(own, process.execPath, 'example.mjs'))).toBeGreaterThan(0.999);
});

test('Node.js, this library', async () => {
  const own = await place('library');
  const modules = path.join(own, 'node_modules');
  await mkdir(modules);
  await symlink(root, path.join(modules, 'auxcell'));
  await symlink(path.join(root, 'node_modules', 'sharp'), path.join(modules, 'sharp'));
  await writeFile(path.join(own, 'example.mjs'), example('Node.js, this library'));
  expect(agreement(await runIn(own, process.execPath, 'example.mjs'))).toBe(1);
});

test('transformers.js', async () => {
  const own = await place('transformers');
  await symlink(path.join(root, 'node_modules'), path.join(own, 'node_modules'));
  const weights = path.join(folder, 'fresh.safetensors');
  const exported = await auxcell(['export', '--weights', weights, '--transformers', '-o', path.join(own, 'models', 'mine')]);
  expect(exported.code, exported.stderr).toBe(0);
  await writeFile(path.join(own, 'example.mjs'), example('transformers.js'));
  const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: own });
  const labels = new Uint8Array(width * height).fill(255);
  const shares: number[] = [];
  for (const [, label = '', share] of stdout.matchAll(/^(\w+) ([\d.]+) %$/gm)) {
    const mask = await sharp(path.join(own, `${label}.png`))
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    mask.forEach((value, i) => {
      if (value > 0) labels[i] = classes.indexOf(label);
    });
    shares.push(Number(share));
  }
  expect(agreement(labels)).toBeGreaterThan(0.99);
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 0);
});

/** A model of the task that has learnt nothing. @returns its file's name */
async function made(task: 'depth' | 'pose'): Promise<string> {
  const crop: [number, number] = [width, height];
  const description = {
    genotype: parseArchitecture('arch1'),
    task:
      task === 'depth'
        ? { task, minDepth: 0.5, maxDepth: 10, unit: 'metre' as const }
        : { task, joints: ['a', 'b'], skeleton: [], crop, padding: 1, sigma: 2, decoding: 'quarter' as const },
    width: 16,
    sepRepeats: 1,
  };
  const network = path.join(folder, `${task}.safetensors`);
  const { tensors } = freshNetwork(description, seededRandom(3));
  const parameters = new Map([...tensors].filter(([name]) => name.startsWith('decoder.')).map(([name, { data }]) => [name, data]));
  await writeSafetensors(network, networkFile(joinNetwork(await loadEncoder('movenet'), parameters, description)));
  await exportModel({ network, upsample: task === 'depth', normalise: true, output: path.join(folder, `${task}.onnx`) });
  return `${task}.onnx`;
}

test.each(['depth', 'pose'] as const)('Node.js and this library, of %s: what the one says the other says too', async (task) => {
  const own = await place(task, await made(task));
  const modules = path.join(own, 'node_modules');
  await mkdir(modules);
  await symlink(root, path.join(modules, 'auxcell'));
  for (const name of ['sharp', 'onnxruntime-node']) await symlink(path.join(root, 'node_modules', name), path.join(modules, name));
  const said: string[] = [];
  for (const { name, code } of usageExamples({ task, size: { width, height } }).slice(0, 2)) {
    await writeFile(path.join(own, `${name}.mjs`), code);
    said.push((await promisify(execFile)(process.execPath, [`${name}.mjs`], { cwd: own })).stdout);
  }
  const [first = [], second = []] = said.map((text) => text.match(/-?\d+\.\d+/g)?.map(Number));
  if (task === 'depth') {
    expect(first[0]).toBeGreaterThan(0);
    expect(first[0]).toBeCloseTo(second[0] ?? Number.NaN, 2);
  } else {
    // x, y and score of each joint in pixels; shares of width and height. The library cuts a crop and moves them within a map's pixel, which is four of the picture's.
    expect(second).toHaveLength(4);
    for (const k of [0, 1]) {
      expect(Math.abs(((first[3 * k] ?? Number.NaN) + 0.5) / width - (second[2 * k] ?? 0))).toBeLessThan(4 / width);
      expect(Math.abs(((first[3 * k + 1] ?? Number.NaN) + 0.5) / height - (second[2 * k + 1] ?? 0))).toBeLessThan(4 / height);
    }
  }
});

test.skipIf(withOpencv === undefined)('OpenCV', async () => {
  const own = await place('opencv', 'older.onnx');
  await writeFile(path.join(own, 'example.py'), example('OpenCV'));
  expect(agreement(await runIn(own, withOpencv ?? '', 'example.py'))).toBeGreaterThan(0.999);
});

test.skipIf(withRuntime === undefined)('Python', async () => {
  const own = await place('python');
  await writeFile(path.join(own, 'example.py'), example('Python'));
  expect(agreement(await runIn(own, withRuntime ?? '', 'example.py'))).toBeGreaterThan(0.999);
});

/** What the page in a folder has drawn on its canvas when it is done: red of every pixel, opacity of every pixel. */
async function drawnBy(own: string, html: string, canvas: string): Promise<{ readonly red: number[]; readonly alpha: number[] }> {
  await writeFile(path.join(own, 'index.html'), html);
  await symlink(path.join(root, 'node_modules', 'onnxruntime-web', 'dist'), path.join(own, 'ort'));
  const server = fastify();
  await server.register(fastifyStatic, { root: own });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const troubles = troublesOf(page);
    await page.goto(url);
    await page.waitForFunction("document.title === 'done'").catch((error: unknown) => {
      throw new Error(`${String(error)}\n${troubles.join('\n')}`);
    });
    const pixels = await page.evaluate<number[]>(
      `[...document.querySelector('#${canvas}').getContext('2d').getImageData(0, 0, ${width}, ${height}).data]`,
    );
    return { red: pixels.filter((_, i) => i % 4 === 0), alpha: pixels.filter((_, i) => i % 4 === 3) };
  } finally {
    await browser.close();
    await server.close();
  }
}

test.skipIf(!hasBrowser)('a browser', async () => {
  const { red } = await drawnBy(await place('browser'), example('A browser'), 'labels');
  expect(agreement(red)).toBeGreaterThan(0.999);
});

test.skipIf(!hasBrowser).each(['depth', 'pose'] as const)('a browser, of %s: what it draws is what the library sees', async (task) => {
  const own = await place(`${task}-page`, await made(task));
  const { code = '' } = usageExamples({ task, size: { width, height } }).find(({ name }) => name === 'onnxruntime-web') ?? {};
  await using model = await openModel(path.join(own, 'model.onnx'));
  const seen = await model.predict(path.join(own, 'photo.png'));
  const { red } = await drawnBy(own, code, task === 'pose' ? 'joints' : 'depth');
  if (seen.kind === 'depth') {
    const farthest = seen.metres.reduce((most, metres) => Math.max(most, metres), 0);
    const off = seen.metres.reduce((most, metres, p) => Math.max(most, Math.abs(255 * (1 - metres / farthest) - (red[p] ?? 999))), 0);
    expect(new Set(red).size).toBeGreaterThan(1);
    expect(off).toBeLessThan(3);
  } else {
    if (seen.kind !== 'joints') throw new Error(`the model sees ${seen.kind}`);
    // A black square where each joint is, within a map's pixel, which is four of the picture's.
    for (const k of [0, 1]) {
      const [x, y] = [Math.round(seen.joints[3 * k] ?? 0), Math.round(seen.joints[3 * k + 1] ?? 0)];
      const near = [-2, 0, 2].flatMap((dy) => [-2, 0, 2].map((dx) => red[(y + dy) * width + x + dx] ?? 255));
      expect(Math.min(...near), `joint ${k} at ${x}, ${y}`).toBe(0);
    }
  }
});
