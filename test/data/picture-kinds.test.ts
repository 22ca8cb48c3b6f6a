// The kinds of pictures that phones, scanners and programs write: each is read to the colours that were saved, or refused by name.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeImage, readImage } from '../../src/core/data/index.js';
import { temporaryFolder } from './fixtures.js';

const [width, height] = [40, 30];
/** A quarter red, a quarter green, a quarter blue, a quarter light grey: what no kind of compression mistakes. */
const corners = [
  [200, 40, 40],
  [40, 180, 60],
  [40, 60, 200],
  [220, 220, 220],
];
const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
  const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
  return corners[(x < width / 2 ? 0 : 1) + (y < height / 2 ? 0 : 2)]?.[i % 3] ?? 0;
});
const grey = Uint8Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 60 : 200));
const plain = () => sharp(rgb, { raw: { width, height, channels: 3 } });

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});

async function saved(name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

/** In the middle of each quarter. */
async function colours(file: string, background?: readonly [number, number, number]): Promise<number[][]> {
  const image = await readImage(file, { background });
  expect([image.width, image.height]).toEqual([width, height]);
  return [
    [10, 7],
    [30, 7],
    [10, 22],
    [30, 22],
  ].map(([x = 0, y = 0]) => [...image.data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)]);
}

function expectNear(found: readonly number[][], wanted: readonly (readonly number[])[], tolerance: number): void {
  for (const [k, colour] of found.entries())
    for (const [c, v] of colour.entries())
      expect(Math.abs(v - (wanted[k]?.[c] ?? 0)), `corner ${k}: ${colour} for ${wanted[k]}`).toBeLessThanOrEqual(tolerance);
}

/** A second picture behind the first, as phones append a preview or a depth map (CIPA DC-007). */
async function multiPicture(): Promise<Uint8Array> {
  const [first, second] = [await plain().jpeg({ quality: 95 }).toBuffer(), await plain().negate().resize(20, 15).jpeg().toBuffer()];
  return Buffer.concat([first, second]);
}

async function frames(): Promise<Uint8Array> {
  const both = Buffer.concat([rgb, rgb.map((v) => 255 - v)]);
  return sharp(both, { raw: { width, height: 2 * height, channels: 3, pageHeight: height } })
    .webp({ lossless: true, loop: 0, delay: [100, 100] })
    .toBuffer();
}

async function animatedGif(): Promise<Uint8Array> {
  const both = Buffer.concat([rgb, rgb.map((v) => 255 - v)]);
  return sharp(both, { raw: { width, height: 2 * height, channels: 3, pageHeight: height } })
    .gif({ delay: [100, 100] })
    .toBuffer();
}

