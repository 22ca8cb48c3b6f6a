// Dropout's masks: what they hold, and that they follow from the seed, the epoch and the step alone.

import { describe, expect, test } from 'vitest';
import { input } from '../../src/core/graph/index.js';
import { dropout, drawMask, Scope } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf } from '../../src/core/runtime/index.js';
import { type BatchSource, withDropout } from '../../src/core/train/index.js';

const mask = { name: 'dropout0', shape: [50, 40], share: 0.1 };

test('a tenth is left out, the rest scaled up: the mean stays', () => {
  const values = drawMask(mask, seededRandom(1));
  expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.9)]));
  const left = values.filter((v) => v === 0).length / values.length;
  // Standard deviation 0.0067.
  expect(Math.abs(left - 0.1)).toBeLessThan(0.027);
});

test('in training alone there is one, a value a channel or one each', () => {
  const x = input('x', [2, 3, 4, 5]);
  const training = Scope.root('training');
  expect(dropout(training, x, { share: 0.1, of: 'channels' }).shape).toEqual([2, 3, 4, 5]);
  dropout(training.child('deeper'), x, { share: 0.2, of: 'values' });
  expect(training.masks).toEqual([
    { name: 'dropout0', shape: [2, 3, 1, 1], share: 0.1 },
    { name: 'dropout1', shape: [2, 3, 4, 5], share: 0.2 },
  ]);
  for (const mode of ['inference', 'folded', 'frozen'] as const) {
    const scope = Scope.root(mode);
    expect(dropout(scope, x, { share: 0.1, of: 'values' })).toBe(x);
    expect(scope.masks).toEqual([]);
  }
});

describe('beside the batches', () => {
  const source: BatchSource = {
    perEpoch: 3,
    async *epoch(_index, done) {
      for (let k = done; k < 3; k++) yield { number: { data: Float32Array.of(k), dims: [1] } };
    },
  };
  const masksOf = async (seed: number, epoch: number, done: number): Promise<string[]> => {
    const found: string[] = [];
    for await (const batch of withDropout(source, [mask], seededRandom(seed)).epoch(epoch, done)) {
      expect(floatsOf(batch, 'number')).toHaveLength(1);
      found.push(floatsOf(batch, 'dropout0').join());
    }
    return found;
  };

  test('another one every step and epoch, the same ones again from the middle', async () => {
    const [first, second] = [await masksOf(1, 0, 0), await masksOf(1, 1, 0)];
    expect(new Set([...first, ...second]).size).toBe(6);
    expect(await masksOf(1, 1, 1)).toEqual(second.slice(1));
    expect(await masksOf(2, 1, 0)).not.toEqual(second);
  });

  test('a network without dropout has its source as it is', () => {
    expect(withDropout(source, [], seededRandom(1))).toBe(source);
  });
});
