// The core is free of any platform: the same search on Node.js, in memory alone, and in Chromium from pictures that it decoded itself.

import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import fastify from 'fastify';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from 'vite';
import { choosePlatform } from '../../src/core/platform/index.js';
import { chooseTrialStores } from '../../src/core/search/index.js';
import { memoryPlatform } from '../../src/platform/memory/platform.js';
import { memoryTrialStores } from '../../src/platform/memory/trial-store.js';
import { nodePlatform } from '../../src/platform/node/platform.js';
import { SqliteTrialStore } from '../../src/platform/node/sqlite-trial-store.js';
import { type SearchedAnywhere, searchAnywhere } from '../browser/search-anywhere.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';

const hasBrowser = await hasChromium('the core is not tried in a browser');

const models = path.join(path.dirname(createRequire(import.meta.url).resolve('@vladmandic/human')), '..', 'models');
const movenet = async (ending: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(path.join(models, `movenet-lightning.${ending}`)));

let folder: string;
let data: string[];
let onNode: SearchedAnywhere;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(path.join(folder, 'data'), { train: 12, val: 2 });
  const entries = await readdir(path.join(folder, 'data'), { recursive: true, withFileTypes: true });
  data = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(path.join(folder, 'data'), path.join(entry.parentPath, entry.name)));
  onNode = await searchAnywhere(portable, path.join(folder, 'data'), path.join(folder, 'run'));
});
afterAll(() => {
  choosePlatform(nodePlatform);
  chooseTrialStores(SqliteTrialStore);
});

test('on Node.js: both candidates learn something', () => {
  expect(onNode.losses).toHaveLength(6);
  expect(onNode.trials).toHaveLength(2);
  expect(onNode.trials.every(({ reward }) => reward > 0 && reward < 1)).toBe(true);
  expect(onNode.bestTensors).toBeGreaterThan(100);
});

/** As far as two machines' arithmetic may differ. */
function expectTheSame(other: SearchedAnywhere): void {
  expect(other.trials.map(({ genotype }) => genotype)).toEqual(onNode.trials.map(({ genotype }) => genotype));
  expect(other.losses.length).toBe(onNode.losses.length);
  other.losses.forEach((loss, i) => {
    expect(loss).toBeCloseTo(onNode.losses[i] ?? Number.NaN, 2);
  });
  expect(other.bestTensors).toBe(onNode.bestTensors);
}

let inMemory: SearchedAnywhere;

test('in memory: the same search, its pictures resized by the core', async () => {
  const files = Object.fromEntries(
    await Promise.all(data.map(async (name) => [`/data/${name}`, await readFile(path.join(folder, 'data', name))] as const)),
  );
  const assets = {
    movenet: async () => ({ name: 'movenet', manifest: new TextDecoder().decode(await movenet('json')), weights: await movenet('bin') }),
  };
  choosePlatform(memoryPlatform({ files, assets }));
  chooseTrialStores(memoryTrialStores());
  inMemory = await searchAnywhere(portable, '/data', '/run');
  expectTheSame(inMemory);
});

describe.skipIf(!hasBrowser)('in Chromium', () => {
  test('on WebAssembly, with the losses of memory', async () => {
    const site = path.join(folder, 'site');
    await build({
      root: path.join(import.meta.dirname, '..', 'browser'),
      configFile: false,
      base: './',
      logLevel: 'error',
      resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'] },
      build: { outDir: site, emptyOutDir: true, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
    });
    await cp(path.join(folder, 'data'), path.join(site, 'data'), { recursive: true });
    await mkdir(path.join(site, 'ort'));
    for (const ending of ['mjs', 'wasm']) {
      const name = `ort-wasm-simd-threaded.asyncify.${ending}`;
      await cp(path.join(import.meta.dirname, '..', '..', 'node_modules', 'onnxruntime-web', 'dist', name), path.join(site, 'ort', name));
    }
    for (const ending of ['json', 'bin'])
      await cp(path.join(models, `movenet-lightning.${ending}`), path.join(site, `movenet-lightning.${ending}`));
    const app = fastify();
    await app.register(fastifyStatic, { root: site });
    app.get('/data.json', () => data);
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const troubles = troublesOf(page);
      await page.goto(`${url}/index.html`);
      await page.waitForSelector('body[data-ready]', { timeout: 100_000 });
      const searched: SearchedAnywhere & { readonly error?: string } = JSON.parse((await page.textContent('body')) ?? '{}');
      expect(searched.error).toBeUndefined();
      expect(troubles).toEqual([]);
      expectTheSame(searched);
      searched.losses.forEach((loss, i) => {
        const expected = inMemory.losses[i] ?? Number.NaN;
        expect(Math.abs(loss - expected) / expected).toBeLessThan(1e-4);
      });
    } finally {
      await browser.close();
      await app.close();
    }
  });
});
