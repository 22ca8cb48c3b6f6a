// What a fit settles by rules: sizes, weights, shares of the time; each by hand.

import { describe, expect, test } from 'vitest';
import type { Trial } from '../../../src/core/search/index.js';
import { rareClassWeights } from '../../../src/library/fit/class-weights.js';
import { contenders } from '../../../src/library/fit/contenders.js';
import { networkSize } from '../../../src/library/fit/network-size.js';
import { searchSeconds, trainingPlan } from '../../../src/library/fit/time-plan.js';

describe('the size at which a network sees pictures', () => {
  test('small pictures keep theirs, in steps of 16', () => {
    expect(networkSize({ width: 256, height: 192 }, 76_800)).toEqual({ width: 256, height: 192 });
    expect(networkSize({ width: 250, height: 190 }, 76_800)).toEqual({ width: 256, height: 192 });
  });
  test('large ones keep their aspect', () => {
    expect(networkSize({ width: 480, height: 360 }, 76_800)).toEqual({ width: 320, height: 240 });
    expect(networkSize({ width: 3000, height: 4000 }, 76_800)).toEqual({ width: 240, height: 320 });
    // 2048 × 1024: factor √(76800 / 2097152) = 0.1914, so 391.9 × 196.0.
    expect(networkSize({ width: 2048, height: 1024 }, 76_800)).toEqual({ width: 384, height: 192 });
  });
  test('no side is below a pixel of the smallest map', () => {
    expect(networkSize({ width: 4000, height: 20 }, 76_800).height).toBe(32);
  });
});

describe('weights of rare classes', () => {
  const classes = (pixels: readonly number[]) => pixels.map((n) => ({ pixels: n, isIgnored: false }));
  test('the root of how much rarer than the median', () => {
    // The median of 100, 400, 1600 is 400: √(400 / 100) = 2, and never below 1.
    expect(rareClassWeights(classes([1600, 400, 100]))).toEqual([1, 1, 2]);
    // Of four, the mean of the middle two: 500; √(500 / 100) = 2.236.
    expect(rareClassWeights(classes([1600, 600, 400, 100]))).toEqual([1, 1, 1.12, 2.24]);
  });
  test('at most 4; none where no class is rare', () => {
    expect(rareClassWeights(classes([1000, 1000, 1]))).toEqual([1, 1, 4]);
    expect(rareClassWeights(classes([1000, 900, 800]))).toBeUndefined();
  });
  test('what is ignored or not there is no measure', () => {
    const rare = [
      { pixels: 1, isIgnored: true },
      { pixels: 0, isIgnored: false },
      { pixels: 900, isIgnored: false },
      { pixels: 100, isIgnored: false },
    ];
    // The median of 900 and 100 is 500.
    expect(rareClassWeights(rare)).toEqual([1, 1, 1, 2.24]);
  });
});

