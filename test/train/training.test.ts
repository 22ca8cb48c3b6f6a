// Training on cached taps: it learns, it repeats itself, and it says when it cannot.

import { describe, expect, test } from 'vitest';
import { openDataset, streamSamples } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { buildTapCache, type TapCache, trainStage1, validateDecoder, validateNetwork } from '../../src/core/train/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { blocked, portable } from '../graph/run.js';
import { maskTask } from '../task/mask-task.js';

const folder = await temporaryFolder();
await writeStripeFolder(folder, { train: 16, val: 4 });
const dataset = await openDataset(folder, { classes: 3, ignore: 255 });
const weights = await loadEncoder('movenet');
const task = maskTask(3);
const cacheOf = (samples: typeof dataset.train, targets: 'training' | 'validation'): Promise<TapCache> => {
  const requests = samples.map((sample, seed) => ({ sample, seed }));
  const framing = { kind: 'resize', width: 48, height: 40 } as const;
  return buildTapCache(portable, streamSamples(requests, framing, dataset.labelling), {
    weights,
    count: samples.length,
    width: 48,
    height: 40,
    task,
    targets,
  });
};
const train = await cacheOf(dataset.train, 'training');
const validation = await cacheOf(dataset.val, 'validation');
const genotype = parseGenotype('[[1, [0,1,2,9], [1,0,0,3]], [[0,1],[4,0]]]');
const recipe = {
  epochs: 12,
  batch: 8,
  decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 },
  optimiser: { learningRate: 1e-2, weightDecay: 1e-5, clipNorm: 3, polyakDecay: 0.9 },
};
const options = { genotype, recipe, task };

describe('training', () => {
  test('tap caches have the shapes of the encoder and the labels of the task', () => {
    expect(train.shapes).toEqual([
      [24, 10, 12],
      [32, 5, 6],
      [96, 3, 3],
      [320, 2, 2],
    ]);
    expect(train.targetShape).toEqual([10, 12]);
    expect(validation.targetShape).toEqual([40, 48]);
  });

  test('learns what can be learnt', async () => {
    const trained = await trainStage1(blocked, train, { ...options, random: seededRandom(1) });
    const { metrics } = await validateDecoder(blocked, validation, {
      genotype,
      decoder: recipe.decoder,
      task,
      parameters: trained.parameters,
    });
    expect(trained.steps).toBe(24);
    expect(trained.loss).toBeLessThan(0.5);
    expect(metrics['meanIoU']).toBeGreaterThan(0.6);
  });

  test('the same seed gives the same weights, whatever the threads', async () => {
    const run = async (seed: number, threads: number): Promise<Float32Array[]> => {
      const short = { ...options, recipe: { ...recipe, epochs: 2 } };
      return [...(await trainStage1(blocked.with({ threads }), train, { ...short, random: seededRandom(seed) })).parameters.values()];
    };
    const first = await run(1, 1);
    expect(await run(1, 1)).toEqual(first);
    expect(await run(1, 2)).toEqual(first);
    expect(await run(2, 1)).not.toEqual(first);
  });

  test('a loss that is not finite is an error', async () => {
    const wild = { ...recipe, optimiser: { ...recipe.optimiser, learningRate: 1e30 } };
    await expect(trainStage1(portable, train, { ...options, recipe: wild, random: seededRandom(1) })).rejects.toThrow(
      /the loss became (NaN|Infinity) at step \d+ of 24/,
    );
  });

  test('a cell whose first op is none, on maps whose batch is open', async () => {
    const empty = parseGenotype('[[10,[1,1,5,5],[2,2,1,2],[6,5,3,4]],[[1,3],[1,1],[2,2]]]');
    const trained = await trainStage1(blocked, train, {
      ...options,
      genotype: empty,
      recipe: { ...recipe, epochs: 1 },
      random: seededRandom(1),
    });
    const scored = { genotype: empty, decoder: recipe.decoder, task, parameters: trained.parameters };
    expect((await validateDecoder(blocked, validation, scored)).metrics['pixelAccuracy']).toBeGreaterThanOrEqual(0);
  });

  test('stops when told', async () => {
    const abort = new AbortController();
    const onStep = ({ step }: { step: number }): void => {
      if (step === 3) abort.abort();
    };
    await expect(trainStage1(portable, train, { ...options, random: seededRandom(1), onStep, signal: abort.signal })).rejects.toThrow(
      /abort/i,
    );
  });
});

test('a whole network is not validated without its encoder', async () => {
  const set = {
    count: 1,
    images: [{ width: 32, height: 32, data: new Uint8Array(32 * 32 * 3) }],
    imageShape: [32, 32] as const,
    targets: new Uint8Array(32 * 32),
    targetShape: [32, 32] as const,
  };
  const scored = { genotype, decoder: recipe.decoder, task, parameters: new Map() };
  await expect(async () => validateNetwork(portable, set, weights, scored)).rejects.toThrow(/encoder\.layer1\.0\.weight has no value/);
});