describe('is read to its colours', () => {
  test.each<[string, number, () => Promise<Uint8Array>]>([
    ['PHOTO.JPG', 6, () => plain().jpeg({ quality: 95 }).toBuffer()],
    ['progressive.jpeg', 6, () => plain().jpeg({ quality: 95, progressive: true }).toBuffer()],
    ['phone.MPO.jpg', 6, multiPicture],
    // What ink can show, of which the picture comes as near as a press.
    ['ink.jpg', 60, () => plain().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()],
    ['deep.png', 2, () => plain().toColourspace('rgb16').png().toBuffer()],
    ['palette.png', 6, () => plain().png({ palette: true }).toBuffer()],
    ['wide.jpg', 10, () => plain().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer()],
    ['animated.webp', 2, frames],
    ['animated.gif', 8, animatedGif],
    ['new.avif', 12, () => plain().avif({ quality: 90 }).toBuffer()],
    ['named as something else.png', 6, () => plain().jpeg({ quality: 95 }).toBuffer()],
    ['scan.TIF', 2, () => plain().tiff({ compression: 'lzw' }).toBuffer()],
  ])('%s', async (name, tolerance, encoded) => {
    expectNear(await colours(await saved(name, await encoded())), corners, tolerance);
  });

  test('an animation says how many frames it has', async () => {
    expect((await describeImage(await saved('frames.webp', await frames()))).pages).toBe(2);
  });

  test.each<[string, () => Promise<Uint8Array>]>([
    [
      'grey.png',
      () =>
        sharp(grey, { raw: { width, height, channels: 1 } })
          .toColourspace('b-w')
          .png()
          .toBuffer(),
    ],
    [
      'grey.jpg',
      () =>
        sharp(grey, { raw: { width, height, channels: 1 } })
          .toColourspace('b-w')
          .jpeg({ quality: 100 })
          .toBuffer(),
    ],
    [
      'grey16.png',
      () =>
        sharp(grey, { raw: { width, height, channels: 1 } })
          .toColourspace('grey16')
          .png()
          .toBuffer(),
    ],
  ])('%s as grey', async (name, encoded) => {
    const [dark, light] = [60, 200].map((v) => [v, v, v]);
    expectNear(await colours(await saved(name, await encoded())), [dark ?? [], light ?? [], dark ?? [], light ?? []], 2);
  });

  test.each([8, 16])('grey with alpha, of %i bits: its greys, or over a colour where it is transparent', async (bits) => {
    const pairs = Uint8Array.from({ length: 2 * width * height }, (_, i) => {
      const pixel = Math.floor(i / 2);
      return i % 2 === 0 ? (grey[pixel] ?? 0) : Math.floor(pixel / width) < height / 2 ? 255 : 0;
    });
    const source = sharp(pairs, { raw: { width, height, channels: 2 } }).toColourspace(bits === 8 ? 'b-w' : 'grey16');
    const file = await saved(`grey with alpha ${bits}.png`, await source.png().toBuffer());
    expect(await describeImage(file)).toMatchObject({ channels: 2, hasAlpha: true, bits });
    const [dark, light] = [
      [60, 60, 60],
      [200, 200, 200],
    ];
    expectNear(await colours(file), [dark, light, dark, light], 2);
    const background = [250, 30, 90] as const;
    expectNear(await colours(file, background), [dark, light, background, background], 2);
  });

  test.each([8, 16])('colours with alpha, of %i bits, over a colour', async (bits) => {
    const rgba = Uint8Array.from({ length: 4 * width * height }, (_, i) => {
      const pixel = Math.floor(i / 4);
      return i % 4 < 3 ? (rgb[3 * pixel + (i % 4)] ?? 0) : Math.floor(pixel / width) < height / 2 ? 255 : 51;
    });
    const source = sharp(rgba, { raw: { width, height, channels: 4 } });
    const file = await saved(`alpha ${bits}.png`, await (bits === 8 ? source : source.toColourspace('rgb16')).png().toBuffer());
    expectNear(await colours(file), corners, 2);
    const background = [250, 30, 90] as const;
    const laid = corners.map((colour, k) => colour.map((v, c) => (k < 2 ? v : 0.2 * v + 0.8 * (background[c] ?? 0))));
    expectNear(await colours(file, background), laid, 2);
  });
});

describe('is refused by name, with what to do', () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      'IMG_0001.HEIC',
      Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(200)]),
      /IMG_0001\.HEIC: HEIC is not read; export it as JPEG/,
    ],
    ['old.bmp', Buffer.concat([Buffer.from('BM'), Buffer.alloc(200)]), /old\.bmp: .*replace it or take it out/],
    ['empty.jpg', new Uint8Array(), /empty\.jpg: .*replace it or take it out/],
    ['page.jpg', Buffer.from('<!doctype html><title>404</title>'), /page\.jpg: .*replace it or take it out/],
  ])('%s', async (name, bytes, words) => {
    await expect(readImage(await saved(name, bytes))).rejects.toThrow(words);
  });

  test('a photograph that was cut off', async () => {
    const whole = await sharp({
      create: { width: 400, height: 300, channels: 3, background: '#888', noise: { type: 'gaussian', mean: 120, sigma: 40 } },
    })
      .jpeg()
      .toBuffer();
    await expect(readImage(await saved('cut.jpg', whole.subarray(0, whole.length / 2)))).rejects.toThrow(/cut\.jpg: /);
  });
});
