import { describe, expect, test } from 'vitest';
import { climbs, SuccessiveHalving } from '../../src/core/train/index.js';

describe('successive halving', () => {
  test('of three that reach a rung, one goes on; the first always does', () => {
    const halving = new SuccessiveHalving({ rungs: [1, 3], eta: 3 });
    expect(halving.ticket()).toEqual([
      { epoch: 1, threshold: null },
      { epoch: 3, threshold: null },
    ]);
    const rewards = [0.5, 0.4, 0.6, 0.55, 0.7, 0.58, 0.1];
    const gone = rewards.map((reward) => {
      const on = climbs(halving.ticket(), { epoch: 1, reward });
      halving.observe([{ epoch: 1, reward }]);
      return on;
    });
    // The best so far goes on; from the sixth on, with two places of six, the second best does too.
    expect(gone).toEqual([true, false, true, false, true, false, false]);
    expect(halving.ticket()).toEqual([
      { epoch: 1, threshold: 0.6 },
      { epoch: 3, threshold: null },
    ]);
    expect(climbs(halving.ticket(), { epoch: 1, reward: 0.65 })).toBe(true);
    expect(climbs(halving.ticket(), { epoch: 2, reward: 0.1 })).toBe(undefined);
  });

  test('with η = 1 everybody goes on', () => {
    const halving = new SuccessiveHalving({ rungs: [1], eta: 1 });
    for (const reward of [0.9, 0.1, 0.5, 0.05]) {
      expect(climbs(halving.ticket(), { epoch: 1, reward })).toBe(true);
      halving.observe([{ epoch: 1, reward }]);
    }
  });

  test('goes on from a saved state', () => {
    const rule = { rungs: [2], eta: 2 };
    const halving = new SuccessiveHalving(rule);
    for (const reward of [0.3, 0.9, 0.5]) halving.observe([{ epoch: 2, reward }]);
    const again = new SuccessiveHalving(rule, halving.state());
    expect(again.ticket()).toEqual(halving.ticket());
    expect(again.ticket()).toEqual([{ epoch: 2, threshold: 0.5 }]);
  });
});
