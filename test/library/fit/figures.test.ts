// Figures with their intervals, by hand and against simulation.

import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/core/random/index.js';
import type { TaskDescription } from '../../../src/core/task/index.js';
import { bootstrap } from '../../../src/library/fit/bootstrap.js';
import { countedFigures } from '../../../src/library/fit/figures.js';

const validated = { kind: 'resize', aspect: 'stretched', width: 32, height: 32 } as const;

describe('figures from counts', () => {
  test('IoU of classes; a class that is nowhere in the truth is none', () => {
    const description: TaskDescription = { task: 'segmentation', classes: ['a', 'b', 'c'], ignore: 255, validated };
    // Truth a: 8 as a, 2 as b. Truth b: 1 as a, 4 as b, 5 as c. No c.
    const counts = [8, 2, 0, 1, 4, 5, 0, 0, 0];
    const { names, figures, countsOf } = countedFigures(description, { kind: 'confusion', counts });
    expect(names).toEqual(['mean IoU', 'a', 'b', 'c']);
    expect(countsOf({ kind: 'confusion', counts })).toEqual(counts);
    const [mean, a, b, c] = figures(counts);
    expect(a).toBeCloseTo(8 / 11, 12);
    expect(b).toBeCloseTo(4 / 12, 12);
    expect(c).toBeNaN();
    expect(mean).toBeCloseTo((8 / 11 + 4 / 12) / 2, 12);
  });
  test('shares of distances', () => {
    const description: TaskDescription = { task: 'depth', minDepth: 1, maxDepth: 10, unit: 'metre', validated };
    const breakdown = { kind: 'distances', edges: [1, 3, 10], pixels: [10, 30], relative: [1, 2], close: [9, 15] } as const;
    const { names, figures, countsOf } = countedFigures(description, breakdown);
    expect(names).toEqual(['δ < 1.25, all distances', '1 to 3 m', '3 to 10 m']);
    expect(figures(countsOf(breakdown))).toEqual([24 / 40, 0.9, 0.5]);
  });
});

describe('bootstrap over images', () => {
  const share = ([right = 0, all = 0]: readonly number[]): number[] => [right / all];

  test('equal images leave no doubt', () => {
    expect(
      bootstrap(
        Array.from({ length: 20 }, () => [3, 4]),
        share,
        seededRandom(1),
      ),
    ).toEqual([{ value: 0.75, low: 0.75, high: 0.75 }]);
  });
  test('covers the truth about as often as it says', () => {
    const random = seededRandom(7);
    let covered = 0;
    for (let r = 0; r < 100; r++) {
      // Images of 0.6 on average, each of its own difficulty.
      const images = Array.from({ length: 40 }, () => [100 * (0.2 + 0.8 * random.next()), 100]);
      const [interval] = bootstrap(images, share, random);
      if (interval && interval.low <= 0.6 && 0.6 <= interval.high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(86);
    expect(covered).toBeLessThanOrEqual(100);
  });
  test('the same seed, the same interval', () => {
    const images = [
      [1, 4],
      [3, 4],
      [2, 4],
      [4, 4],
    ];
    expect(bootstrap(images, share, seededRandom(3))).toEqual(bootstrap(images, share, seededRandom(3)));
  });
});
