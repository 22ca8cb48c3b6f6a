// Full training feeds its steps the rates of its schedule, the encoder's as well as the decoder's.

import { expect, test } from 'vitest';
import { openDataset } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { openFullTraining, type Schedule } from '../../src/core/train/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { recordingRuntime } from '../graph/recording.js';
import { maskTask } from '../task/mask-task.js';

const folder = await temporaryFolder();
await writeStripeFolder(folder, { train: 6, val: 1 }, 32, 32);
const dataset = await openDataset(folder, { classes: 3, ignore: 255 });
const encoder = await loadEncoder('movenet');

const schedules: readonly (readonly [Schedule, readonly number[]])[] = [
  // Two epochs of three steps: t = k / 6.
  [{ kind: 'polynomial', power: 2 }, [0, 1, 2, 3, 4, 5].map((k) => (1 - k / 6) ** 2)],
  [{ kind: 'step', epochs: [1], factor: 0.1 }, [1, 1, 1, 0.1, 0.1, 0.1]],
];

test.each(schedules)('%o', async (schedule, factors) => {
  const { runtime, fed } = recordingRuntime('encoderLearningRate');
  const training = await openFullTraining(runtime, {
    genotype: parseGenotype('[[9], [[0,1]]]'),
    recipe: {
      epochs: 2,
      batch: 2,
      decoder: { width: 4, sepRepeats: 1, auxiliaryWeight: 0 },
      optimiser: { learningRate: 0.02, weightDecay: 0, clipNorm: 3, polyakDecay: 0.5 },
      encoder: { learningRate: 0.5, momentum: 0.9, weightDecay: 0, clipNorm: 1e-3, batchNorm: 'frozen' },
      framing: { kind: 'resize', width: 32, height: 32 },
      schedule,
    },
    task: maskTask(3),
    samples: dataset.train,
    labelling: dataset.labelling,
    encoder,
    random: seededRandom(1),
  });
  const start = training.position().vectors.get('encoderParameters') ?? new Float32Array();
  for (let epoch = 0; epoch < 2; epoch++) await training.runEpoch();
  const rates = (name: string): readonly number[] => fed.map((feeds) => feeds[name]?.[0] ?? Number.NaN);
  const times = (base: number) => factors.map((factor) => expect.closeTo(base * factor, 6));
  expect(rates('learningRate')).toEqual(times(0.02));
  expect(rates('encoderLearningRate')).toEqual(times(0.5));
  // And the encoder has moved as far as those rates let a clipped gradient move it.
  const end = training.position().vectors.get('encoderParameters') ?? new Float32Array();
  const distance = Math.sqrt(end.reduce((n, v, i) => n + (v - (start[i] ?? 0)) ** 2, 0));
  const velocities = factors.map((_, k) => (1 - 0.9 ** (k + 1)) / (1 - 0.9));
  const farthest = 0.5 * 1e-3 * factors.reduce((sum, factor, k) => sum + factor * (velocities[k] ?? 0), 0);
  expect(distance).toBeGreaterThan(0.05 * farthest);
  expect(distance).toBeLessThan(farthest * 1.01);
  await training.close();
});
