import { describe, expect, test } from 'vitest';
import { rateFactor } from '../../src/core/train/index.js';

describe('learning-rate schedules, 10 epochs of 4 steps', () => {
  const at = (schedule: Parameters<typeof rateFactor>[0], step: number): number => rateFactor(schedule, step, 4, 10);

  test('constant', () => {
    expect([0, 39].map((step) => at({ kind: 'constant' }, step))).toEqual([1, 1]);
  });

  test('step: at the beginning of the named epochs', () => {
    const schedule = { kind: 'step', epochs: [2, 5], factor: 0.1 } as const;
    expect([0, 7, 8, 19, 20, 39].map((step) => at(schedule, step))).toEqual([1, 1, 0.1, 0.1, 0.1 ** 2, 0.1 ** 2]);
  });

  test('polynomial: (1 − t)^0.9', () => {
    const schedule = { kind: 'polynomial', power: 0.9 } as const;
    expect(at(schedule, 0)).toBe(1);
    expect(at(schedule, 20)).toBeCloseTo(0.5 ** 0.9, 12);
    expect(at(schedule, 39)).toBeCloseTo(0.025 ** 0.9, 12);
  });

  test('cosine: from 1 down to the floor', () => {
    const schedule = { kind: 'cosine', floor: 0.1 } as const;
    expect(at(schedule, 0)).toBe(1);
    expect(at(schedule, 20)).toBeCloseTo(0.55, 12);
    expect(at(schedule, 40)).toBeCloseTo(0.1, 12);
  });
});
