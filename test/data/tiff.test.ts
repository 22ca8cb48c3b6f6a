// Photographs as TIFF: read rightly, or refused by name; never cut off, and never with another channel for a colour.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeImage, readImage } from '../../src/core/data/index.js';
import { temporaryFolder } from './fixtures.js';
import { tiff, type TiffOptions } from './tiff-file.js';

let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder();
});

/** Two pixels in a row. */
async function file(
  name: string,
  values: readonly number[],
  options: Pick<TiffOptions, 'channels' | 'type' | 'photometric' | 'extraSamples'>,
) {
  const place = path.join(folder, `${name}.tif`);
  await writeFile(place, tiff(values, { width: 2, height: 1, ...options }));
  return place;
}

const background = [255, 0, 0] as const;

test.each([
  ['rgb', [200, 100, 50, 1, 2, 3], { channels: 3, type: 'u8', photometric: 2 }, [200, 100, 50, 1, 2, 3]],
  ['infrared', [200, 100, 50, 0, 1, 2, 3, 0], { channels: 4, type: 'u8', photometric: 2, extraSamples: [0] }, [200, 100, 50, 1, 2, 3]],
  ['alpha', [200, 100, 50, 0, 1, 2, 3, 255], { channels: 4, type: 'u8', photometric: 2, extraSamples: [2] }, [255, 0, 0, 1, 2, 3]],
  ['grey', [7, 200], { channels: 1, type: 'u8', photometric: 1 }, [7, 7, 7, 200, 200, 200]],
  ['floats', [1, 0.5, 0, 0, 0, 1], { channels: 3, type: 'f32', photometric: 2 }, [255, 128, 0, 0, 0, 255]],
  ['16 bits', [65_535, 257, 0, 0, 0, 25_700], { channels: 3, type: 'u16', photometric: 2 }, [255, 1, 0, 0, 0, 100]],
  ['12 bits in 16', [4095, 0, 0, 0, 0, 2048], { channels: 3, type: 'u16', photometric: 2 }, [255, 0, 0, 0, 0, 128]],
  ['a dark one of 16 bits', [8224, 0, 0, 0, 0, 4112], { channels: 3, type: 'u16', photometric: 2 }, [32, 0, 0, 0, 0, 16]],
] as const)('%s', async (name, values, options, expected) => {
  const { data } = await readImage(await file(name, values, options), { background });
  for (const [i, v] of expected.entries()) expect(Math.abs((data[i] ?? 0) - v), `${i}: ${[...data]}`).toBeLessThanOrEqual(1);
});

test('a fourth channel is alpha where the file says so, and only there', async () => {
  const options = { channels: 4, type: 'u8', photometric: 2 } as const;
  expect((await describeImage(await file('a', new Array(8).fill(1), { ...options, extraSamples: [1] }))).hasAlpha).toBe(true);
  expect((await describeImage(await file('b', new Array(8).fill(1), { ...options, extraSamples: [0] }))).hasAlpha).toBe(false);
});

test.each([
  [
    'int32',
    [70_000, 1, 2, 3, 4, 5],
    { channels: 3, type: 'i32', photometric: 2 },
    /int32\.tif: holds whole numbers of 32 bits with a sign/,
  ],
  [
    'uint32',
    [70_000, 1, 2, 3, 4, 5],
    { channels: 3, type: 'u32', photometric: 2 },
    /uint32\.tif: holds whole numbers of 32 bits, of which/,
  ],
  ['float64', [0, 1, 0, 1, 0, 1], { channels: 3, type: 'f64', photometric: 2 }, /float64\.tif: holds floats of 64 bits/],
  [
    'bands',
    new Array<number>(8).fill(9),
    { channels: 4, type: 'u8', photometric: 1, extraSamples: [0, 0, 0] },
    /bands\.tif: has 4 channels that it does not call colours/,
  ],
  ['nan', [Number.NaN, 0, 0, 1, 0, 1], { channels: 3, type: 'f32', photometric: 2 }, /nan\.tif: holds NaN/],
  [
    'beyond',
    [1000, 0, 0, 1, 0, 1],
    { channels: 3, type: 'f32', photometric: 2 },
    /beyond\.tif: holds numbers from 0 to 1000, and it is not clear which is white/,
  ],
] as const)('%s is refused', async (name, values, options, message) => {
  await expect(readImage(await file(name, values, options))).rejects.toThrow(message);
});

/** A BigTIFF of one strip: its header, directory and offsets have 64 bits where a TIFF has 32 or 16. */
function bigTiff(raw: Uint8Array, channels: number, bits: number, extra?: number): Uint8Array {
  const list = (value: number): number[] => new Array<number>(channels).fill(value);
  const entries: [number, number[]][] = [
    ...([
      [256, [2]],
      [257, [1]],
      [258, list(bits)],
      [259, [1]],
      [262, [2]],
      [273, [0]],
      [277, [channels]],
      [278, [1]],
    ] as [number, number[]][]),
    [279, [raw.length]],
    ...(extra === undefined ? [] : ([[338, [extra]]] as [number, number[]][])),
  ];
  const end = 24 + 20 * entries.length + 8;
  const bytes = Buffer.alloc(end + raw.length);
  bytes.write('II', 'latin1');
  bytes.set([43, 0, 8, 0, 0, 0, 16], 2);
  bytes.writeBigUInt64LE(BigInt(entries.length), 16);
  for (const [k, [tag, values]] of entries.entries()) {
    const at = 24 + 20 * k;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(3, at + 2);
    bytes.writeBigUInt64LE(BigInt(values.length), at + 4);
    for (const [i, value] of values.entries()) bytes.writeUInt16LE(tag === 273 ? end : value, at + 12 + 2 * i);
  }
  bytes.set(raw, end);
  return bytes;
}

async function bigFile(name: string, bytes: Uint8Array): Promise<string> {
  const place = path.join(folder, name);
  await writeFile(place, bytes);
  return place;
}

test('a BigTIFF is read as another TIFF is', async () => {
  const rgb = await readImage(await bigFile('big.tif', bigTiff(Uint8Array.from([200, 100, 50, 1, 2, 3]), 3, 8)));
  expect([...rgb.data]).toEqual([200, 100, 50, 1, 2, 3]);
  // Infrared is no alpha: nothing is laid over the background where it is dark.
  const infrared = await bigFile('big-infrared.tif', bigTiff(Uint8Array.from([200, 100, 50, 0, 1, 2, 3, 0]), 4, 8, 0));
  expect((await describeImage(infrared)).hasAlpha).toBe(false);
  expect([...(await readImage(infrared, { background })).data]).toEqual([200, 100, 50, 1, 2, 3]);
  const long = await bigFile('big-long.tif', bigTiff(new Uint8Array(24).fill(9), 3, 32));
  await expect(readImage(long)).rejects.toThrow(/big-long\.tif: holds whole numbers of 32 bits, of which/);
});
