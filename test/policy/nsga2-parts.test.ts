// The parts of NSGA-II by hand.

import { describe, expect, test } from 'vitest';
import {
  constrainedDominates,
  crowdingDistance,
  dominates,
  fastNonDominatedSort,
  hypervolume,
  objectiveValues,
  selectBest,
  type Solution,
} from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';

const at = (...objectives: number[]): Solution => ({ objectives, violation: 0 });
const beyond = (violation: number): Solution => ({ objectives: [], violation });

describe('domination', () => {
  test('nowhere worse and somewhere better', () => {
    expect(dominates([1, 2], [1, 3])).toBe(true);
    expect(dominates([1, 3], [1, 3])).toBe(false);
    expect(dominates([0, 4], [1, 3])).toBe(false);
  });

  test('under constraints the feasible come first, then those that violate less', () => {
    expect(constrainedDominates(at(9, 9), beyond(0.1))).toBe(true);
    expect(constrainedDominates(beyond(0.1), at(9, 9))).toBe(false);
    expect(constrainedDominates(beyond(0.1), beyond(0.2))).toBe(true);
    expect(constrainedDominates(beyond(0.2), beyond(0.2))).toBe(false);
    expect(constrainedDominates(at(1, 1), at(1, 2))).toBe(true);
  });
});

describe('fast non-dominated sorting', () => {
  test('front by front, the infeasible behind, by violation', () => {
    const solutions = [at(3, 3), at(1, 4), beyond(0.2), at(2, 2), at(4, 1), at(4, 4), beyond(0.1), at(2, 2)];
    expect(fastNonDominatedSort(solutions)).toEqual([[1, 3, 4, 7], [0], [5], [6], [2]]);
  });

  test('a chain is as many fronts, and nothing is none', () => {
    expect(fastNonDominatedSort([at(3, 3), at(1, 1), at(2, 2)])).toEqual([[1], [2], [0]]);
    expect(fastNonDominatedSort([])).toEqual([]);
  });
});

describe('crowding distance', () => {
  test('the gap between both neighbours as a share of the range, added over objectives', () => {
    // Sorted by the first: (0, 10), (1, 6), (4, 5), (10, 0).
    const distances = crowdingDistance([at(4, 5), at(0, 10), at(10, 0), at(1, 6)]);
    // (4, 5): (10 − 1)/10 + (6 − 0)/10; (1, 6): (4 − 0)/10 + (10 − 5)/10.
    expect(distances).toEqual([0.9 + 0.6, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0.4 + 0.5]);
  });

  test('an objective in which all are equal has two ends and no gaps', () => {
    expect(crowdingDistance([at(0, 7), at(1, 7), at(4, 7), at(3, 7)])).toEqual([
      Number.POSITIVE_INFINITY,
      3 / 4,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });
});

test('selection takes whole fronts, and of the one that does not fit the least crowded', () => {
  const solutions = [at(4, 5), at(0, 10), at(10, 0), at(1, 6), at(20, 20), at(0, 9)];
  // (0, 9) puts (0, 10) into the second front. Of the first, (0, 9), (1, 6), (4, 5), (10, 0), the inner ones have 0.4 + 4/9 and 0.9 + 6/9.
  const objectives = (count: number) => selectBest(solutions, count).map(({ solution, rank }) => [...solution.objectives, rank]);
  expect(objectives(3).slice(2)).toEqual([[4, 5, 0]]);
  expect(objectives(5)).toEqual([...objectives(3), [1, 6, 0], [0, 10, 1]]);
  expect(objectives(9)).toHaveLength(6);
});

describe('hypervolume', () => {
  test('by hand in two objectives', () => {
    // Up to (4, 4): strips 1·1, 1·2 and 1·3 high.
    expect(
      hypervolume(
        [
          [1, 3],
          [2, 2],
          [3, 1],
        ],
        [4, 4],
      ),
    ).toBe(6);
    // Dominated points, equal ones and those beyond the reference add nothing.
    expect(
      hypervolume(
        [
          [1, 3],
          [2, 2],
          [3, 1],
          [3, 3],
          [2, 2],
          [0, 4],
          [5, 0],
        ],
        [4, 4],
      ),
    ).toBe(6);
    expect(hypervolume([], [4, 4])).toBe(0);
  });

  test('by hand in three', () => {
    // Two boxes of 1·2·3 that have 1·1·3 … of (0, 1, 0) and (1, 0, 0) up to (2, 2, 3): 2·1·3 + 1·2·3 − 1·1·3.
    expect(
      hypervolume(
        [
          [0, 1, 0],
          [1, 0, 0],
        ],
        [2, 2, 3],
      ),
    ).toBe(9);
    expect(
      hypervolume(
        [
          [0, 0, 2],
          [1, 1, 0],
        ],
        [2, 2, 3],
      ),
    ).toBe(4 + 2);
  });

  test('as counted by points drawn in the box', () => {
    const random = seededRandom(3);
    const points = Array.from({ length: 12 }, () => [random.next(), random.next(), random.next()]);
    let inside = 0;
    const draws = 40_000;
    for (let i = 0; i < draws; i++) {
      const x = [random.next(), random.next(), random.next()];
      if (points.some((point) => point.every((value, m) => value <= (x[m] ?? 0)))) inside++;
    }
    expect(Math.abs(hypervolume(points, [1, 1, 1]) - inside / draws)).toBeLessThan(0.01);
  });
});

test('all objectives are to be small: of the reward its negative', () => {
  const costs = { parameters: 3, multiplyAdds: 5, latency: 7 };
  expect(objectiveValues(['latency', 'reward', 'multiplyAdds'], 0.4, costs)).toEqual([7, -0.4, 5]);
  expect(() => objectiveValues(['reward', 'modelBytes'], 0.4, costs)).toThrow('the objective modelBytes was not measured');
});
