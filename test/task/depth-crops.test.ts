import { describe, expect, test } from 'vitest';
import { cropOf, DepthErrors } from '../../src/core/task/index.js';

describe('the crops of depth evaluation', () => {
  // KITTI's images are 375 × 1242, NYU's 480 × 640.
  test.each([
    // 0.40810811 · 375 = 153.04, 0.99189189 · 375 = 371.96, 0.03594771 · 1242 = 44.65, 0.96405229 · 1242 = 1197.35
    ['garg', [375, 1242], [153, 371, 44, 1197]],
    // 0.3324324 · 375 = 124.66, 0.91351351 · 375 = 342.57, 0.0359477 · 1242 = 44.65
    ['eigen', [375, 1242], [124, 342, 44, 1197]],
    ['nyu', [480, 640], [45, 471, 41, 601]],
    ['nyu', [240, 320], [22, 235, 20, 300]],
    ['none', [480, 640], [0, 480, 0, 640]],
  ] as const)('%s of %j: rows and columns %j, the ends left out', (crop, shape, sides) => {
    expect(cropOf(crop, shape)).toEqual(sides);
  });

  test('only what lies within counts', () => {
    // Right inside rows 4 … 8 and column 0 … 9 of 10 × 10 (Garg: 4.08, 9.91, 0.36, 9.64), wrong around it.
    const [h, w] = [10, 10];
    const truth = new Float32Array(h * w).fill(5);
    const inside = (i: number): boolean => Math.floor(i / w) >= 4 && Math.floor(i / w) < 9 && i % w < 9;
    const errors = new DepthErrors({ minDepth: 1, maxDepth: 10 }, 'garg');
    errors.add(
      truth.map((v, i) => (inside(i) ? v : 9)),
      truth,
      [h, w],
    );
    expect(errors.result()).toMatchObject({ rmse: 0, delta1: 1 });
    const breakdown = errors.breakdown();
    if (breakdown.kind !== 'distances') throw new TypeError('no distances');
    expect(breakdown.pixels.reduce((a, b) => a + b, 0)).toBe(5 * 9);
  });
});
