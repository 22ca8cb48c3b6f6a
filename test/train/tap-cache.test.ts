// Cached taps that were damaged on the disk, by a single bit even, are seen when they are opened or used, and computed again.

import { appendFile, copyFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset, streamSamples } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { checkTeacherLogits, openTeacherLogits } from '../../src/core/search/index.js';
import { closeTapCache, fileRows, keptTaps, openTapCache, rowSum, sumsOf, writeTapCache } from '../../src/core/train/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { maskTask } from '../task/mask-task.js';

const data = await temporaryFolder();
await writeStripeFolder(data, { train: 3, val: 1 });
const dataset = await openDataset(data, { classes: 3, ignore: 255 });
const weights = await loadEncoder('movenet');

const framing = { kind: 'resize', width: 48, height: 40 } as const;
const requests = dataset.train.map((sample) => ({ sample, seed: 0 }));

async function write(folder: string): Promise<void> {
  const options = { weights, count: 3, width: 48, height: 40, task: maskTask(3), targets: 'training' } as const;
  await writeTapCache(portable, streamSamples(requests, framing, dataset.labelling), options, folder);
}

const whole = await temporaryFolder();
await write(whole);

async function copyOfWhole(): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of await readdir(whole)) await copyFile(path.join(whole, name), path.join(folder, name));
  return folder;
}

/** @param place from the end where it is negative */
async function flip(file: string, place = 7): Promise<void> {
  const bytes = await readFile(file);
  const at = place < 0 ? bytes.length + place : place;
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  await writeFile(file, bytes);
}