describe('shares of the time', () => {
  test('the search has 0.35 of what is left before the end', () => {
    expect(searchSeconds(600, 100)).toBeCloseTo(175);
    expect(searchSeconds(50, 100)).toBe(0);
  });
  const times = { taps: 0.05, bytes: 1e6, validation: 5, images: 100, batch: 16 };
  const two = [
    { decoder: 0.01, epoch: 10 },
    { decoder: 0.02, epoch: 12 },
  ];
  test('the same time for both first stages, what is left for one network', () => {
    // Of 0.97 · 1000 s half are 485; 2^30 bytes hold 1073 samples, whose outputs take 53.65 s. (485 − 2 · 5 − 53.65) / 2 = 210.675 s
    // are 19 passes of the one, of which 12 are made, and 9 of the other. Spent: 53.65 + 128.76 + 193.14 + 10 = 385.55 s.
    // (970 − 385.55 − 8 · 5) / 10 = 54.4 epochs, or / 12 = 45.4.
    expect(trainingPlan({ ...times, left: 1000, networks: two })).toMatchObject({
      samples: 1073,
      networks: [
        { first: 12, epochs: 54, every: 7 },
        { first: 9, epochs: 45, every: 6 },
      ],
    });
  });
  test('so many samples that the fastest sees each five times', () => {
    // (0.5 · 0.97 · 101 − 2 · 1) / (0.05 + 2 · 5 · 0.01) = 313.2 samples, 15.65 s of outputs; 15.67 s each: five passes, and two.
    const { samples, networks } = trainingPlan({ ...times, validation: 1, left: 101, networks: two });
    expect([samples, networks.map(({ first }) => first)]).toEqual([313, [5, 2]]);
  });
  test('what is planned fits into the time', () => {
    for (const left of [60, 100, 400, 1500, 6000])
      for (const slower of [1, 2, 5]) {
        const networks = [1, slower, 3].map((factor) => ({ decoder: 0.01 * factor, epoch: 2 + factor }));
        const plan = trainingPlan({ ...times, validation: 1, left, networks });
        const firsts = plan.networks.map(({ first }, k) => plan.samples * first * (networks[k]?.decoder ?? 0) + 1);
        const before = plan.samples * times.taps + firsts.reduce((a, b) => a + b, 0);
        expect(plan.samples).toBeGreaterThan(100);
        for (const [k, { epochs, every }] of plan.networks.entries())
          expect(before + epochs * (networks[k]?.epoch ?? 0) + Math.floor(epochs / every)).toBeLessThanOrEqual(1.03 * left);
      }
  });
  test('little time trains one network, and an epoch of each stage at least', () => {
    const slow = [
      { decoder: 0.05, epoch: 10 },
      { decoder: 0.5, epoch: 50 },
    ];
    expect(trainingPlan({ ...times, left: 60, networks: slow }).networks).toHaveLength(1);
    const none = trainingPlan({ ...times, left: -20, networks: slow });
    expect(none).toMatchObject({ samples: 16, networks: [{ first: 1, epochs: 1, every: 1 }] });
  });
  test('no more networks than the search has, and three at most', () => {
    expect(trainingPlan({ ...times, left: 1e4, networks: two }).networks).toHaveLength(2);
    expect(trainingPlan({ ...times, left: 1e4, networks: [...two, ...two] }).networks).toHaveLength(3);
  });
});

describe('contenders', () => {
  const trial = (index: number, reward: number, training: number, more: Partial<Trial> = {}): Trial => ({
    ...{ index, reward, genotype: [[9], [[0, 1]]], key: `${index}`, metrics: {}, loss: 1, parameters: 1, multiplyAdds: 1 },
    ...{ inputSize: [8, 8], stage: 1, seed: 0, policy: {} },
    seconds: { training, validation: 0 },
    ...more,
  });
  test('twice as fast is worth a tenth of the reward', () => {
    const trials = [
      // 0.4 · (1 + 0.1 · log2(20 / 20)) = 0.4
      trial(1, 0.4, 20, { multiplyAdds: 40 }),
      // 0.37 · 1.1 = 0.407
      trial(2, 0.37, 10, { multiplyAdds: 30 }),
      // 0.36 · 1.1 = 0.396
      trial(3, 0.36, 10, { multiplyAdds: 20 }),
      // 0.33 · 1.3 = 0.429
      trial(4, 0.33, 2.5, { multiplyAdds: 10 }),
      trial(5, 0.5, 3, { error: 'diverged' }),
      trial(6, 0.4, 0, { reusedFrom: '1' }),
      trial(7, 0, 1),
    ];
    expect(contenders(trials).map(({ index }) => index)).toEqual([4, 2, 1, 3]);
  });
  test('the front of reward and cost comes before the others, unless it is far below the best', () => {
    const trials = [
      trial(1, 0.4, 10, { multiplyAdds: 40 }),
      // Worse and dearer than #1: behind the front, though better than #3.
      trial(2, 0.39, 10, { multiplyAdds: 50 }),
      trial(3, 0.35, 10, { multiplyAdds: 10 }),
      // The cheapest, at less than 0.8 of the best reward.
      trial(4, 0.1, 10, { multiplyAdds: 1 }),
    ];
    expect(contenders(trials).map(({ index }) => index)).toEqual([1, 3, 2, 4]);
  });
  test('cost is latency where every trial has it', () => {
    const trials = [
      trial(1, 0.4, 10, { multiplyAdds: 1, latency: 40 }),
      trial(2, 0.39, 10, { multiplyAdds: 2, latency: 50 }),
      trial(3, 0.35, 10, { multiplyAdds: 3, latency: 10 }),
    ];
    expect(contenders(trials).map(({ index }) => index)).toEqual([1, 3, 2]);
  });
  test('none where nothing was learnt', () => expect(contenders([trial(1, 0, 1)])).toEqual([]));
});
