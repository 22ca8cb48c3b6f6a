// One step of end-to-end training by hand: what the optimiser of the encoder makes of a gradient, and what is averaged.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { portableTarget } from '../../src/core/graph/index.js';
import { initialise } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf, type Session } from '../../src/core/runtime/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { buildTrainingStep, nextName } from '../../src/core/train/index.js';
import { portable } from '../graph/run.js';
import { maskTask } from '../task/mask-task.js';

const [batch, height, width] = [2, 32, 32];
const [momentum, clipNorm, polyakDecay, statisticsMomentum] = [0.8, 1e-3, 0.75, 0.3];
const [learningRate, encoderLearningRate] = [3e-3, 0.5];
const random = seededRandom(1);

function stepWith(weightDecay: number) {
  return buildTrainingStep({
    genotype: parseGenotype('[[1], [[0,1]]]'),
    decoder: { width: 8, sepRepeats: 1, auxiliaryWeight: 0 },
    optimiser: { learningRate, weightDecay: 0, clipNorm: 3, polyakDecay, statisticsMomentum },
    task: maskTask(3),
    batch,
    inputs: {
      kind: 'images',
      height,
      width,
      encoder: { padding: 'torch', expandsFirst: false },
      recipe: { learningRate: encoderLearningRate, momentum, weightDecay, clipNorm, batchNorm: 'trained' },
    },
    targetShape: [8, 8],
    target: portableTarget,
  });
}

const step = stepWith(0);
const image = Float32Array.from({ length: batch * 3 * height * width }, () => random.normal());
const target = Int32Array.from({ length: batch * 64 }, () => random.integer(3));
const start = new Map(
  step.state.map(({ name, layout, start }) => [
    name,
    start === 'values' ? layout.flatten(initialise(layout.parameters, seededRandom(2))) : new Float32Array(layout.length),
  ]),
);

async function advance(session: Session, state: ReadonlyMap<string, Float32Array>): Promise<Map<string, Float32Array>> {
  const scalars = { learningRate, encoderLearningRate, bias1: 0.1, bias2: 0.001 };
  const results = await session.run({
    image: new OrtTensor('float32', image, [batch, 3, height, width]),
    target: new OrtTensor('int32', target, [batch, 8, 8]),
    ...Object.fromEntries(Object.entries(scalars).map(([name, v]) => [name, new OrtTensor('float32', Float32Array.of(v), [])])),
    ...Object.fromEntries([...state].map(([name, data]) => [name, new OrtTensor('float32', data, [data.length])])),
  });
  return new Map([...state.keys()].map((name) => [name, floatsOf(results, nextName(name)).slice()]));
}

function expectNear(actual: Float32Array | undefined, expected: (i: number) => number, tolerance: number): void {
  if (!actual) throw new Error('nothing to compare');
  let worst = 0;
  actual.forEach((v, i) => {
    worst = Math.max(worst, Math.abs(v - expected(i)));
  });
  expect(worst).toBeLessThan(tolerance);
}

const norm = (values: Float32Array = new Float32Array()): number => Math.sqrt(values.reduce((n, v) => n + v * v, 0));

describe('a step on images', () => {
  let session: Session;
  let fresh: Map<string, Float32Array>;
  beforeAll(async () => {
    session = await portable.open(step.model, { purpose: 'training' });
    fresh = await advance(session, start);
  });
  afterAll(() => session.release());

  const at = (state: ReadonlyMap<string, Float32Array>, name: string, i: number): number => state.get(name)?.[i] ?? Number.NaN;

  test('the encoder, from rest: u = g, clipped to its own norm; θ ← θ − α u', () => {
    expect(norm(fresh.get('encoderMomentum'))).toBeCloseTo(clipNorm, 6);
    expectNear(
      fresh.get('encoderParameters'),
      (i) => at(start, 'encoderParameters', i) - encoderLearningRate * at(fresh, 'encoderMomentum', i),
      1e-7,
    );
    const moved = (fresh.get('encoderParameters') ?? new Float32Array()).map((v, i) => v - at(start, 'encoderParameters', i));
    expect(norm(moved)).toBeCloseTo(encoderLearningRate * clipNorm, 6);
  });

  test('in motion: u ← μ u + g', async () => {
    const motion = (start.get('encoderMomentum') ?? new Float32Array()).map((_, i) => 1e-2 * Math.sin(i));
    const next = await advance(session, new Map(start).set('encoderMomentum', motion));
    expectNear(next.get('encoderMomentum'), (i) => momentum * (motion[i] ?? 0) + at(fresh, 'encoderMomentum', i), 1e-8);
    expectNear(
      next.get('encoderParameters'),
      (i) => at(start, 'encoderParameters', i) - encoderLearningRate * at(next, 'encoderMomentum', i),
      1e-6,
    );
  });

  test('averages of encoder and decoder: a ← κ a + (1 − κ) θ, of the new θ', async () => {
    for (const [parameters, average] of [
      ['encoderParameters', 'encoderAverage'],
      ['parameters', 'average'],
    ] as const) {
      const before = (start.get(average) ?? new Float32Array()).map((_, i) => Math.cos(i));
      const next = await advance(session, new Map(start).set(average, before));
      expectNear(next.get(average), (i) => polyakDecay * (before[i] ?? 0) + (1 - polyakDecay) * at(next, parameters, i), 1e-6);
      // The parameters themselves do not know of it.
      expect(next.get(parameters)).toEqual(fresh.get(parameters));
    }
  });

  test('running statistics: r ← (1 − m) r + m b', async () => {
    const before = (start.get('statistics') ?? new Float32Array()).map((_, i) => 1 + Math.cos(i));
    const next = await advance(session, new Map(start).set('statistics', before));
    // b from the step that began elsewhere.
    const batchStatistic = (i: number): number =>
      (at(fresh, 'statistics', i) - (1 - statisticsMomentum) * at(start, 'statistics', i)) / statisticsMomentum;
    expectNear(next.get('statistics'), (i) => (1 - statisticsMomentum) * (before[i] ?? 0) + statisticsMomentum * batchStatistic(i), 1e-4);
  });

  test('the decoder, from rest: Adam moves every weight that has a gradient by nearly α', () => {
    const moved = (fresh.get('parameters') ?? new Float32Array()).map((v, i) => Math.abs(v - at(start, 'parameters', i)));
    expect(Math.max(...moved)).toBeLessThan(1.01 * learningRate);
    expect(moved.filter((v) => v > 0.98 * learningRate).length).toBeGreaterThan(0.8 * moved.length);
  });

  test("the encoder's weight decay is added to the clipped gradient", async () => {
    const decaying = await portable.open(stepWith(0.1).model, { purpose: 'training' });
    const next = await advance(decaying, start);
    await decaying.release();
    expectNear(next.get('encoderMomentum'), (i) => at(fresh, 'encoderMomentum', i) + 0.1 * at(start, 'encoderParameters', i), 1e-6);
  });
});
