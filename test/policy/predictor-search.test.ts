// Search by a predictor: its ensemble, what it proposes.

import { describe, expect, test } from 'vitest';
import {
  ArchitectureCode,
  choicesOf,
  decisionsOf,
  drawChoices,
  type Example,
  expectedImprovement,
  genotypeFromChoices,
  type PredictorOptions,
  PredictorSearch,
  type Proposal,
  RandomSearch,
  RewardEnsemble,
} from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { canonicalKey, type Genotype } from '../../src/core/space/index.js';
import { portable } from '../graph/run.js';

const space = { blocks: 3, rounds: 3 };
const decisions = decisionsOf(space);
const code = ArchitectureCode.of(space, seededRandom(1));
const ensemble = { members: 5, hidden: 16, steps: 150, learningRate: 0.02, weightDecay: 0.03 };
const options: PredictorOptions = { initial: 10, every: 5, pool: 30, parents: 5, acquisition: 'thompson', ensemble };

/** Separable 3×3 convolutions in use, and the finest tap. */
const reward = ({ cell, connections }: Genotype): number =>
  [cell.first, ...cell.rounds.flatMap((round) => round.ops)].filter((op) => op === 2).length / 10 +
  (connections.flat().includes(0) ? 0.2 : 0);

describe('the ensemble', () => {
  const random = seededRandom(1);
  const drawn = (count: number): Genotype[] =>
    Array.from({ length: count }, () => genotypeFromChoices(drawChoices(decisions, random), space));
  const example = (genotype: Genotype): Example => ({ code: code.encode(genotype), reward: 0.4 + 0.1 * reward(genotype) });

  test('learns, the same from the same examples, and others with another generator', async () => {
    await using made = await disposable();
    const { model } = made;
    const known = drawn(120).map(example);
    const others = drawn(100).map(example);
    await model.fit(known, seededRandom(3));
    const predictions = await model.predict(others.map((one) => one.code));
    const mean = others.reduce((n, other) => n + other.reward, 0) / others.length;
    const left = others.reduce((n, other, i) => n + (other.reward - (predictions[i]?.mean ?? 0)) ** 2, 0);
    const spread = others.reduce((n, other) => n + (other.reward - mean) ** 2, 0);
    expect(1 - left / spread).toBeGreaterThan(0.6);
    await model.fit(known, seededRandom(3));
    expect(await model.predict(others.map((one) => one.code))).toEqual(predictions);
    await model.fit(known, seededRandom(4));
    expect(await model.predict(others.map((one) => one.code))).not.toEqual(predictions);
  });

  test('its members disagree where they have seen nothing', async () => {
    await using made = await disposable();
    const { model } = made;
    /** Four ops and two taps only, from the first ones on. */
    const only = (genotypes: readonly Genotype[], firstOp: number, firstTap: number): Genotype[] =>
      genotypes.map((genotype) =>
        genotypeFromChoices(
          choicesOf(genotype).map((choice, d) => {
            const head = decisions[d]?.head ?? '';
            return head === 'op' ? firstOp + (choice % 4) : head.startsWith('connection') ? firstTap + (choice % 2) : choice;
          }),
          space,
        ),
      );
    await model.fit(only(drawn(80), 0, 0).map(example), seededRandom(3));
    const deviation = async (genotypes: readonly Genotype[]): Promise<number> => {
      const predictions = await model.predict(genotypes.map((genotype) => code.encode(genotype)));
      return predictions.reduce((n, prediction) => n + prediction.deviation, 0) / predictions.length;
    };
    expect(await deviation(only(drawn(50), 5, 2))).toBeGreaterThan(1.5 * (await deviation(only(drawn(50), 0, 0))));
  });

  test('some that failed do not hide the differences of the others', async () => {
    await using made = await disposable();
    const { model } = made;
    const known = drawn(100).map(example);
    const failed = drawn(10).map(({ ...genotype }) => ({ ...example(genotype), reward: 0 }));
    await model.fit([...known, ...failed], seededRandom(3));
    const predictions = await model.predict(known.map((one) => one.code));
    const mean = known.reduce((n, { reward: r }) => n + r, 0) / known.length;
    const errors = known.map((one, i) => [(one.reward - (predictions[i]?.mean ?? 0)) ** 2, (one.reward - mean) ** 2]);
    const [left = 0, spread = 1] = [0, 1].map((k) => errors.reduce((n, pair) => n + (pair[k] ?? 0), 0));
    expect(1 - left / spread).toBeGreaterThan(0.4);
  });

  test('knows what to make of rewards that are all alike, and of a single one', async () => {
    await using made = await disposable();
    const { model } = made;
    const [genotype] = drawn(1);
    if (!genotype) throw new Error('none drawn');
    for (const count of [1, 7]) {
      await model.fit(
        Array.from({ length: count }, () => ({ code: code.encode(genotype), reward: 0.5 })),
        seededRandom(1),
      );
      const [prediction] = await model.predict([code.encode(genotype)]);
      expect(prediction?.mean).toBeCloseTo(0.5, 1);
    }
  });

  async function disposable() {
    const model = await RewardEnsemble.create(portable, code.length, ensemble);
    return { model, [Symbol.asyncDispose]: () => model.close() };
  }
});

