// One photograph, seen by `predict`, by the playground, by transformers.js and by a plain script on ONNX Runtime: turned by
// EXIF, with colours under transparency and in a wide colour space, and larger than what the model was validated on; by models
// that leave alpha out, and by one that was taught on photographs laid over a colour.

import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { env, pipeline } from '@huggingface/transformers';
import { type Browser, chromium } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMask } from '../../src/core/data/index.js';
import { freshNetwork, joinNetwork, loadEncoder, networkFile, playgroundModel, writeSafetensors } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { type PlaygroundSample, servePlayground } from '../../src/server/index.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import type { Validated } from '../../src/core/task/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';
import { thorough } from '../thorough.js';
import { auxcell } from './cli.js';

const hasBrowser = await hasChromium('the playground is not compared');

const classes = ['zero', 'one', 'two', 'three'];
const stretched = { kind: 'resize', aspect: 'stretched', width: 160, height: 128 } as const;
const kinds: Readonly<Record<string, { readonly validated: Validated; readonly background?: [number, number, number] }>> = {
  stretched: { validated: stretched },
  kept: { validated: { kind: 'centre', aspect: 'kept', side: 128, width: 128, height: 128 } },
  laid: { validated: stretched, background: [250, 30, 90] },
};
const photos = ['turned.jpg', 'transparent.png'] as const;
const all = Object.keys(kinds).flatMap((kind) => photos.map((photo): [string, string] => [kind, photo]));
/** Each way of framing and each photograph once, all of them when there is time. */
const once: [string, string][] = [
  ['stretched', 'turned.jpg'],
  ['kept', 'transparent.png'],
  ['laid', 'transparent.png'],
];
const cases = thorough ? all : once;

let folder: string;
let browser: Browser;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeAll(async () => {
  folder = await temporaryFolder();
  if (hasBrowser) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const encoder = await loadEncoder('movenet');
  for (const [name, said] of Object.entries(kinds)) {
    const description = {
      genotype: parseGenotype(publishedGenotypes.arch1),
      task: { task: 'segmentation' as const, classes, ...said },
      width: 16,
      sepRepeats: 1,
    };
    // A real encoder under a decoder that has learnt nothing: its classes depend on the picture.
    const { tensors } = freshNetwork(description, seededRandom(3));
    const parameters = new Map([...tensors].filter(([key]) => key.startsWith('decoder.')).map(([key, { data }]) => [key, data]));
    await writeSafetensors(at(`${name}.safetensors`), networkFile(joinNetwork(encoder, parameters, description)));
  }
  await mkdir(at('photos'));
  const [width, height] = [480, 360];
  const rgba = Uint8Array.from({ length: 4 * width * height }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 4) % width, Math.floor(i / 4 / width), i % 4];
    // The right half is transparent, in part wholly so; its colours go on.
    if (c === 3) return x < width / 2 ? 255 : y < height / 2 ? 0 : 40;
    return 128 + 100 * Math.sin((x * (c + 1)) / 75) * Math.cos((y * (3 - c)) / 60);
  });
  const picture = sharp(rgba, { raw: { width, height, channels: 4 } });
  await picture.clone().png().toFile(at('photos', 'transparent.png'));
  await picture
    .clone()
    .removeAlpha()
    .withIccProfile('p3')
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 92 })
    .toFile(at('photos', 'turned.jpg'));
  for (const kind of Object.keys(kinds)) {
    const { code, stderr } = await auxcell(['predict', at(`${kind}.safetensors`), at('photos'), '-o', at('masks', kind)]);
    expect(code, stderr).toBe(0);
  }
});

afterAll(() => browser?.close());

async function laidOver(file: string, [r, g, b]: [number, number, number]): Promise<string> {
  const laid = at('laid.png');
  await sharp(file).autoOrient().flatten({ background: { r, g, b } }).png().toFile(laid);
  return laid;
}

async function expected(kind: string, photo: string) {
  const mask = await readMask(at('masks', kind, `${path.parse(photo).name}.png`));
  expect([mask.width, mask.height]).toEqual(photo === 'turned.jpg' ? [360, 480] : [480, 360]);
  expect(new Set(mask.data).size).toBeGreaterThan(1);
  return mask;
}

