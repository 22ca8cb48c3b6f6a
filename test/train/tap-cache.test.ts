// Cached taps that were damaged on the disk are seen when they are opened, and computed again.

import { appendFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset, streamSamples } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { checkTeacherLogits, openTeacherLogits } from '../../src/core/search/index.js';
import { closeTapCache, fileRows, openTapCache, writeTapCache } from '../../src/core/train/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { maskTask } from '../task/mask-task.js';

const data = await temporaryFolder();
await writeStripeFolder(data, { train: 3, val: 1 });
const dataset = await openDataset(data, { classes: 3, ignore: 255 });
const weights = await loadEncoder('movenet');

async function write(folder: string): Promise<void> {
  const framing = { kind: 'resize', width: 48, height: 40 } as const;
  const requests = dataset.train.map((sample) => ({ sample, seed: 0 }));
  const options = { weights, count: 3, width: 48, height: 40, task: maskTask(3), targets: 'training' } as const;
  await writeTapCache(portable, streamSamples(requests, framing, dataset.labelling), options, folder);
}

const whole = await temporaryFolder();
await write(whole);

describe('a cache on the disk', () => {
  const flip = async (file: string): Promise<void> => {
    const bytes = await readFile(file);
    bytes[7] = (bytes[7] ?? 0) ^ 4;
    await writeFile(file, bytes);
  };
  test.each<[string, (at: (name: string) => string) => Promise<void>, RegExp]>([
    ['a tap that was cut off', (at) => truncate(at('tap2.f32'), 10), /tap2\.f32 has 10 bytes, expected 10368$/],
    ['a tap that is gone', (at) => rm(at('tap0.f32')), /tap0\.f32 has 0 bytes/],
    ['a tap that is too long', (at) => appendFile(at('tap1.f32'), 'more'), /tap1\.f32 has \d+ bytes, expected/],
    ['empty targets', (at) => truncate(at('targets.bin'), 0), /targets\.bin has 0 bytes for 3 samples/],
    ['targets that were cut off by a row', (at) => truncate(at('targets.bin'), 240), /targets\.bin has other contents/],
    ['a bit of the targets', (at) => flip(at('targets.bin')), /targets\.bin has other contents/],
    ['a description that is none', (at) => writeFile(at('cache.json'), '{"count": 3'), /cache\.json cannot be read/],
  ])('%s: no cache, and it is said why', async (_, damage, what) => {
    const folder = await temporaryFolder();
    for (const name of ['tap0.f32', 'tap1.f32', 'tap2.f32', 'tap3.f32', 'targets.bin', 'cache.json'])
      await writeFile(path.join(folder, name), await readFile(path.join(whole, name)));
    const opened = await openTapCache(folder);
    expect(opened?.count).toBe(3);
    if (opened) closeTapCache(opened);
    await damage((name) => path.join(folder, name));
    const said: string[] = [];
    expect(await openTapCache(folder, (text) => said.push(text))).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(what)]);
    expect(said[0]).toContain(folder);
    await write(folder);
    const again = await openTapCache(folder);
    expect(again?.targets).toEqual(opened?.targets);
    if (again) closeTapCache(again);
  });

  test('where there never was one, nothing is said', async () => {
    const said: string[] = [];
    expect(await openTapCache(await temporaryFolder(), (text) => said.push(text))).toBeUndefined();
    expect(said).toEqual([]);
  });

  test('a file that is cut off while it is used: an error that names it, and is none of the architecture', async () => {
    const file = path.join(await temporaryFolder(), 'rows.f32');
    await writeFile(file, new Float32Array(6));
    const rows = fileRows(file, 2, (n) => new Float32Array(n));
    expect(rows.gather([2, 0])).toEqual(new Float32Array(4));
    await truncate(file, 9);
    expect(() => rows.gather([2])).toThrow(
      expect.objectContaining({ name: 'UserError', message: expect.stringContaining(`${file}: row 2`) }),
    );
    rows.close();
    expect(() => fileRows(path.join(data, 'nowhere'), 2, (n) => new Float32Array(n))).toThrow(/nowhere: cannot be opened/);
  });

  test("a teacher's logits that are not whole are refused by name", async () => {
    const folder = await temporaryFolder();
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, 'a.f16');
    await writeFile(file, new Uint16Array(2 * 3 * 4 * 5));
    await checkTeacherLogits(file, 2, 3, [4, 5]);
    openTeacherLogits(file, 3, [4, 5]).rows.close();
    await truncate(file, 100);
    await expect(checkTeacherLogits(file, 2, 3, [4, 5])).rejects.toThrow(/a\.f16: the teacher's logits have 100 bytes, expected 240/);
  });
});
