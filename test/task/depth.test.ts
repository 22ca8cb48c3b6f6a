import { describe, expect, test } from 'vitest';
import { DepthErrors, depthTask } from '../../src/core/task/index.js';

const range = { minDepth: 1, maxDepth: 10 };

describe('depth errors', () => {
  test('by hand', () => {
    const errors = new DepthErrors(range);
    // Truth 2, 4, 8; 2 is right, 4 is given as 5 (ratio 1.25: not below it), 8 as 4. The last was not measured.
    errors.add(Float32Array.of(2, 5, 4, 9), Float32Array.of(2, 4, 8, 0), [2, 2]);
    const { rmse, absRel, sqRel, log10, rmseLog, delta1, delta2, delta3 } = errors.result();
    expect(rmse).toBeCloseTo(Math.sqrt((0 + 1 + 16) / 3));
    expect(absRel).toBeCloseTo((0 + 0.25 + 0.5) / 3);
    expect(sqRel).toBeCloseTo((0 + 0.25 + 2) / 3);
    expect(log10).toBeCloseTo((Math.log10(1.25) + Math.log10(2)) / 3);
    expect(rmseLog).toBeCloseTo(Math.sqrt((Math.log(1.25) ** 2 + Math.log(2) ** 2) / 3));
    expect([delta1, delta2, delta3]).toEqual([1 / 3, 2 / 3, 2 / 3]);
  });

  test('only what lies in the range counts, and is limited to it; images count alike', () => {
    const errors = new DepthErrors(range);
    // The first image: truths 0.5 and 40 are out, and so are the ends of the range themselves; 9 is given as 99, which is 10.
    // The second is wrong throughout.
    errors.add(Float32Array.of(3, 3, 99, 1, 1, 1), Float32Array.of(0.5, 40, 9, 0, 1, 10), [2, 3]);
    errors.add(Float32Array.of(9, 9, 9, 9), Float32Array.of(2, 2, 2, 2), [2, 2]);
    // Nothing measured: says nothing.
    errors.add(Float32Array.of(1, 2, 3, 4), new Float32Array(4), [2, 2]);
    expect(errors.result()).toMatchObject({ delta1: 0.5, rmse: (1 + 7) / 2 });
    const breakdown = errors.breakdown();
    if (breakdown.kind !== 'distances') throw new TypeError('no distances');
    expect(breakdown.pixels.reduce((a, b) => a + b, 0)).toBe(5);
    expect([breakdown.edges[0], breakdown.edges.at(-1)]).toEqual([1, expect.closeTo(10)]);
  });

  test('not a number is as wrong as can be, and nothing at all gives 0', () => {
    const errors = new DepthErrors(range);
    errors.add(Float32Array.of(Number.NaN), Float32Array.of(8), [1, 1]);
    expect(errors.result()['rmse']).toBe(7);
    expect(Object.values(new DepthErrors(range).result()).every((v) => v === 0)).toBe(true);
  });

  test('the reward: δ < 1.25, or 1 / (1 + RMSE)', () => {
    const description = { task: 'depth', unit: 'metre', ...range } as const;
    expect(depthTask(description).reward({ delta1: 0.7, rmse: 3 })).toBe(0.7);
    expect(depthTask(description, { reward: 'rmse' }).reward({ delta1: 0.7, rmse: 3 })).toBe(0.25);
  });
});
