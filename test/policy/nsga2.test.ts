// NSGA-II on problems over the decisions whose fronts are known: ZDT1 and ZDT2 (E. Zitzler, K. Deb, L. Thiele, 2000).

import { describe, expect, test } from 'vitest';
import {
  choicesOf,
  decisionsOf,
  hypervolume,
  Nsga2,
  type Nsga2Options,
  type Policy,
  type Proposal,
  RandomSearch,
} from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { canonicalKey, type Genotype } from '../../src/core/space/index.js';

const space = { blocks: 3, rounds: 2 };
const decisions = decisionsOf(space);
const ops = decisions.flatMap(({ head }, d) => (head === 'op' ? [d] : []));
/** Two ops are x₁ in steps of 1/120, all other decisions x₂ … xₙ; of what has more choices more is lost by a wrong one. */
const [high = 0, low = 0] = ops;

function zdt(genotype: Genotype, f2: (f1: number, g: number) => number): [number, number] {
  const choices = choicesOf(genotype);
  const x1 = (11 * (choices[high] ?? 0) + (choices[low] ?? 0)) / 120;
  const others = decisions.flatMap(({ choices: n }, d) => (n > 1 && d !== high && d !== low ? [(choices[d] ?? 0) / (n - 1)] : []));
  const g = 1 + (9 * others.reduce((a, b) => a + b)) / others.length;
  return [x1, f2(x1, g)];
}

const problems = {
  zdt1: (f1: number, g: number) => g * (1 - Math.sqrt(f1 / g)),
  zdt2: (f1: number, g: number) => g * (1 - (f1 / g) ** 2),
} as const;

const reference = [1.1, 6];
const options: Nsga2Options = { objectives: ['reward', 'latency'], population: 40, crossover: 0.9 };

/** The front that a policy found with so many evaluations, objective one as reward, two as latency. */
async function found(policy: Policy, f2: (f1: number, g: number) => number, evaluations: number): Promise<number> {
  const points: [number, number][] = [];
  for (let n = 0; n < evaluations; n++) {
    const proposal = await policy.propose();
    const point = zdt(proposal.genotype, f2);
    points.push(point);
    await policy.observe(proposal, -point[0], { costs: { parameters: 0, multiplyAdds: 0, latency: point[1] }, failed: false });
  }
  return hypervolume(points, reference);
}

describe.each(Object.entries(problems))('%s', (_name, f2) => {
  const front = Array.from({ length: 121 }, (_, k): [number, number] => [k / 120, f2(k / 120, 1)]);
  const whole = hypervolume(front, reference);

  test('the front is found, nearly whole, and not by chance', async () => {
    const share = (await found(new Nsga2(space, options, seededRandom(1)), f2, 2000)) / whole;
    expect(share).toBeGreaterThan(0.95);
    expect(share).toBeLessThanOrEqual(1);
    expect((await found(new RandomSearch(space, seededRandom(1)), f2, 2000)) / whole).toBeLessThan(0.85);
  });
});

const known = (latency: number) => ({ costs: { parameters: 0, multiplyAdds: 0, latency }, failed: false });
const small = { ...options, population: 4 };