describe('a cache on the disk', () => {
  test.each<[string, (at: (name: string) => string) => Promise<void>, RegExp]>([
    ['a tap that was cut off', (at) => truncate(at('tap2.f32'), 10), /tap2\.f32 has 10 bytes, expected 10380$/],
    ['a tap that is gone', (at) => rm(at('tap0.f32')), /tap0\.f32 has 0 bytes/],
    ['a tap that is too long', (at) => appendFile(at('tap1.f32'), 'more'), /tap1\.f32 has \d+ bytes, expected/],
    ['empty targets', (at) => truncate(at('targets.bin'), 0), /targets\.bin has 0 bytes for 3 samples/],
    ['targets that were cut off by a row', (at) => truncate(at('targets.bin'), 240), /targets\.bin has other contents/],
    ['a bit of the targets', (at) => flip(at('targets.bin')), /targets\.bin has other contents/],
    ['a description that is none', (at) => writeFile(at('cache.json'), '{"count": 3'), /cache\.json cannot be read/],
  ])('%s: no cache, and it is said why', async (_, damage, what) => {
    const folder = await copyOfWhole();
    const opened = await openTapCache(folder);
    expect(opened?.count).toBe(3);
    if (opened) closeTapCache(opened);
    await damage((name) => path.join(folder, name));
    const said: string[] = [];
    expect(await openTapCache(folder, { onDamage: (text) => said.push(text) })).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(what)]);
    expect(said[0]).toContain(folder);
    await write(folder);
    const again = await openTapCache(folder);
    expect(again?.targets).toEqual(opened?.targets);
    if (again) closeTapCache(again);
  });

  test('where there never was one, nothing is said', async () => {
    const said: string[] = [];
    expect(await openTapCache(await temporaryFolder(), { onDamage: (text) => said.push(text) })).toBeUndefined();
    expect(said).toEqual([]);
  });

  test.each([
    ['the first value', 'tap0.f32', 1],
    ['a value in the middle of the last row', 'tap3.f32', -400],
    ['a sum', 'tap2.f32', -3],
  ] as const)('a bit of a tap (%s): an error where it is used, made again where it is prepared', async (_, name, place) => {
    const folder = await copyOfWhole();
    const tap = Number(name[3]);
    const sound = await openTapCache(folder, { isChecked: true });
    const values = sound?.taps[tap]?.gather([0, 1, 2]);
    if (sound) closeTapCache(sound);
    await flip(path.join(folder, name), place);
    const opened = await openTapCache(folder);
    expect(() => opened?.taps[tap]?.gather([1, 2, 0])).toThrow(
      expect.objectContaining({ name: 'UserError', message: expect.stringMatching(/tap\d\.f32: row [02] has other contents.*resume/) }),
    );
    if (opened) closeTapCache(opened);
    const said: string[] = [];
    const again = await keptTaps(portable, folder, {
      requests,
      framing,
      labelling: dataset.labelling,
      encoder: weights,
      task: maskTask(3),
      targets: 'training',
      named: 'training samples',
      onDamage: (text) => said.push(text),
    });
    expect(said).toEqual([expect.stringMatching(/tap\d\.f32: row [02] has other contents than were written/)]);
    expect(again.taps[tap]?.gather([0, 1, 2])).toEqual(values);
    closeTapCache(again);
  });

  test('a row that was sound once is not compared again', async () => {
    const file = path.join(await temporaryFolder(), 'rows.f32');
    const values = Float32Array.of(1, 2, 3, 4);
    await writeFile(file, [bytesOf(values), sumsOf([rowSum(bytesOf(values.subarray(0, 2))), rowSum(bytesOf(values.subarray(2)))])]);
    const rows = fileRows(file, 2, 2, (n) => new Float32Array(n));
    expect(rows.gather([1])).toEqual(Float32Array.of(3, 4));
    await flip(file, 0);
    await flip(file, 8);
    expect(rows.gather([1])[1]).toBe(4);
    expect(() => rows.gather([1, 0])).toThrow(/rows\.f32: row 0 has other contents/);
    expect(await rows.fault()).toMatch(/row 0 has other contents/);
    rows.close();
  });

  test('a file that is cut off while it is used: an error that names it, and is none of the architecture', async () => {
    const file = path.join(await temporaryFolder(), 'rows.f32');
    const zero = rowSum(new Uint8Array(8));
    await writeFile(file, [new Uint8Array(24), sumsOf([zero, zero, zero])]);
    const rows = fileRows(file, 3, 2, (n) => new Float32Array(n));
    expect(await rows.fault()).toBeUndefined();
    expect(rows.gather([2, 0])).toEqual(new Float32Array(4));
    await truncate(file, 9);
    expect(() => rows.gather([2])).toThrow(
      expect.objectContaining({ name: 'UserError', message: expect.stringContaining(`${file}: row 2 is not in it`) }),
    );
    rows.close();
    expect(() => fileRows(file, 3, 2, (n) => new Float32Array(n))).toThrow(/rows\.f32: was cut off; resume/);
    expect(() => fileRows(path.join(data, 'nowhere'), 3, 2, (n) => new Float32Array(n))).toThrow(/nowhere: cannot be opened/);
  });

  test('the sum of a row: every single bit changes it, wherever it lies and however the row is aligned', () => {
    const random = seededRandom(1);
    const bytes = Uint8Array.from({ length: 39 }, () => random.integer(256));
    const sum = rowSum(bytes);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const other = bytes.slice();
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(rowSum(other), `bit ${bit}`).not.toBe(sum);
    }
    for (const offset of [1, 2, 4]) {
      const shifted = new Uint8Array(bytes.length + offset);
      shifted.set(bytes, offset);
      expect(rowSum(shifted.subarray(offset))).toBe(sum);
    }
    // By hand, of no bytes and of one word: FNV's basis; (basis ^ 1) · prime, its upper half folded in.
    expect(rowSum(new Uint8Array())).toBe(0x811c9dc5);
    const product = Number((0x811c9dc4n * 0x01000193n) % 2n ** 32n);
    expect(rowSum(Uint8Array.of(1, 0, 0, 0))).toBe((product ^ (product >>> 15)) >>> 0);
  });

  test("a teacher's logits that are not whole, or not as they were written, are refused by name", async () => {
    const file = path.join(await temporaryFolder(), 'a.f16');
    // Rows of an odd length: not all of them lie where words may.
    const halves = Uint16Array.from({ length: 2 * 3 * 3 * 5 }, (_, i) => i);
    const sums = sumsOf([0, 1].map((row) => rowSum(bytesOf(halves.subarray(45 * row, 45 * (row + 1))))));
    await writeFile(file, [bytesOf(halves), sums]);
    await checkTeacherLogits(file, 2, 3, [3, 5]);
    const { rows } = openTeacherLogits(file, 2, 3, [3, 5]);
    expect(rows.gather([1, 0])).toEqual(Uint16Array.from([...halves.subarray(45), ...halves.subarray(0, 45)]));
    rows.close();
    await flip(file, 91);
    const damaged = openTeacherLogits(file, 2, 3, [3, 5]).rows;
    expect(() => damaged.gather([0, 1])).toThrow(/a\.f16: row 1 has other contents/);
    damaged.close();
    await truncate(file, 100);
    await expect(checkTeacherLogits(file, 2, 3, [3, 5])).rejects.toThrow(/a\.f16: the teacher's logits have 100 bytes, expected 188/);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
