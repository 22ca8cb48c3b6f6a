// A thread that ends: what it was asked is an error, what is asked later is answered.

import { afterAll, expect, test } from 'vitest';
import { openDataset, SamplePool } from '../../src/core/data/index.js';
import { choosePlatform, type Thread, type ThreadEvents, type ThreadWork } from '../../src/core/platform/index.js';
import { nodePlatform } from '../../src/platform/node/platform.js';
import { temporaryFolder, writeStripeFolder } from './fixtures.js';

/** What ends each thread that was started, as a fault does. */
const faults: (() => void)[] = [];
choosePlatform({
  ...nodePlatform,
  threads: {
    start: <Options, Job, Reply>(work: ThreadWork<Options, Job, Reply>, options: Options, events: ThreadEvents<Reply>): Thread<Job> => {
      const thread = nodePlatform.threads.start(work, options, events);
      faults.push(() => {
        void thread.end();
        events.onEnd(new Error('exit code 1'));
      });
      return thread;
    },
  },
});

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
  faults[0]?.();
  await expect(pending).rejects.toThrow(/a thread that reads samples ended \(exit code 1\)/);
  expect(await all()).toBe(4);
  expect(faults).toHaveLength(2);
});
