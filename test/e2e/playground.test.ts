// The playground in a real browser: what the page computes is what `predict` computes, on WebAssembly and on WebGPU (in
// software), served and as a static folder.

import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import fastify from 'fastify';
import { chromium } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { readMask, writeImage } from '../../src/core/data/index.js';
import { freshNetwork, joinNetwork, loadEncoder, networkFile, playgroundModel, writeSafetensors } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { servePlayground } from '../../src/server/index.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { thorough } from '../thorough.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';
import { auxcell } from './cli.js';
import { differenceFromReference } from './looks.js';
import { pageTroubles } from './page-troubles.js';

const hasBrowser = await hasChromium('the playground is not tried');

const [width, height] = [160, 128];
let folder: string;
let model: string;
let picture: string;
let expected: Uint8Array;

beforeAll(async () => {
  folder = await temporaryFolder();
  model = path.join(folder, 'fresh.safetensors');
  picture = path.join(folder, 'pictures', 'picture.png');
  const genotype = parseGenotype(publishedGenotypes.arch1);
  const classes = ['background', 'one', '<b>two</b>', 'three'];
  // A real encoder under a decoder that has learnt nothing: its classes depend on the picture.
  const description = { genotype, task: { task: 'segmentation' as const, classes }, width: 16, sepRepeats: 1 };
  const { tensors } = freshNetwork(description, seededRandom(3));
  const parameters = new Map([...tensors].filter(([name]) => name.startsWith('decoder.')).map(([name, { data }]) => [name, data]));
  await writeSafetensors(model, networkFile(joinNetwork(await loadEncoder('movenet'), parameters, description)));
  await mkdir(path.dirname(picture));
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 128 + 100 * Math.sin((x * (c + 1)) / 25) * Math.cos((y * (3 - c)) / 20);
  });
  await writeImage(picture, { width, height, data });
  const { code, stderr } = await auxcell(['predict', model, picture, '-o', path.join(folder, 'masks')]);
  expect(code, stderr).toBe(0);
  expected = (await readMask(path.join(folder, 'masks', 'picture.png'))).data;
  expect(new Set(expected).size).toBeGreaterThan(1);
});

const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan', '--use-vulkan=swiftshader'];

/** What the page made of its first sample, and what it says. */
async function labelsOf(url: string, backend: 'wasm' | 'webgpu'): Promise<{ labels: Uint8Array; hint: string; requests: string[] }> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...(backend === 'webgpu' ? software : [])] });
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const troubles = troublesOf(page);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
    await page.goto(`${url}?backend=${backend}`);
    await page.waitForSelector('canvas[data-ready]', { timeout: 90_000 });
    const labels: number[] = await page.evaluate("Array.from(document.querySelector('canvas.overlay').labels)");
    expect(await pageTroubles(page)).toEqual([]);
    expect(troubles).toEqual([]);
    expect(await page.textContent('.legend')).toContain('<b>two</b>');
    return { labels: Uint8Array.from(labels), hint: (await page.textContent('.hint')) ?? '', requests };
  } finally {
    await browser.close();
  }
}

function agreement(labels: Uint8Array): number {
  expect(labels.length).toBe(expected.length);
  return labels.reduce((n, label, i) => n + (label === expected[i] ? 1 : 0), 0) / labels.length;
}

