import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/core/random/index.js';
import { climbs, LearningCurveStop } from '../../src/core/train/index.js';

const rule = { rungs: [1], places: 2, deviations: 1, warmUp: 4 };
const fed = (curves: readonly (readonly [number, number])[], own = rule): LearningCurveStop => {
  const stop = new LearningCurveStop(own);
  for (const [reward, final] of curves) stop.observe([{ epoch: 1, reward }], final);
  return stop;
};

describe('the stop by learning curves', () => {
  test('by hand: x = 1, 2, 3, 4 and y = 2, 4, 5, 9', () => {
    // x̄ 2.5, ȳ 5, Sxx 5, Sxy 11, Syy 26: y = -0.5 + 2.2 x, of which √((26 − 2.2·11) / 2) = √0.9 is left. To be second (5) within one deviation:
    // -0.5 + 2.2 x + √0.9 > 5.
    const curves = [1, 2, 3, 4].map((x, i): [number, number] => [x, [2, 4, 5, 9][i] ?? 0]);
    const [rung] = fed(curves).ticket();
    expect(rung?.epoch).toBe(1);
    expect(rung?.threshold).toBeCloseTo((5 + 0.5 - Math.sqrt(0.9)) / 2.2, 12);
    expect(climbs(fed(curves).ticket(), { epoch: 1, reward: 2.05 })).toBe(false);
    expect(climbs(fed(curves).ticket(), { epoch: 1, reward: 2.1 })).toBe(true);
    const strict = { ...rule, deviations: 0, places: 1 };
    expect(fed(curves, strict).ticket()[0]?.threshold).toBeCloseTo((9 + 0.5) / 2.2, 12);
  });

  test.each([
    [
      'before enough of them went to the end',
      [
        [1, 2],
        [2, 4],
        [3, 5],
      ],
    ],
    [
      'where a curve says nothing of its end',
      [
        [1, 2],
        [1, 4],
        [1, 5],
        [1, 9],
      ],
    ],
    [
      'where all end alike',
      [
        [1, 5],
        [2, 5],
        [3, 5],
        [4, 5],
      ],
    ],
    [
      'where it says the opposite',
      [
        [4, 2],
        [3, 4],
        [2, 5],
        [1, 9],
      ],
    ],
  ] as [string, [number, number][]][])('ends nobody %s', (_name, curves) => {
    expect(fed(curves).ticket()).toEqual([{ epoch: 1, threshold: null }]);
  });

  test('three are the fewest that a spread can be seen of, and two say nothing', () => {
    const early = { ...rule, warmUp: 1, places: 1 };
    const curves: [number, number][] = [
      [1, 2],
      [2, 4],
    ];
    expect(fed(curves, early).ticket()).toEqual([{ epoch: 1, threshold: null }]);
    // y = 2 x exactly, nothing is left: to have 6 one must have 3.
    expect(fed([...curves, [3, 6]], early).ticket()[0]?.threshold).toBeCloseTo(3, 12);
  });

  test('of two rungs each has a line of its own, to the end of the curve', () => {
    const stop = new LearningCurveStop({ ...rule, rungs: [1, 2], deviations: 0, places: 1 });
    // The end is 3 + the first rung, and twice the second.
    for (const first of [1, 2, 3, 4])
      stop.observe(
        [
          { epoch: 1, reward: first },
          { epoch: 2, reward: (3 + first) / 2 },
        ],
        3 + first,
      );
    const thresholds = stop.ticket().map(({ threshold }) => threshold);
    expect(thresholds[0]).toBeCloseTo(4, 12);
    expect(thresholds[1]).toBeCloseTo(3.5, 12);
  });

  test('a candidate without a reward at a rung is not fitted on', () => {
    const stop = fed([
      [1, 2],
      [2, 4],
      [3, 5],
    ]);
    stop.observe([{ epoch: 2, reward: 4 }], 9);
    expect(stop.ticket()[0]?.threshold).toBe(null);
  });

  test('goes on from a saved state', () => {
    const stop = fed([
      [1, 2],
      [2, 4],
      [3, 5],
      [4, 9],
    ]);
    const again = new LearningCurveStop(rule, stop.state());
    expect(again.ticket()).toEqual(stop.ticket());
    again.observe([{ epoch: 1, reward: 5 }], 10);
    expect(again.ticket()).not.toEqual(stop.ticket());
  });

  test('of 2 000 whose curves tell much it ends more than half, and hardly ever one of the best', () => {
    const random = seededRandom(3);
    const stop = new LearningCurveStop({ rungs: [1], places: 5, deviations: 2, warmUp: 15 });
    let [ended, wrong] = [0, 0];
    const finals: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const reward = 0.4 + 0.05 * random.normal();
      const final = 0.1 + reward + 0.01 * random.normal();
      const fifth = finals.toSorted((a, b) => b - a)[4] ?? 0;
      if (climbs(stop.ticket(), { epoch: 1, reward }) === false) {
        ended++;
        if (final > fifth) wrong++;
      } else stop.observe([{ epoch: 1, reward }], final);
      finals.push(final);
    }
    expect(ended).toBeGreaterThan(1000);
    expect(wrong).toBeLessThan(5);
  });
});
