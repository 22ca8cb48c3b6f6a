// Regularised evolution by hand.

import { describe, expect, test } from 'vitest';
import { choicesOf, Evolution, genotypeFromChoices } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import type { Genotype } from '../../src/core/space/index.js';

const space = { blocks: 2, rounds: 1 };
/** Four members that differ in every decision but those of one choice only. */
const member = (k: number): Genotype => genotypeFromChoices([k, k, k, k, k, k % 2, k % 2, k, k], space);
const distance = (a: Genotype, b: Genotype): number => choicesOf(a).filter((choice, d) => choice !== choicesOf(b)[d]).length;

async function populated(rewards: readonly number[], options: { readonly population: number; readonly sample: number }, seed = 1) {
  const evolution = new Evolution(space, options, seededRandom(seed));
  for (const [k, reward] of rewards.entries()) {
    await evolution.propose();
    await evolution.observe({ genotype: member(k) }, reward);
  }
  return evolution;
}

/** The members from which the next so many proposals differ in one decision. */
async function parents(evolution: Evolution, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let n = 0; n < count; n++) {
    const { genotype, parent } = await evolution.propose();
    const distances = [0, 1, 2, 3].map((k) => distance(genotype, member(k)));
    expect(distances.filter((d) => d === 1).length, `${distances}`).toBe(1);
    found.push(distances.indexOf(1));
    expect(parent).toEqual(member(distances.indexOf(1)));
  }
  return found;
}

describe('regularised evolution', () => {
  test('the best of the sample is the parent: of all, always the best one', async () => {
    expect(new Set(await parents(await populated([0.2, 0.9, 0.5], { population: 3, sample: 3 }), 30))).toEqual(new Set([1]));
  });

  test('the oldest dies, though it be the best', async () => {
    // Four observed, three alive: the first, with 0.9, is gone; of the others 0.5 is the best.
    expect(new Set(await parents(await populated([0.9, 0.2, 0.5, 0.3], { population: 3, sample: 3 }), 30))).toEqual(new Set([2]));
  });

  test('of two of three the worst is never the parent, of one anybody is', async () => {
    const two = await parents(await populated([0.2, 0.9, 0.5], { population: 3, sample: 2 }), 60);
    expect(new Set(two)).toEqual(new Set([1, 2]));
    // The best is in two of three samples.
    expect(two.filter((k) => k === 1).length / 60).toBeGreaterThan(0.5);
    expect(new Set(await parents(await populated([0.2, 0.9, 0.5], { population: 3, sample: 1 }), 60))).toEqual(new Set([0, 1, 2]));
  });

  test('the elder of two that are equal stays before the other only by the draw', async () => {
    const tie = new Set<number>();
    for (let seed = 0; seed < 12; seed++)
      for (const k of await parents(await populated([0.5, 0.5], { population: 2, sample: 2 }, seed), 2)) tie.add(k);
    expect(tie).toEqual(new Set([0, 1]));
  });

  test('every decision is mutated, to every other choice, never to its own', async () => {
    const evolution = await populated([0.9], { population: 1, sample: 1 });
    const seen = new Map<number, Set<number>>();
    for (let n = 0; n < 1500; n++) {
      const choices = choicesOf((await evolution.propose()).genotype);
      const changed = choices.flatMap((choice, d) => (choice === choicesOf(member(0))[d] ? [] : [d]));
      expect(changed.length).toBe(1);
      const [d = -1] = changed;
      seen.set(d, (seen.get(d) ?? new Set()).add(choices[d] ?? -1));
    }
    const others = (choices: number): number[] => Array.from({ length: choices - 1 }, (_, i) => i + 1);
    expect([...seen].toSorted(([a], [b]) => a - b).map(([, set]) => [...set].toSorted((a, b) => a - b))).toEqual(
      [4, 4, 5, 5, 11, 2, 2, 11, 11].map(others),
    );
  });

  test('the first P proposals are random, and so is one of which nothing is known yet', async () => {
    const evolution = new Evolution(space, { population: 2, sample: 1 }, seededRandom(3));
    const genotypes = [];
    for (let n = 0; n < 4; n++) genotypes.push((await evolution.propose()).genotype);
    // Nothing was observed: all four are drawn.
    for (const [i, a] of genotypes.entries()) for (const b of genotypes.slice(i + 1)) expect(distance(a, b)).toBeGreaterThan(1);
    await evolution.observe({ genotype: member(1) }, 0.5);
    expect(distance((await evolution.propose()).genotype, member(1))).toBe(1);
    // With one known and a population of two, the second is random all the same.
    const second = await populated([0.5], { population: 2, sample: 1 }, 4);
    expect(distance((await second.propose()).genotype, member(0))).toBeGreaterThan(1);
    expect(distance((await second.propose()).genotype, member(0))).toBe(1);
  });

  test('goes on from its state as if there had been no interruption', async () => {
    const whole = await populated([0.2, 0.9, 0.5], { population: 3, sample: 2 });
    const again = new Evolution(space, { population: 3, sample: 2 }, seededRandom(99), JSON.parse(JSON.stringify(whole.state())));
    for (let n = 0; n < 8; n++) {
      const [a, b] = [await whole.propose(), await again.propose()];
      expect(b).toEqual(a);
      await whole.observe(a, n / 10);
      await again.observe(b, n / 10);
    }
    expect(again.state()).toEqual(whole.state());
  });
});
