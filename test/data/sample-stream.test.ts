// A thread that ends: what it was asked is an error, what is asked later is answered.

import { afterAll, expect, test, vi } from 'vitest';
import type { Worker } from 'node:worker_threads';

const threads: Worker[] = [];
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>();
  class Noted extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      super(...args);
      threads.push(this);
    }
  }
  return { ...real, Worker: Noted };
});
const { openDataset, SamplePool } = await import('../../src/core/data/index.js');
const { temporaryFolder, writeStripeFolder } = await import('./fixtures.js');

const folder = await temporaryFolder();
await writeStripeFolder(folder, { train: 4, val: 1 });
const dataset = await openDataset(folder, { classes: 3, ignore: 255 });
const pool = new SamplePool({ threads: 1 });
afterAll(() => pool.close());

test('a dead thread', async () => {
  const requests = dataset.train.map((sample) => ({ sample, seed: 0 }));
  const stream = () => pool.stream(requests, { kind: 'resize', width: 48, height: 40 }, dataset.labelling);
  const all = async (): Promise<number> => {
    let count = 0;
    for await (const { image } of stream()) count += image.width === 48 ? 1 : 0;
    return count;
  };
  expect(await all()).toBe(4);
  const pending = all();
  await threads[0]?.terminate();
  await expect(pending).rejects.toThrow(/a thread that reads samples ended \(exit code 1\)/);
  expect(await all()).toBe(4);
  expect(threads).toHaveLength(2);
});
