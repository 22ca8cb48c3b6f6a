// Every strategy's stored state: it goes on from it as if there had been no interruption, and refuses one of another form, as
// where a null stands for what was NaN.

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  Evolution,
  LocalSearch,
  Nsga2,
  type Policy,
  Ppo,
  PredictorSearch,
  RandomSearch,
  Reinforce,
  savedState,
} from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { portable } from '../graph/run.js';

const space = { blocks: 1, rounds: 1 };
const network = { hidden: 4, layers: 1, conditioning: 'choice' } as const;
const update = { learningRate: 0.01, clipNorm: 2, entropyCoefficient: 0.1, baselineDecay: 0.9 };
const clipping = { ...update, clipCoefficient: 0.1, bufferSize: 3, minibatch: 2 };
const ensemble = { members: 2, hidden: 2, steps: 2, learningRate: 0.01, weightDecay: 0.01 };
const guided = { initial: 2, every: 2, pool: 3, parents: 2, acquisition: 'thompson', ensemble } as const;

const strategies: Readonly<Record<string, (seed: number, state?: unknown) => Promise<Policy>>> = {
  ppo: (seed, state) => Ppo.create(portable, space, network, clipping, seededRandom(seed), state),
  reinforce: (seed, state) => Reinforce.create(portable, space, network, update, seededRandom(seed), state),
  random: async (seed, state) => new RandomSearch(space, seededRandom(seed), state),
  evolution: async (seed, state) => new Evolution(space, { population: 3, sample: 2 }, seededRandom(seed), state),
  local: async (seed, state) => new LocalSearch(space, { starts: 2 }, seededRandom(seed), state),
  nsga2: async (seed, state) =>
    new Nsga2(space, { objectives: ['reward', 'parameters'], population: 2, crossover: 0.9 }, seededRandom(seed), state),
  predictor: (seed, state) => PredictorSearch.create(portable, space, guided, seededRandom(seed), state),
};

/** What null may stand for, by strategy: nothing yet, a start, an infinite distance. */
const nullable: Readonly<Record<string, RegExp>> = {
  ppo: /^baseline$/,
  reinforce: /^baseline$/,
  local: /^(current|inHand\.\d+\.1)$/,
  nsga2: /^parents\.\d+\.distance$/,
};

async function steps(policy: Policy, count: number): Promise<string[]> {
  const seen: string[] = [];
  for (let n = 0; n < count; n++) {
    const proposal = await policy.propose();
    seen.push(JSON.stringify(proposal));
    const costs = { parameters: 100 - n, multiplyAdds: 1 };
    seen.push(JSON.stringify(await policy.observe(proposal, ((n * 37) % 11) / 11, { costs, failed: false })));
  }
  return seen;
}

const stored = (policy: Policy): string => JSON.stringify(policy.state());

type Path = readonly (string | number)[];

/** Where something stands in it; of a list in its last place. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return [path, ...value.slice(-1).flatMap((item) => placesIn(item, [...path, value.length - 1]))];
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

function withNull(text: string, path: Path): unknown {
  let place: Path = [];
  const replace = (value: unknown): unknown => {
    if (place.length === path.length) return null;
    const key = path[place.length] ?? '';
    place = [...place, key];
    if (Array.isArray(value)) return value.with(Number(key), replace(value[Number(key)]));
    const entries = Object.entries(z.record(z.string(), z.unknown()).parse(value));
    return Object.fromEntries(entries.map(([name, item]) => (name === key ? [name, replace(item)] : [name, item])));
  };
  return replace(JSON.parse(text));
}

describe.each(Object.entries(strategies))('%s', (name, create) => {
  test('is named, and goes on as if there had been no interruption', async () => {
    const whole = await create(5);
    expect(whole.name).toBe(name);
    const before = await steps(whole, 5);
    const text = stored(whole);
    const again = await create(99, JSON.parse(text));
    expect(stored(again)).toBe(text);
    const after = await steps(whole, 4);
    expect(await steps(again, 4)).toEqual(after);
    expect(stored(again)).toBe(stored(whole));
    // By its seed alone, and another one by another.
    const [same, other] = [await create(5), await create(6)];
    expect(await steps(same, 5)).toEqual(before);
    expect(await steps(other, 5)).not.toEqual(before);
    for (const policy of [whole, again, same, other]) await policy.close();
  });

  test('a null in its state is an error that says where, or what it means', async () => {
    const policy = await create(5);
    await steps(policy, 5);
    await policy.propose();
    const text = stored(policy);
    await policy.close();
    const places = placesIn(JSON.parse(text));
    expect(places.length).toBeGreaterThan(2);
    for (const path of places) {
      const where = path.join('.');
      const opened = create(5, withNull(text, path));
      if (nullable[name]?.test(where)) await (await opened).close();
      else
        await expect(opened, where).rejects.toMatchObject({
          name: 'UserError',
          message: expect.stringMatching(
            /stored (state|network) cannot be read \(.+: Invalid input.*null\), so the search cannot go on; .*begin another one that reuses them/,
          ),
          about: ['reuseFrom'],
        });
    }
  });
});

test('a state that is none at all: all of it', () => {
  expect(savedState(z.object({ a: z.number() }), undefined)).toBeUndefined();
  expect(savedState(z.object({ a: z.number() }), { a: 1 })).toEqual({ a: 1 });
  expect(() => savedState(z.object({ a: z.number() }), null, 'what was kept')).toThrow(/^what was kept cannot be read \(all of it: /);
  expect(() => savedState(z.object({ a: z.object({ b: z.number() }) }), { a: { b: null } })).toThrow(
    "the strategy's stored state cannot be read (a.b: Invalid input: expected number, received null)",
  );
});
