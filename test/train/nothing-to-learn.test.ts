// A loss over nothing is 0 and would look like success: it is refused, before a search, before and in full training.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset, SamplePool, streamSamples } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { parsePreset } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { prepareTaps } from '../../src/core/search/index.js';
import { loadImageSet } from '../../src/core/train/index.js';
import { imageBatches } from '../../src/core/train/image-batches.js';
import { greyPng, temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { demoPreset } from '../preset/demo-preset.js';
import { maskTask } from '../task/mask-task.js';

const encoder = await loadEncoder('movenet');
const [width, height] = [48, 40];
const task = maskTask(3);

/** Stripes of which only some pixels of one picture are labelled, or none. */
async function folderWith(labelled: number) {
  const folder = await temporaryFolder();
  await writeStripeFolder(folder, { train: 6, val: 2 });
  for (const [split, count] of [
    ['train', 6],
    ['val', 2],
  ] as const)
    for (let k = 0; k < count; k++) {
      const labels = new Uint8Array(width * height).fill(255);
      if (k === 0) labels.fill(1, 0, labelled);
      await writeFile(path.join(folder, split, `${k}-mask.png`), greyPng(labels, width, height));
    }
  return openDataset(folder, { classes: 3, ignore: 255 });
}

const framing = { kind: 'resize', width, height } as const;

describe.each([
  ['nothing is labelled', 0],
  ['eight rows of one picture are', 8 * width],
] as const)('%s', (_what, labelled) => {
  const outcome = labelled === 0 ? /there is nothing to learn from in any of the .*: all their pixels have the ignored label/ : undefined;
  const settles = async (work: Promise<unknown>): Promise<void> => {
    if (outcome) await expect(work).rejects.toThrow(outcome);
    else await work;
  };

  test('epochs of images', async () => {
    const { train, labelling } = await folderWith(labelled);
    const pool = new SamplePool({ threads: 1 });
    const requests = train.map((sample) => ({ sample, seed: 0 }));
    const epoch = async (isWhole: boolean): Promise<void> => {
      const options = { batch: 3, framing, labelling, encoder, task, targetShape: [10, 12], isWhole } as const;
      for await (const feeds of imageBatches(pool, requests, options)) expect(feeds['target']?.dims).toEqual([3, 10, 12]);
    };
    try {
      await settles(epoch(true));
      // Part of an epoch says nothing.
      await epoch(false);
    } finally {
      await pool.close();
    }
  });

  test('images that are validated on', async () => {
    const { val, labelling } = await folderWith(labelled);
    const requests = val.map((sample) => ({ sample, seed: 0 }));
    await settles(loadImageSet(streamSamples(requests, framing, labelling, 1), task, height, width));
  });

  test('taps of a search, new ones and those that are there', async () => {
    const dataset = await folderWith(labelled);
    const preset = parsePreset(
      demoPreset({ data: 'data: { classes: [a, b, c], ignore: 255, metaTrainShare: 0.75 }' }).replace('samples: 16', 'samples: 4'),
      'mine.yaml',
    );
    // The labelled picture on both sides of the split.
    const [first] = dataset.train;
    const train = first ? [first, first, first, first] : [];
    const folder = await temporaryFolder();
    const prepare = () => prepareTaps(portable, { preset, dataset: { ...dataset, train }, encoder, random: seededRandom(1) }, folder);
    await settles(prepare());
    await settles(prepare());
  });
});