describe('a generation', () => {
  test('as many as the population has are random, then children of the best of them', async () => {
    const nsga = new Nsga2({ blocks: 2, rounds: 1 }, { ...small, crossover: 0, population: 2 }, seededRandom(4));
    const first = [await nsga.propose(), await nsga.propose()];
    const [a, b] = first;
    if (!a || !b) throw new Error('no proposals');
    await nsga.observe(a, 0.5, known(1));
    // Half a generation is none.
    expect(distance(a, await nsga.propose())).toBeGreaterThan(2);
    await nsga.observe(b, 0.4, known(2));
    // b is dominated: without crossover, children differ from a, where it is drawn, in few decisions.
    const children = [];
    for (let n = 0; n < 40; n++) children.push(await nsga.propose());
    const ofFirst = children.filter((child) => distance(a, child) <= 3).length;
    expect(ofFirst).toBeGreaterThan(children.filter((child) => distance(b, child) <= 3).length * 1.5);
  });

  test('what cannot be trained does not live, what is beyond a limit does as long as nothing better is there', async () => {
    const nsga = new Nsga2(space, small, seededRandom(5));
    const proposals: Proposal[] = [];
    for (let n = 0; n < 8; n++) proposals.push(await nsga.propose());
    const members = (): string => JSON.stringify(nsga.state());
    const [failed, ...others] = proposals;
    if (!failed) throw new Error('no proposals');
    await nsga.observe(failed, 0, { ...known(0.001), failed: true });
    expect(members()).toContain('"parents":[],"children":[]');
    for (const [n, other] of others.slice(0, 4).entries()) await nsga.refuse(other, 0.1 * (n + 1));
    expect(members()).toMatch(/"violation":0.1.*"children":\[\]/);
    // Three that are feasible, and one that is better than nobody: the least violation stays.
    for (const [n, other] of others.slice(4, 7).entries()) await nsga.observe(other, 0.1 * n, known(n));
    await nsga.refuse(failed, 0.9);
    expect([...members().matchAll(/"violation":([\d.]+)/g)].map(([, violation]) => Number(violation))).toEqual([0, 0, 0, 0.1]);
  });

  test('where hardly anything fits, generations of refused ones come nearer to the limit', async () => {
    // Of five ops: C(8, 3) of 11⁵ have a sum of at most 3, one of 2 900.
    const violation = ({ genotype }: Proposal): number => Math.max(0, ops.reduce((n, d) => n + (choicesOf(genotype)[d] ?? 0), 0) / 3 - 1);
    const nsga = new Nsga2(space, { ...options, population: 20 }, seededRandom(6));
    const random = new RandomSearch(space, seededRandom(6));
    const draws = async (policy: Policy): Promise<number> => {
      for (let n = 1; n <= 1000; n++) {
        const proposal = await policy.propose();
        const excess = violation(proposal);
        if (excess === 0) return n;
        await policy.refuse?.(proposal, excess);
      }
      return Number.POSITIVE_INFINITY;
    };
    expect(await draws(nsga)).toBeLessThan(600);
    expect(await draws(random)).toBe(Number.POSITIVE_INFINITY);
  });

  test('a strategy that is told no costs says so', async () => {
    const nsga = new Nsga2(space, small, seededRandom(1));
    await expect(nsga.observe(await nsga.propose(), 0.5)).rejects.toThrow('nsga2: the outcome has no costs');
  });
});

test('proposes no network twice, and goes on from its state as if there had been no interruption, with three in hand', async () => {
  const whole = new Nsga2(space, small, seededRandom(8));
  let copy: Nsga2 | undefined;
  const inHand: Proposal[] = [];
  const keys: string[] = [];
  for (let n = 0; n < 60; n++) {
    const proposal = await whole.propose();
    if (copy) expect(await copy.propose()).toEqual(proposal);
    inHand.push(proposal);
    keys.push(canonicalKey(proposal.genotype));
    const landed = inHand.length > 2 ? inHand.splice(1, 1)[0] : undefined;
    if (landed) {
      const [f1, f2] = zdt(landed.genotype, problems.zdt1);
      for (const policy of copy ? [whole, copy] : [whole]) await policy.observe(landed, -f1, known(f2));
    }
    if (n === 30) copy = new Nsga2(space, small, seededRandom(99), JSON.parse(JSON.stringify(whole.state())));
  }
  expect(copy?.state()).toEqual(whole.state());
  expect(new Set(keys).size).toBe(keys.length);
});

test('goes on the same from its state after every single result', async () => {
  const setting = { ...options, population: 12 };
  const whole = new Nsga2(space, setting, seededRandom(9));
  for (let n = 0; n < 150; n++) {
    const copy = new Nsga2(space, setting, seededRandom(99), JSON.parse(JSON.stringify(whole.state())));
    const proposal = await whole.propose();
    expect(await copy.propose()).toEqual(proposal);
    // Nobody dominates anybody: what was too crowded to live on is part of its neighbours' distances still.
    const [f1] = zdt(proposal.genotype, problems.zdt1);
    await whole.observe(proposal, -f1, known(-(f1 ** 3)));
  }
});

function distance(a: Proposal, b: Proposal): number {
  return choicesOf(a.genotype).filter((choice, d) => choice !== choicesOf(b.genotype)[d]).length;
}
