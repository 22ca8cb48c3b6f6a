import { describe, expect, test } from 'vitest';
import { frontVolume, paretoFront, pickWithin, type Trial } from '../../src/core/search/index.js';

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

  test('of chosen objectives, and of none that was not measured', () => {
    const trials = [trial(1, 0.5, 2, 20), trial(2, 0.6, 1, 30), trial(3, 0.4, 3, 10)];
    expect(paretoFront(trials, ['reward', 'parameters']).map(({ index }) => index)).toEqual([2]);
    expect(paretoFront(trials, ['reward', 'multiplyAdds']).map(({ index }) => index)).toEqual([3, 1, 2]);
    expect(() => paretoFront(trials, ['reward', 'latency'])).toThrow(
      /trial #1 has no latency: .* choose from reward, multiplyAdds, parameters/,
    );
  });

  test('its volume is a share of the box between worst and best', () => {
    // Scaled: (0, 1), (1, 0) and (1/2, 1/4) with both to be small; the ends add nothing.
    const trials = [trial(1, 0.8, 9, 40), trial(2, 0.4, 9, 0), trial(3, 0.6, 9, 10), trial(4, 0.5, 9, 30)];
    expect(frontVolume(trials, ['reward', 'multiplyAdds'])).toBeCloseTo(0.5 * 0.75, 12);
    expect(frontVolume(trials.slice(0, 1), ['reward', 'multiplyAdds'])).toBe(1);
  });

  test('what is picked is the best that costs no more, of equal ones the cheaper', () => {
    const trials = [trial(1, 0.5, 2, 20), trial(2, 0.6, 4, 30), trial(3, 0.5, 1, 25), trial(4, 0.9, 1, 1, { error: 'no' })];
    expect(pickWithin(trials, 'parameters', 3).index).toBe(3);
    expect(pickWithin(trials, 'multiplyAdds', 30).index).toBe(2);
    expect(() => pickWithin(trials, 'multiplyAdds', 10)).toThrow('no trial has a multiplyAdds of at most 10; the least is 20');
    expect(() => pickWithin(trials, 'latency', 10)).toThrow('no trial has a latency: it was not measured in this search');
  });
});
