// Whether a search goes on as it was begun, and who is taken for alive.

import { cp, mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { dataFingerprint, openDataset } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { loadPreset } from '../../src/core/preset/index.js';
import { encoderFingerprint, RunFolder, runState, settingDifferences } from '../../src/core/search/index.js';
import { isAlive } from '../../src/platform/node/locks.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';

test("the data's fingerprint is of contents in their order: not of places or times; a shared file is read once", async () => {
  const folder = await temporaryFolder();
  await writeStripeFolder(folder, { train: 3, val: 1 });
  const open = (where: string) => openDataset(where, { classes: 3, ignore: 255 });
  const dataset = await open(folder);
  const known = await dataFingerprint(dataset);
  const moved = path.join(await temporaryFolder(), 'elsewhere');
  await cp(folder, moved, { recursive: true });
  await utimes(path.join(moved, 'train', '0.png'), 1, 1);
  expect(await dataFingerprint(await open(moved))).toBe(known);
  expect(await dataFingerprint({ ...dataset, train: dataset.train.toReversed() })).not.toBe(known);
  expect(
    await dataFingerprint({ ...dataset, train: dataset.train.slice(1), val: [...dataset.train.slice(0, 1), ...dataset.val] }),
  ).not.toBe(known);
  await cp(path.join(moved, 'train', '1-mask.png'), path.join(moved, 'train', '0-mask.png'));
  expect(await dataFingerprint(await open(moved))).not.toBe(known);
  await expect(dataFingerprint({ ...dataset, train: [{ image: '/nowhere.png', mask: '/nowhere.png' }] })).rejects.toMatchObject({
    name: 'DataError',
    message: expect.stringContaining('/nowhere.png: cannot be read'),
  });
});

test('what differs is named; more candidates and a later patch do not', async () => {
  const preset = await loadPreset('demo');
  const begun = { version: '0.2.1', seed: 1, preset, data: 'd', encoder: 'e', teacher: null };
  expect(settingDifferences(begun, { ...begun, version: '0.2.9', preset: { ...preset, candidates: 1000 } })).toEqual([]);
  const stage1 = { ...preset.stage1, epochs: 99 };
  const other = { version: '0.3.0', seed: 2, preset: { ...preset, stage1 }, data: 'x', encoder: 'x', teacher: 'x' };
  expect(settingDifferences(begun, other)).toEqual([
    expect.stringContaining('version 0.2.1, this is 0.3.0'),
    expect.stringContaining('seed was 1, config.yaml says 2'),
    expect.stringContaining('(stage1.epochs)'),
    expect.stringContaining("the data's files have other contents: put them back, or name where they lie"),
    expect.stringContaining('encoder.safetensors'),
    expect.stringContaining('the teacher is another file: put it back, or name where it lies'),
  ]);
  const encoder = await loadEncoder('movenet');
  const [name = '', tensor] = [...encoder.tensors][5] ?? [];
  const flipped = new Map(encoder.tensors).set(name, {
    shape: tensor?.shape ?? [],
    data: (tensor?.data ?? new Float32Array()).map((v, i) => (i === 0 ? v + 1 : v)),
  });
  expect(encoderFingerprint({ ...encoder, tensors: flipped })).not.toBe(encoderFingerprint(encoder));
});

test("another user's process is alive", () => {
  const fails = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };
  expect(isAlive(1, fails('EPERM'))).toBe(true);
  expect(isAlive(1, fails('ESRCH'))).toBe(false);
  expect(isAlive(process.pid)).toBe(true);
});

test('a run is running while somebody has it, whatever number his process has', async () => {
  const folder = path.join(await temporaryFolder(), 'run');
  await mkdir(folder);
  const run = RunFolder.open(folder);
  const lock = await run.claim();
  await expect(run.claim()).rejects.toThrow(/run: process \d+ is working on it \(on .*, since .*\); wait for it or stop it$/);
  const store = run.openStore();
  // Of another container, where numbers mean something else.
  store.set('pid', '4000000');
  expect(runState(store, 1, 2)).toBe('running');
  await lock.release();
  expect(runState(store, 1, 2)).toBe('interrupted');
  // Of a version that had no locks.
  store.set('pid', String(process.pid));
  expect(runState(store, 1, 2)).toBe('running');
  // Killed since: its lock's file is there, and nobody has it.
  await writeFile(path.join(folder, 'owner.lock'), '');
  expect(runState(store, 1, 2)).toBe('interrupted');
  expect(runState(store, 2, 2)).toBe('finished');
  store.close();
});
