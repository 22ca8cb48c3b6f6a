// Labels that are read without complaint and mean something else: each is found, or refused, with words that say what to do.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { beforeEach, describe, expect, test } from 'vitest';
import { openData } from '../../src/core/data/index.js';
import { inspectDataset } from '../../src/core/inspect/index.js';
import { greyPng, temporaryFolder, writePhoto } from './fixtures.js';

const [width, height] = [48, 20];
let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function put(name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), content);
}

async function photo(name: string, seed: number): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writePhoto(path.join(folder, name), width, height, seed);
}

/** Ground and two squares. */
const truth = Uint8Array.from({ length: width * height }, (_, i) => {
  const [x, y] = [i % width, Math.floor(i / width)];
  return x >= 4 && x < 20 && y >= 5 && y < 15 ? 1 : x >= 26 && x < 44 && y >= 2 && y < 18 ? 2 : 0;
});

async function found(): Promise<{ grade: string; code: string; cause: string; count: number; files: readonly string[] }[]> {
  const { findings } = await inspectDataset(await openData(folder), { folder, threads: 1 });
  return findings.filter(({ grade }) => grade !== 'note');
}
const codes = async (): Promise<string[]> => (await found()).map(({ grade, code, count }) => `${grade} ${code} ${count}`);

/** Five pictures and their masks. */
async function folders(mask: (k: number) => Promise<Uint8Array> | Uint8Array, names = (k: number) => `masks/p${k}.png`): Promise<void> {
  for (let k = 0; k < 5; k++) {
    await photo(`images/p${k}.jpg`, k);
    await put(names(k), await mask(k));
  }
}

describe('masks', () => {
  const colours = [
    [0, 0, 0],
    [255, 0, 0],
    [0, 255, 0],
  ];
  /** @param order the number of each colour */
  const indexed = (order: readonly number[]): Uint8Array => {
    const palette: number[][] = [];
    order.forEach((number, k) => {
      palette[number] = colours[k] ?? [];
    });
    return encode({ width, height, data: truth.map((label) => order[label] ?? 0), channels: 1, depth: 8, palette });
  };

  test('of one palette are as they were; of a palette each, numbered anew, they are warned of', async () => {
    await folders(() => indexed([0, 1, 2]));
    expect(await codes()).toEqual([]);
    folder = await temporaryFolder();
    await folders((k) => indexed(k % 2 === 0 ? [0, 1, 2] : [2, 0, 1]));
    const [finding, ...more] = await found();
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      grade: 'warning',
      code: 'palettes-differ',
      cause: expect.stringMatching(/the palettes of [23] of 5 masks/),
    });
  });

  test('with a colour a class in the folder, the numbers of palettes mean nothing', async () => {
    await folders((k) => indexed(k % 2 === 0 ? [0, 1, 2] : [2, 0, 1]));
    await put('class_dict.csv', 'name,r,g,b\nground,0,0,0\nred,255,0,0\ngreen,0,255,0\n');
    expect(await codes()).toEqual([]);
  });

  test('of several pages are refused: nobody knows which are the labels', async () => {
    const pages = Buffer.concat([truth, truth.map((label) => Number(label > 0))]);
    const tiff = sharp(pages, { raw: { width, height: 2 * height, channels: 1, pageHeight: height } }).tiff({ compression: 'lzw' });
    await folders(
      () => tiff.toBuffer(),
      (k) => `masks/p${k}.tif`,
    );
    const [finding] = await found();
    expect(finding).toMatchObject({ grade: 'error', code: 'unreadable', count: 5 });
    expect(finding?.files[0]).toMatch(/a mask of 2 pages, of which nobody knows which are the labels; save one alone/);
  });

  test('in place of the photographs are warned of', async () => {
    for (let k = 0; k < 5; k++) {
      await put(`images/p${k}.png`, encode({ width, height, data: truth.map((v) => 100 * v), channels: 1, depth: 8 }));
      await put(`masks/p${k}.png`, greyPng(truth, width, height));
    }
    expect((await codes()).filter((code) => /mask/.test(code))).toEqual(['warning picture-is-its-mask 5']);
  });

  test('whose names have umlauts as one character or as two belong to their pictures', async () => {
    for (let k = 0; k < 5; k++) {
      await photo(`images/grün ${k}.jpg`.normalize('NFC'), k);
      await put(`masks/grün ${k}.png`.normalize('NFD'), greyPng(truth, width, height));
    }
    const { train, val } = await openData(folder);
    expect([train.length, val.length]).toEqual([4, 1]);
  });
});

describe('COCO', () => {
  const square = (left: number, top: number, w: number, h: number) => ({
    bbox: [left, top, w, h],
    outline: [left, top, left + w, top, left + w, top + h, left, top + h],
  });
  const objects = [
    { category_id: 1, ...square(4, 5, 16, 10) },
    { category_id: 2, ...square(26, 2, 18, 16) },
  ];
  const categories = [
    { id: 1, name: 'a' },
    { id: 2, name: 'b' },
  ];

  async function write(change: (object: (typeof objects)[number]) => object, listed: readonly object[] = categories): Promise<void> {
    const images: object[] = [];
    const annotations: object[] = [];
    for (let k = 0; k < 5; k++) {
      await photo(`images/p${k}.jpg`, k);
      images.push({ id: k, file_name: `p${k}.jpg`, width, height });
      for (const [j, object] of objects.entries()) annotations.push({ id: 2 * k + j, image_id: k, iscrowd: 0, ...change(object) });
    }
    await put('annotations/instances_default.json', JSON.stringify({ images, annotations, categories: listed }));
  }
  const drawn = ({ category_id, bbox, outline }: (typeof objects)[number]) => ({ category_id, bbox, segmentation: [outline] });

  test('as it should be, with boxes as corners too: nothing is found', async () => {
    await write(drawn);
    expect(await codes()).toEqual([]);
    folder = await temporaryFolder();
    await write(({ bbox: [x = 0, y = 0, w = 0, h = 0], ...object }) => ({ ...drawn({ ...object, bbox: [] }), bbox: [x, y, x + w, y + h] }));
    expect(await codes()).toEqual([]);
  });

  test('x and y exchanged', async () => {
    await write((object) => ({ ...drawn(object), segmentation: [object.outline.map((_, i) => object.outline[i ^ 1] ?? 0)] }));
    const [beyond, beside] = await found();
    expect(beyond).toMatchObject({ code: 'outlines-beyond-pictures', count: 5 });
    expect(beside).toMatchObject({ code: 'outlines-beside-boxes', cause: expect.stringMatching(/with x and y exchanged they would fit/) });
  });

  test('outlines of larger pictures', async () => {
    await write((object) => ({ ...drawn(object), segmentation: [object.outline.map((v) => 2.2 * v)] }));
    expect((await codes()).filter((code) => /outline/.test(code))).toEqual([
      'warning outlines-beyond-pictures 10',
      'warning outlines-beside-boxes 10',
    ]);
  });

  test('ids as texts on one side and numbers on the other; one outline without a list around it', async () => {
    await write((object) => ({ ...drawn(object), category_id: String(object.category_id), segmentation: object.outline }));
    expect(await codes()).toEqual([]);
  });

  test('two categories of one id are refused by their names', async () => {
    await write(drawn, [...categories, { id: 1, name: 'c' }]);
    await expect(openData(folder)).rejects.toThrow(/instances_default\.json: the categories "a" and "c" have one id, 1; join files/);
  });
});
