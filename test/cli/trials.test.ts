import { describe, expect, test } from 'vitest';
import { paretoFront } from '../../src/cli/trials.js';
import type { Trial } from '../../src/core/search/index.js';

const trial = (index: number, reward: number, parameters: number, multiplyAdds: number, more: Partial<Trial> = {}): Trial => ({
  index,
  genotype: [[9], [[0, 1]]],
  key: String(index),
  reward,
  metrics: {},
  loss: 1,
  parameters,
  multiplyAdds,
  inputSize: [1, 1],
  stage: 1,
  seed: 0,
  seconds: { training: 1, validation: 1 },
  policy: {},
  ...more,
});

describe('the Pareto front', () => {
  test('keeps what nothing beats, the cheapest first', () => {
    const trials = [
      trial(1, 0.5, 2, 20),
      trial(2, 0.6, 2, 30),
      trial(3, 0.4, 3, 30), // beaten by 1 and 2
      trial(4, 0.3, 1, 10),
      trial(5, 0.9, 1, 5, { error: 'failed', reward: 0 }),
      trial(6, 0.6, 2, 30, { reusedFrom: '2' }),
    ];
    expect(paretoFront(trials).map(({ index }) => index)).toEqual([4, 1, 2]);
  });

  test('latency counts where it was measured', () => {
    const trials = [trial(1, 0.5, 2, 20, { latency: 30 }), trial(2, 0.5, 3, 20, { latency: 20 }), trial(3, 0.5, 3, 20, { latency: 40 })];
    expect(paretoFront(trials).map(({ index }) => index)).toEqual([1, 2]);
  });
});
