// Latency as part of the reward (MnasNet), and latency that is predicted: kept with every trial.

import { expect, test } from 'vitest';
import { softReward } from '../../src/core/search/index.js';
import { search } from '../../src/library/search.js';
import { runWith, synthetic } from './synthetic-loop.js';

test('r · (latency / T)^w by hand', () => {
  // 2^−0.07 = 0.952638: the paper's 5 % of a network twice as slow.
  expect(softReward(0.5, 50, { target: 25, exponent: -0.07 })).toBeCloseTo(0.476319, 6);
  expect(softReward(0.5, 25, { target: 25, exponent: -0.07 })).toBe(0.5);
  expect(softReward(0.5, 12.5, { target: 25, exponent: -0.07 })).toBeCloseTo(0.5 / 0.952638, 6);
});

test('predicted latency is in every trial, without a limit to it; rewards stay as they are', async () => {
  const free = await runWith(synthetic, { candidates: 5 });
  const { result } = await runWith(synthetic, { candidates: 5, timesAll: true, latencyOf: async () => 20 });
  expect(result.trials.map(({ latency }) => latency)).toEqual([20, 20, 20, 20, 20]);
  expect(result.trials.map(({ reward }) => reward)).toEqual(free.result.trials.map(({ reward }) => reward));
  for (const trial of free.result.trials) expect(trial).not.toHaveProperty('latency');
});

test('with a target latency the trial and what the strategy sees have the softened reward', async () => {
  const free = await runWith(synthetic, { candidates: 5 });
  let asked = 0;
  const { result } = await runWith(synthetic, {
    candidates: 5,
    timesAll: true,
    latencyOf: async () => 10 * 2 ** asked++,
    softLatency: { target: 10, exponent: -0.5 },
  });
  const expected = free.result.trials.map(({ reward }, i) => reward * 2 ** (-0.5 * i));
  result.trials.forEach(({ reward }, i) => {
    expect(reward).toBeCloseTo(expected[i] ?? Number.NaN, 12);
  });
});

test('a target latency without a target is refused before there is a folder', async () => {
  await expect(search({ data: 'nowhere', preset: 'demo', out: 'no-such-run', targetLatency: 25 })).rejects.toThrow(
    'a target latency needs a target: the profile of the device that it is about',
  );
});