test('expected improvement is the mean of what is gained', () => {
  // By hand: at the record σ φ(0) = σ / √(2π); without a deviation the difference, or nothing.
  expect(expectedImprovement({ mean: 0.5, deviation: 0.2 }, 0.5)).toBeCloseTo(0.2 / Math.sqrt(2 * Math.PI), 6);
  expect(expectedImprovement({ mean: 0.6, deviation: 0 }, 0.5)).toBeCloseTo(0.1, 12);
  expect(expectedImprovement({ mean: 0.4, deviation: 0 }, 0.5)).toBe(0);
  // By the integral of max(0, y − record) over the density.
  for (const mean of [0.3, 0.55]) {
    const [deviation, record, step] = [0.1, 0.5, 1e-4];
    let integral = 0;
    for (let y = record; y < 2; y += step)
      integral += (step * (y - record) * Math.exp(-(((y - mean) / deviation) ** 2) / 2)) / (deviation * Math.sqrt(2 * Math.PI));
    expect(expectedImprovement({ mean, deviation }, record)).toBeCloseTo(integral, 5);
  }
});

describe('the search', () => {
  const mean = (values: readonly number[]): number => values.reduce((n, value) => n + value, 0) / values.length;
  const create = (state?: unknown, more: Partial<PredictorOptions> = {}, seed = 1) =>
    PredictorSearch.create(portable, space, { ...options, ...more }, seededRandom(seed), state);

  test.each(['thompson', 'improvement'] as const)('by %s finds more than chance does', async (acquisition) => {
    const found = async (policy: PredictorSearch | RandomSearch): Promise<number> => {
      let best = 0;
      for (let n = 0; n < 60; n++) {
        const proposal = await policy.propose();
        best = Math.max(best, reward(proposal.genotype));
        await policy.observe(proposal, reward(proposal.genotype));
      }
      await policy.close();
      return best;
    };
    const seeds = [1, 2, 3, 4];
    const guided = await Promise.all(seeds.map(async (seed) => found(await create(undefined, { acquisition }, seed))));
    const random = await Promise.all(seeds.map((seed) => found(new RandomSearch(space, seededRandom(seed)))));
    expect(mean(guided)).toBeGreaterThan(mean(random) + 0.1);
    expect(Math.max(...guided)).toBeGreaterThan(Math.max(...random));
  });

  test('begins at random; then what it proposes is a neighbour of one of the best, and it says what it expects', async () => {
    const policy = await create(undefined, { parents: 2 });
    const known: Proposal[] = [];
    for (let n = 0; n < 10; n++) {
      const proposal = await policy.propose();
      known.push(proposal);
      expect(await policy.observe(proposal, reward(proposal.genotype) + n / 1000)).toEqual({});
    }
    const distance = (a: Proposal, b: Proposal): number =>
      choicesOf(a.genotype).filter((choice, d) => choice !== choicesOf(b.genotype)[d]).length;
    const parents = known
      .map((proposal, n) => ({ proposal, reward: reward(proposal.genotype) + n / 1000 }))
      .toSorted((a, b) => b.reward - a.reward);
    const next = await policy.propose();
    const parent = parents.slice(0, 2).find(({ proposal }) => distance(proposal, next) === 1);
    expect(next.parent).toEqual(parent?.proposal.genotype);
    expect(parent).toBeDefined();
    const report = await policy.observe(next, 0.3);
    expect(report.predicted).toBeGreaterThan(0);
    expect(report.predicted).toBeLessThan(1);
    expect(report.uncertainty).toBeGreaterThan(0);
    await policy.close();
  });

  test('what is refused is drawn again, and the first ones within the limits are random', async () => {
    const policy = await create();
    for (let n = 0; n < 15; n++) await policy.refuse(await policy.propose());
    for (let n = 0; n < 10; n++) expect(await policy.observe(await policy.propose(), n / 10)).toEqual({});
    expect((await policy.observe(await policy.propose(), 0.3)).predicted).toBeDefined();
    await policy.close();
  });

  test('proposes no network twice, and goes on from its state as if there had been no interruption, with three in hand', async () => {
    const whole = await create(undefined, { every: 3 });
    let copy: PredictorSearch | undefined;
    const inHand: Proposal[] = [];
    const keys: string[] = [];
    for (let n = 0; n < 30; n++) {
      const proposal = await whole.propose();
      if (copy) expect(await copy.propose()).toEqual(proposal);
      keys.push(canonicalKey(proposal.genotype));
      inHand.push(proposal);
      const landed = inHand.length > 2 ? inHand.splice(1, 1)[0] : undefined;
      if (landed) {
        const report = await whole.observe(landed, reward(landed.genotype));
        if (copy) expect(await copy.observe(landed, reward(landed.genotype))).toEqual(report);
      }
      if (n === 18) copy = await create(JSON.parse(JSON.stringify(whole.state())), { every: 3 }, 99);
    }
    expect(copy?.state()).toEqual(whole.state());
    expect(new Set(keys).size).toBe(keys.length);
    await whole.close();
    await copy?.close();
  });
});
