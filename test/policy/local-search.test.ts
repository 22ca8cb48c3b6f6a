// Local search by hand.

import { describe, expect, test } from 'vitest';
import { choicesOf, decisionsOf, genotypeFromChoices, LocalSearch, neighboursOf, type Proposal } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { canonicalKey, formatGenotype, type Genotype } from '../../src/core/space/index.js';

const space = { blocks: 2, rounds: 1 };
const decisions = decisionsOf(space);
const distance = (a: Genotype, b: Genotype): number => choicesOf(a).filter((choice, d) => choice !== choicesOf(b)[d]).length;
/** Whose choices are all as small as can be is the best: no peak but one. */
const height = ({ genotype }: Proposal): number => 1 / (1 + choicesOf(genotype).reduce((a, b) => a + b));

test('neighbours differ in one decision, in every way', () => {
  const choices = [1, 2, 3, 4, 5, 1, 0, 7, 8];
  const neighbours = neighboursOf(choices, decisions);
  // 4, 4, 5, 5 indices, 11 ops, 2, 2 positions, 11, 11 ops: one less of each.
  expect(neighbours).toHaveLength(3 + 3 + 4 + 4 + 10 + 1 + 1 + 10 + 10);
  expect(new Set(neighbours.map(String)).size).toBe(neighbours.length);
  for (const neighbour of neighbours) expect(distance(genotypeFromChoices(neighbour, space), genotypeFromChoices(choices, space))).toBe(1);
});

describe('local search', () => {
  const begin = (starts = 1, seed = 1) => new LocalSearch(space, { starts }, seededRandom(seed));

  test('asks neighbours of where it stands, and moves as soon as one is better', async () => {
    const local = begin();
    const start = await local.propose();
    await local.observe(start, 0.5);
    const worse = await local.propose();
    expect(distance(worse.genotype, start.genotype)).toBe(1);
    await local.observe(worse, 0.5);
    const better = await local.propose();
    expect(distance(better.genotype, start.genotype)).toBe(1);
    expect([start.parent, better.parent]).toEqual([undefined, start.genotype]);
    await local.observe(better, 0.6);
    for (let n = 0; n < 5; n++) {
      const next = await local.propose();
      expect(distance(next.genotype, better.genotype)).toBe(1);
      expect(next.parent).toEqual(better.genotype);
      await local.observe(next, 0.1);
    }
  });

  test('begins at the best of the random ones', async () => {
    const local = begin(3);
    const starts = [await local.propose(), await local.propose(), await local.propose()];
    for (const [i, start] of starts.entries()) await local.observe(start, [0.2, 0.7, 0.3][i] ?? 0);
    const { genotype } = await local.propose();
    expect(starts.map((start) => distance(start.genotype, genotype) === 1)).toEqual([false, true, false]);
  });

  test('where every neighbour is worse it begins anew, and comes back to the peak for what was late and is better', async () => {
    const local = begin();
    const peak = await local.propose();
    await local.observe(peak, 0.5);
    const asked: Proposal[] = [];
    let fresh: Proposal | undefined;
    while (!fresh) {
      const next = await local.propose();
      if (distance(next.genotype, peak.genotype) === 1) asked.push(next);
      else fresh = next;
    }
    // All of them but what is an equal network of another one.
    const keys = neighboursOf(choicesOf(peak.genotype), decisions).map((choices) => canonicalKey(genotypeFromChoices(choices, space)));
    expect(new Set(asked.map(({ genotype }) => canonicalKey(genotype)))).toEqual(
      new Set(keys.filter((key) => key !== canonicalKey(peak.genotype))),
    );
    const [late, ...others] = asked;
    if (!late) throw new Error('no neighbours');
    for (const other of others) await local.observe(other, 0.4);
    // Above the new start, below the peak: no way to go on from.
    await local.observe(fresh, 0.3);
    expect(distance((await local.propose()).genotype, fresh.genotype)).toBe(1);
    await local.observe(late, 0.6);
    expect(distance((await local.propose()).genotype, late.genotype)).toBe(1);
  });

  test('finds the only peak, and proposes no network twice, with three in hand at a time', async () => {
    const local = begin(3, 7);
    const inHand: Proposal[] = [];
    const seen: string[] = [];
    let best = 0;
    for (let n = 0; n < 200; n++) {
      const proposal = await local.propose();
      seen.push(canonicalKey(proposal.genotype));
      inHand.push(proposal);
      // The one before the last comes first.
      const [landed] = inHand.length === 3 ? inHand.splice(1, 1) : [];
      if (!landed) continue;
      best = Math.max(best, height(landed));
      await local.observe(landed, height(landed));
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(best).toBe(1);
  });

  test('goes on in a space that it knows the whole of', async () => {
    const local = new LocalSearch({ blocks: 1, rounds: 0 }, { starts: 1 }, seededRandom(1));
    for (let n = 0; n < 190; n++) await local.observe(await local.propose(), 0.5);
    expect(formatGenotype((await local.propose()).genotype)).toMatch(/^\[\[\d+\],\[\[\d,\d\]\]\]$/);
  });

  test('goes on from its state as if there had been no interruption, with three in hand', async () => {
    const whole = begin(2, 3);
    const inHand: Proposal[] = [];
    for (let n = 0; n < 30; n++) {
      inHand.push(await whole.propose());
      const landed = inHand.length > 2 ? inHand.shift() : undefined;
      if (landed) await whole.observe(landed, height(landed));
    }
    const again = new LocalSearch(space, { starts: 2 }, seededRandom(99), JSON.parse(JSON.stringify(whole.state())));
    for (let n = 0; n < 60; n++) {
      const [a, b] = [await whole.propose(), await again.propose()];
      expect(b).toEqual(a);
      inHand.push(a);
      const landed = inHand.shift();
      if (!landed) continue;
      await whole.observe(landed, height(landed));
      await again.observe(landed, height(landed));
    }
    expect(again.state()).toEqual(whole.state());
  });
});
