// Masks that went through a JPEG, whatever they are saved as; and labels that are none of the kind.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openData } from '../../src/core/data/index.js';
import { inspectDataset } from '../../src/core/inspect/index.js';
import { smearOf } from '../../src/core/inspect/smear.js';
import { temporaryFolder, writePhoto } from '../data/fixtures.js';

const [width, height] = [96, 72];

/** Discs and squares on a ground, at the levels given, as a grey picture that went through JPEG. */
async function throughJpeg(levels: readonly number[], quality: number, k = 0): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    if (Math.hypot(x - 30 - k, y - 30) < 16) return levels[1] ?? 0;
    return x > 60 && y > 30 ? (levels[2] ?? levels[1] ?? 0) : (levels[0] ?? 0);
  });
  return sharp(data, { raw: { width, height, channels: 1 } })
    .jpeg({ quality })
    .toBuffer();
}

async function valuesOf(picture: Uint8Array): Promise<Map<number, number>> {
  const { data } = await sharp(picture).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  const counts = new Map<number, number>();
  for (const v of data) counts.set(v, (counts.get(v) ?? 0) + 1);
  return counts;
}

describe('values', () => {
  test.each([
    [[0, 255], 90],
    [[0, 255], 60],
    [[0, 100, 200], 95],
    [[0, 100, 200], 60],
    [[0, 128], 75],
  ])('%j at quality %i', async (levels, quality) => {
    expect(smearOf(await valuesOf(await throughJpeg(levels, quality)))?.drawn).toEqual(levels);
  });

  test.each<[string, [number, number][]]>([
    [
      '0 and 255',
      [
        [0, 900],
        [255, 100],
      ],
    ],
    [
      'rare objects beside much that is ignored',
      [
        [0, 9000],
        [1, 40],
        [2, 30],
        [3, 5],
        [255, 3000],
      ],
    ],
    ['VOC', [[0, 7000], ...Array.from({ length: 20 }, (_, k): [number, number] => [k + 1, 50 * (k + 1)]), [255, 500]]],
    ['ADE20K', Array.from({ length: 151 }, (_, k): [number, number] => [k, 1 + ((k * 7919) % 400)])],
    [
      'a few of many classes',
      [
        [3, 500],
        [20, 900],
        [77, 400],
        [110, 30],
      ],
    ],
    [
      'greys',
      [
        [0, 500],
        [100, 300],
        [200, 200],
      ],
    ],
  ])('not of %s', (_, counts) => {
    expect(smearOf(new Map(counts))).toBeUndefined();
  });
});

test('such masks are refused, with a count and the remedy', async () => {
  const folder = await temporaryFolder();
  for (const part of ['images', 'masks']) await mkdir(path.join(folder, part));
  for (let k = 0; k < 5; k++) {
    await writePhoto(path.join(folder, 'images', `${k}.png`), width, height, k);
    await writeFile(
      path.join(folder, 'masks', `${k}.png`),
      await sharp(await throughJpeg([0, 255], 80, k))
        .png()
        .toBuffer(),
    );
  }
  for (const options of [{}, { names: ['background', 'object'] }]) {
    const { findings } = await inspectDataset(await openData(folder, options), { folder, threads: 1 });
    expect(findings.find(({ code }) => code === 'mask-values-smeared')).toMatchObject({
      grade: 'error',
      cause: expect.stringMatching(/on single pixels around 0, 255: values that compression with loss \(JPEG\) leaves/),
      remedy: expect.stringContaining('export the masks again as PNG'),
    });
  }
});
