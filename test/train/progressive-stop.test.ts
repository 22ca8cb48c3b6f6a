import { describe, expect, test } from 'vitest';
import type { Random } from '../../src/core/random/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { goesOn, ProgressiveStop } from '../../src/core/train/index.js';

const rule = { decay: 0.99, initial: 0.01, tolerance: 0.9, multipliers: { 100: 0.9, 200: 0.8, 300: 0.7, 400: 0.6 } };

/** Always draws the same number. */
const constant = (u: number): Random => ({ ...seededRandom(0), next: () => u });

/** One candidate's way past the rule. */
function passes(stop: ProgressiveStop, reward: number, random: Random): boolean {
  const ticket = stop.ticket(random);
  stop.observe(reward);
  return goesOn(ticket, reward);
}

describe('the progressive stop', () => {
  test('above the running value a candidate goes on, whatever is drawn', () => {
    const stop = new ProgressiveStop(rule);
    // m ← 0.99 · 0.01 + 0.01 · 0.5
    expect(passes(stop, 0.5, constant(0))).toBe(true);
    expect(stop.state().running).toBeCloseTo(0.0149);
  });

  test('below it, only within the tolerance that is drawn', () => {
    // m = 0.4 ← 0.99 · m₀ + 0.01 · 0.2
    const at = (u: number): boolean =>
      passes(new ProgressiveStop(rule, { running: (0.4 - 0.002) / 0.99, evaluations: 0 }), 0.2, constant(u));
    // 0.2 > 0.4 (1 − 0.9 u) exactly when u > 0.5 / 0.9
    expect(at(0.5)).toBe(false);
    expect(at(0.55)).toBe(false);
    expect(at(0.56)).toBe(true);
    expect(at(0.99)).toBe(true);
  });

  test('the tolerance shrinks at 100, 200, 300 and 400 evaluations', () => {
    const after = (evaluations: number): number => new ProgressiveStop(rule, { running: 0.3, evaluations }).tolerance;
    expect([0, 99, 100, 199, 200, 300, 400, 5000].map(after)).toEqual([
      0.9,
      0.9,
      0.81,
      0.81,
      0.81 * 0.8,
      0.81 * 0.8 * 0.7,
      0.81 * 0.8 * 0.7 * 0.6,
      0.81 * 0.8 * 0.7 * 0.6,
    ]);
  });

  test('goes on from a saved state', () => {
    const rewards = Array.from({ length: 150 }, (_, i) => 0.3 + 0.2 * Math.sin(i));
    const whole = new ProgressiveStop(rule);
    const random = seededRandom(1);
    const expected = rewards.map((reward) => passes(whole, reward, random));
    const again = seededRandom(1);
    let part = new ProgressiveStop(rule);
    const actual = rewards.map((reward, i) => {
      if (i === 70) part = new ProgressiveStop(rule, part.state());
      return passes(part, reward, again);
    });
    expect(actual).toEqual(expected);
    // Rewards rise and fall about the running value: some stop, some do not.
    expect(new Set(expected).size).toBe(2);
  });

  test('m by hand over three rewards; the ticket carries m from before, and the share of the tolerance that is drawn', () => {
    const stop = new ProgressiveStop({ decay: 0.9, initial: 0.1, tolerance: 0.8, multipliers: { 2: 0.5 } });
    expect(stop.ticket(constant(0.25))).toEqual({ running: 0.1, decay: 0.9, share: expect.closeTo(0.25 * 0.8, 12) });
    stop.observe(0.5);
    // From the second evaluation on δ is half; the ticket is that of the evaluation to come.
    expect(stop.tolerance).toBe(0.8);
    expect(stop.ticket(constant(0.25))).toEqual({
      running: expect.closeTo(0.9 * 0.1 + 0.1 * 0.5, 12),
      decay: 0.9,
      share: expect.closeTo(0.25 * 0.4, 12),
    });
    stop.observe(0.3);
    stop.observe(0);
    expect(stop.state()).toEqual({ running: expect.closeTo(0.9 * (0.9 * 0.14 + 0.03), 12), evaluations: 3 });
    expect(stop.tolerance).toBe(0.4);
  });

  test('a tie with m stops, though nothing be drawn; one within the tolerance goes on', () => {
    // m = 0.4 after a reward of 0.4: neither r > m nor r > m (1 − 0).
    const ticket = (share: number) => ({ running: 0.4, decay: 0.5, share });
    expect(goesOn(ticket(0), 0.4)).toBe(false);
    expect(goesOn(ticket(0.01), 0.4)).toBe(true);
    // m ← (0.5 + 0.25) / 2 = 0.375, of which a third may be missing: 0.25, and that is a tie.
    expect(goesOn({ running: 0.5, decay: 0.5, share: 1 / 3 }, 0.25)).toBe(0.25 > 0.375 * (1 - 1 / 3));
    expect(goesOn({ running: 0.5, decay: 0.5, share: 0.34 }, 0.25)).toBe(true);
    expect(goesOn({ running: 0.5, decay: 0.5, share: 0.33 }, 0.25)).toBe(false);
    // m is that with the candidate's own reward in it: 0.375 and not 0.5.
    expect(goesOn({ running: 0.5, decay: 0.5, share: 0.3 }, 0.27)).toBe(true);
  });
});