function agreement(labels: ArrayLike<number>, ours: Uint8Array): number {
  expect(labels.length).toBe(ours.length);
  return ours.reduce((n, label, i) => n + (label === labels[i] ? 1 : 0), 0) / ours.length;
}

test('a colour that is laid under photographs is seen', async () => {
  const [laid, plain] = [await expected('laid', 'transparent.png'), await expected('stretched', 'transparent.png')];
  expect(agreement(laid.data, plain.data)).toBeLessThan(0.98);
});

describe('the same photograph', () => {
  test.each(cases)('validated %s, %s: a plain script on ONNX Runtime', async (kind, photo) => {
    const model = at(`${kind}.onnx`);
    const exported = await auxcell(['export', '--weights', at(`${kind}.safetensors`), '--normalise', '--overwrite', '-o', model]);
    expect(exported.code, exported.stderr).toBe(0);
    const mask = at(`${kind}-${photo}.png`);
    await promisify(execFile)(process.execPath, ['docs/plain-onnx.js', model, at('photos', photo), mask]);
    expect(agreement((await readMask(mask)).data, (await expected(kind, photo)).data)).toBeGreaterThanOrEqual(0.99);
  });

  test.each(cases)('validated %s, %s: transformers.js', async (kind, photo) => {
    const exported = await auxcell([
      'export',
      '--weights',
      at(`${kind}.safetensors`),
      '--transformers',
      '--overwrite',
      '-o',
      at('hub', kind),
    ]);
    expect(exported.code, exported.stderr).toBe(0);
    env.allowRemoteModels = false;
    env.localModelPath = `${at('hub')}/`;
    const segment = await pipeline('image-segmentation', kind, { dtype: 'fp32' });
    const { background } = JSON.parse(await readFile(at('hub', kind, 'preprocessor_config.json'), 'utf8'));
    expect(background).toEqual(kinds[kind]?.background);
    // It leaves alpha out: whoever uses it lays photographs over the colour that the folder says.
    if (background) expect(exported.stderr).toContain('laid over rgb(250, 30, 90) where they are transparent');
    const seen = await segment(background ? await laidOver(at('photos', photo), background) : at('photos', photo));
    await segment.dispose();
    const { width, height, data } = await expected(kind, photo);
    const labels = new Uint8Array(data.length).fill(255);
    for (const { label, mask } of seen) {
      expect([mask.width, mask.height]).toEqual([width, height]);
      mask.data.forEach((v, i) => {
        if (v > 0) labels[i] = classes.indexOf(label ?? '');
      });
    }
    expect(agreement(labels, data)).toBeGreaterThanOrEqual(0.99);
  });

  test.skipIf(!hasBrowser).each(thorough ? all : once.slice(0, 1))('validated %s, %s: the playground', async (kind, photo) => {
    const { url, close } = await servePlayground(
      { ...(await playgroundModel(at(`${kind}.safetensors`))), name: 'fresh', samples: [await sampleOf(at('photos', photo))] },
      { host: '127.0.0.1', port: 0 },
    );
    try {
      const page = await browser.newPage();
      const troubles = troublesOf(page);
      await page.goto(`${url}?backend=wasm`);
      await page.waitForSelector('canvas[data-ready]', { timeout: 90_000 });
      const labels: number[] = await page.evaluate("Array.from(document.querySelector('canvas.overlay').labels)");
      expect(troubles).toEqual([]);
      const hint = (await page.textContent('.hint')) ?? '';
      expect(hint).toContain(
        kinds[kind]?.validated.kind === 'resize' ? 'seen at 160×128' : `seen at ${photo === 'turned.jpg' ? '128×171' : '171×128'}`,
      );
      expect(agreement(labels, (await expected(kind, photo)).data)).toBeGreaterThanOrEqual(0.99);
      await page.close();
    } finally {
      await close();
    }
  });
});

async function sampleOf(file: string): Promise<PlaygroundSample> {
  return { type: file.endsWith('.png') ? 'image/png' : 'image/jpeg', bytes: await readFile(file) };
}
