// What a fit settles by rules: sizes, weights, shares of the time; each by hand.

import { describe, expect, test } from 'vitest';
import { rareClassWeights } from '../../../src/library/fit/class-weights.js';
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
  test('the search has two fifths of what is left before the end', () => {
    expect(searchSeconds(600, 100)).toBe(200);
    expect(searchSeconds(50, 100)).toBe(0);
  });
  test('three networks to a quarter, one to the end', () => {
    // (0.97 · 1000 − 1.5 · 8 · 2) / (1.5 · 10) = 63.07 epochs; validated every 7, so the rung is 7 · round(15.75 / 7) = 14.
    expect(trainingPlan({ left: 1000, epoch: 10, validation: 2, candidates: 9 })).toEqual({ networks: 3, epochs: 63, rung: 14, every: 7 });
  });
  test('what is planned fits into the time', () => {
    for (const left of [30, 100, 400, 1500, 6000])
      for (const epoch of [0.7, 3, 11]) {
        const { networks, epochs, rung, every } = trainingPlan({ left, epoch, validation: 1, candidates: 5 });
        const trained = epochs + (networks - 1) * rung;
        const seconds = trained * epoch + Math.floor(trained / every);
        if (epochs > 1) expect(seconds).toBeLessThanOrEqual(1.05 * left);
        expect(rung % every).toBe(0);
        expect(rung).toBeLessThanOrEqual(epochs);
      }
  });
  test('little time trains one network, and one epoch at least', () => {
    expect(trainingPlan({ left: 60, epoch: 10, validation: 1, candidates: 5 })).toEqual({ networks: 1, epochs: 5, rung: 5, every: 1 });
    expect(trainingPlan({ left: -20, epoch: 10, validation: 1, candidates: 5 })).toEqual({ networks: 1, epochs: 1, rung: 1, every: 1 });
  });
  test('no more networks than the search has', () => {
    expect(trainingPlan({ left: 1000, epoch: 1, validation: 0, candidates: 2 }).networks).toBe(2);
  });
});
