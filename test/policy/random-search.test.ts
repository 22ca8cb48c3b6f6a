// Random search: every decision uniform, and it goes on from its state.

import { expect, test } from 'vitest';
import { choicesOf, decisionsOf, RandomSearch } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';

const space = { blocks: 2, rounds: 1 };

async function proposals(policy: RandomSearch, count: number): Promise<number[][]> {
  const found: number[][] = [];
  for (let n = 0; n < count; n++) found.push(choicesOf((await policy.propose()).genotype));
  return found;
}

test('each choice of each decision is as frequent as the others', async () => {
  const count = 4000;
  const drawn = await proposals(new RandomSearch(space, seededRandom(1)), count);
  for (const [d, { choices, head }] of decisionsOf(space).entries()) {
    const expected = count / choices;
    const squares = Array.from({ length: choices }, (_, choice) => {
      const n = drawn.filter((one) => one[d] === choice).length;
      return (n - expected) ** 2 / expected;
    });
    // χ² of at most 10 degrees of freedom: beyond 30 once in a thousand times.
    expect(
      squares.reduce((sum, square) => sum + square, 0),
      `decision ${d}, ${head}`,
    ).toBeLessThan(30);
  }
});

test('of the same seed the same, of another others; from its state as if it had not been interrupted', async () => {
  const policy = new RandomSearch(space, seededRandom(1));
  const first = await proposals(policy, 5);
  const again = new RandomSearch(space, seededRandom(2), JSON.parse(JSON.stringify(policy.state())));
  const rest = await proposals(policy, 5);
  expect(await proposals(again, 5)).toEqual(rest);
  expect(await proposals(new RandomSearch(space, seededRandom(1)), 10)).toEqual([...first, ...rest]);
  expect(await proposals(new RandomSearch(space, seededRandom(2)), 5)).not.toEqual(first);
  expect(await policy.observe()).toEqual({});
  expect(policy.name).toBe('random');
});
