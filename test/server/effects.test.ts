// Effects of choices on rewards: Welch's interval against SciPy, and how often it holds what is true.

import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/core/random/index.js';
import { type EffectSample, Effects, studentQuantile } from '../../src/server/effects.js';

const samples = (choices: readonly number[], rewards: readonly number[]) => rewards.map((reward) => ({ reward, choices }));

function effectsOf(all: readonly EffectSample[]): ReturnType<Effects['list']> {
  const effects = new Effects();
  for (const sample of all) effects.add(sample);
  return effects.list();
}

describe('effects of choices', () => {
  test('the difference of the means and its interval are SciPy’s', () => {
    // a, b = [.3, .34, .38, .32], [.4, .44, .52]; scipy.stats.ttest_ind(a, b, equal_var=False).confidence_interval(): 2.94 degrees of freedom.
    const [effect, ...others] = effectsOf([...samples([5, 5], [0.3, 0.34, 0.38, 0.32]), ...samples([], [0.4, 0.44, 0.52])]);
    expect(others).toEqual([]);
    expect(effect).toMatchObject({ choice: 5, having: 4, lacking: 3 });
    expect(effect?.effect).toBeCloseTo(-0.118333, 6);
    // The quantile's expansion is off by some thousandths at so few degrees.
    expect(effect?.low).toBeCloseTo(-0.2445, 3);
    expect(effect?.high).toBeCloseTo(0.00786, 3);
  });

  test('quantiles of Student’s t', () => {
    // scipy.stats.t.ppf(.975, n)
    for (const [freedom, quantile] of [
      [3, 3.182446],
      [5, 2.570582],
      [10, 2.228139],
      [30, 2.042272],
    ] as const)
      expect(Math.abs(studentQuantile(freedom) - quantile) / quantile, `${freedom}`).toBeLessThan(0.003);
  });

  test('the largest first; of a choice that all but two have, nothing is said', () => {
    const found = effectsOf([
      ...samples([1, 2], [0.5, 0.6, 0.55]),
      ...samples([2], [0.3, 0.2, 0.25]),
      ...samples([3, 2], [0.1, 0.1, 0.1]),
      ...samples([], [0.4, 0.4]),
    ]);
    expect(found.map(({ choice }) => choice)).toEqual([1, 3]);
    expect(found[1]).toMatchObject({ having: 3, lacking: 8 });
  });

  test('19 of 20 intervals hold the true difference', () => {
    const random = seededRandom(4);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    const tries = 2000;
    let held = 0;
    for (let k = 0; k < tries; k++) {
      const draw = (count: number, mean: number, spread: number): number[] => Array.from({ length: count }, () => mean + spread * normal());
      const [effect] = effectsOf([...samples([0], draw(8, 0.5, 0.1)), ...samples([], draw(15, 0.4, 0.03))]);
      if (effect && effect.low <= 0.1 && effect.high >= 0.1) held++;
    }
    expect(held / tries).toBeGreaterThan(0.935);
    expect(held / tries).toBeLessThan(0.965);
  });
});