describe.skipIf(!hasBrowser)('the playground', () => {
  const engines = [
    ['wasm', /WebAssembly, \d+ thread/],
    // A minute on a processor that plays the graphics card.
    ['webgpu', /WebGPU/],
  ] as const;

  test.each(thorough ? engines : engines.slice(0, 1))('on %s agrees with predict', async (backend, engine) => {
    const { url, close } = await servePlayground(
      { ...(await playgroundModel(model)), name: 'fresh', samples: [{ type: 'image/png', bytes: await readFile(picture) }] },
      { host: '127.0.0.1', port: 0 },
    );
    try {
      const { labels, hint, requests } = await labelsOf(url, backend);
      expect(hint).toMatch(engine);
      expect(hint).toContain(`${width}×${height}`);
      expect(agreement(labels)).toBeGreaterThanOrEqual(0.99);
      // The picture never leaves the browser.
      for (const request of requests)
        expect(request.startsWith(`GET ${url}`) || request.startsWith('GET blob:') || request.startsWith('GET data:'), request).toBe(true);
    } finally {
      await close();
    }
  });

  test('says what is under the pointer and how sure it is, marks its sample, gives the mask and the size of the model', async () => {
    const sample = { type: 'image/png' as const, bytes: await readFile(picture) };
    const parts = await playgroundModel(model);
    const { url, close } = await servePlayground({ ...parts, name: 'fresh', samples: [sample, sample] }, { host: '127.0.0.1', port: 0 });
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ viewport: { width: 1000, height: 1200 } });
      await page.goto(`${url}?backend=wasm`);
      await page.waitForSelector('canvas[data-ready]', { timeout: 90_000 });
      expect(await page.locator('.sample').evaluateAll((all) => all.map((one) => one.getAttribute('aria-pressed')))).toEqual([
        'true',
        'false',
      ]);
      const { model: onnx, parameters = 0 } = parts;
      // Float32 weights and little else.
      expect(4 * parameters).toBeGreaterThan(0.8 * onnx.byteLength);
      expect(4 * parameters).toBeLessThan(1.05 * onnx.byteLength);
      expect(await page.textContent('main')).toContain(
        `segmentation into 4 classes · ${(parameters / 1e6).toFixed(2)} M parameters in use · ${(onnx.byteLength / 2 ** 20).toFixed(1)} MiB`,
      );
      for (const [device, viewport] of [
        ['phone', { width: 390, height: 844 }],
        ['desk', { width: 1000, height: 1200 }],
      ] as const) {
        await page.setViewportSize(viewport);
        await page.waitForTimeout(200);
        // The time that it took.
        const png = await page.screenshot({ mask: [page.locator('.hint')] });
        expect(await differenceFromReference(`playground-${device}`, png), device).toBeLessThan(0.01);
      }
      const canvas = page.locator('canvas.overlay');
      const box = (await canvas.boundingBox()) ?? { width: 0, height: 0 };
      const [x, y] = [40, 30];
      await canvas.hover({ position: { x: ((x + 0.5) / width) * box.width, y: ((y + 0.5) / height) * box.height } });
      const names = ['background', 'one', '<b>two</b>', 'three'];
      const said = /^(.+?) (\d+) %, (.+?) (\d+) %$/.exec((await page.textContent('[data-fact=under]')) ?? '') ?? [];
      expect(said[1]).toBe(names[expected[y * width + x] ?? -1]);
      expect(Number(said[2])).toBeGreaterThanOrEqual(Number(said[4]));
      expect(Number(said[2]) + Number(said[4])).toBeLessThanOrEqual(101);
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('download the mask').click()]);
      const file = path.join(folder, 'downloaded.png');
      await download.saveAs(file);
      expect(agreement((await readMask(file)).data)).toBeGreaterThanOrEqual(0.99);
    } finally {
      await browser.close();
      await close();
    }
  });

  test('as a static folder, on a host that sets no headers', async () => {
    const site = path.join(folder, 'site');
    const { code, stderr } = await auxcell(['playground', model, '--samples', path.dirname(picture), '--static', site]);
    expect(code, stderr).toBe(0);
    expect(await readFile(path.join(site, '_headers'), 'utf8')).toContain('Cross-Origin-Embedder-Policy');
    const server = fastify({ forceCloseConnections: true });
    await server.register(fastifyStatic, { root: site, prefix: '/deep/' });
    const base = await server.listen({ host: '127.0.0.1', port: 0 });
    try {
      const { labels, hint } = await labelsOf(`${base}/deep/index.html`, 'wasm');
      expect(hint).toMatch(/WebAssembly, 1 thread:/);
      expect(agreement(labels)).toBeGreaterThanOrEqual(0.99);
    } finally {
      await server.close();
    }
  });

  test('opened as a file it says how it is served', async () => {
    const site = path.join(folder, 'opened');
    const { code, stderr } = await auxcell(['playground', model, '--static', site]);
    expect(code, stderr).toBe(0);
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      await page.goto(`file://${site}/index.html`);
      await page.getByText('This page has to come from a web server').waitFor({ state: 'visible' });
      expect(await page.textContent('body')).toContain('npx serve');
    } finally {
      await browser.close();
    }
  });

  test('bad input is told', async () => {
    const missing = await auxcell(['playground', path.join(folder, 'none.onnx')]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/none\.onnx: cannot be read/)]);
    const empty = await auxcell(['playground', model, '--samples', path.join(folder, 'nowhere')]);
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringMatching(/--samples .*nowhere: there is no such folder/)]);
  });
});
