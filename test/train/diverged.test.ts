// What the last step makes NaN or infinite is seen, although its loss is that of the weights before it.

import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openDataset, streamSamples } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { evaluateCandidate } from '../../src/core/search/index.js';
import { FitFolder, fitNetwork } from '../../src/core/fit/index.js';
import { parseTrainPreset } from '../../src/core/preset/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { buildTapCache, validateDecoder } from '../../src/core/train/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { smallTraining } from '../fit/small-training.js';
import { blocked, portable } from '../graph/run.js';
import { maskTask } from '../task/mask-task.js';
import { decoderWeights } from '../search/weights.js';

const folder = await temporaryFolder();
await writeStripeFolder(folder, { train: 8, val: 2 });
const dataset = await openDataset(folder, { classes: 3, ignore: 255 });
const weights = await loadEncoder('movenet');
const task = maskTask(3);
const genotype = parseGenotype('[[1, [0,1,2,9], [1,0,0,3]], [[0,1],[4,0]]]');
const cacheOf = (samples: typeof dataset.train, targets: 'training' | 'validation') => {
  const framing = { kind: 'resize', width: 48, height: 40 } as const;
  const stream = streamSamples(
    samples.map((sample) => ({ sample, seed: 0 })),
    framing,
    dataset.labelling,
  );
  return buildTapCache(portable, stream, { weights, count: samples.length, width: 48, height: 40, task, targets });
};
const train = await cacheOf(dataset.train, 'training');
const validation = await cacheOf(dataset.val, 'validation');

test.each([blocked, portable])('one step at a rate of 1e30 has no reward', async (runtime) => {
  const stage1 = {
    epochs: 1,
    batch: 8,
    decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0 },
    optimiser: { learningRate: 1e30, weightDecay: 0, clipNorm: 3, polyakDecay: 0.9 },
  };
  const context = { runtime, task, stage1, train, validation };
  await expect(evaluateCandidate(context, genotype, { random: seededRandom(1) })).rejects.toMatchObject({ name: 'DivergedError' });
  const tame = { ...context, stage1: { ...stage1, optimiser: { ...stage1.optimiser, learningRate: 1e-3 } } };
  expect((await evaluateCandidate(tame, genotype, { random: seededRandom(1) })).reward).toBeGreaterThan(0);
});

test('a network that gives NaN has no metrics', async () => {
  const parameters = decoderWeights(genotype, 1);
  const scored = { genotype, decoder: { width: 16, sepRepeats: 1 }, task };
  expect((await validateDecoder(portable, validation, { ...scored, parameters })).metrics['meanIoU']).toBeGreaterThanOrEqual(0);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const broken = new Map([...parameters].map(([name, data]) => [name, name.endsWith('.weight') ? data.map(() => value) : data]));
    await expect(validateDecoder(portable, validation, { ...scored, parameters: broken })).rejects.toThrow(/NaN or infinite values/);
  }
});

test('full training that diverges ends with an error; checkpoint and networks are those before', async () => {
  const preset = parseTrainPreset(
    smallTraining({
      'batch: 4': 'batch: 8',
      '{ kind: polynomial, power: 0.9 }': '{ kind: step, epochs: [1], factor: 1.0e+36 }',
      '{ kind: random, side: 40, width: 48, height: 40, scale: [0.8, 1.3], mirror: true }': '{ kind: resize, width: 48, height: 40 }',
      'every: 2': 'every: 1',
    }),
    'test',
  );
  const config = {
    data: folder,
    genotype: JSON.stringify([
      [1, [0, 1, 2, 9], [1, 0, 0, 3]],
      [
        [0, 1],
        [4, 0],
      ],
    ]),
    seed: 1,
    preset,
  };
  const out = await FitFolder.create(path.join(await temporaryFolder(), 'fit'), config, weights);
  const epochs: number[] = [];
  const fit = fitNetwork(portable, {
    folder: out,
    preset,
    genotype,
    dataset,
    encoder: weights,
    random: seededRandom(1),
    onEpoch: ({ epoch }) => void epochs.push(epoch),
  });
  await expect(fit).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(/fit: after epoch [12]: .*lower learning rates/),
  });
  expect(epochs).toEqual([1]);
  const kept = await readFile(out.path('checkpoint.safetensors'));
  expect((await out.checkpoint())?.position.epoch).toBe(1);
  // And again, from there: nothing has changed.
  await expect(fitNetwork(portable, { folder: out, preset, genotype, dataset, encoder: weights, random: seededRandom(1) })).rejects.toThrow(
    /lower learning rates/,
  );
  expect((await readFile(out.path('checkpoint.safetensors'))).equals(kept)).toBe(true);
});
