// What a training step asks of any optimiser; numbers are compared with PyTorch's in test/parity.

import { expect, test } from 'vitest';
import { adam, input, lowerGraph, type Optimiser, sgd, type Tensor } from '../../src/core/graph/index.js';
import { portable } from './run.js';

const length = 3;
const gradient = Float32Array.of(0.5, -2, 0);
const learningRate = 0.1;

const optimisers: readonly (readonly [string, Optimiser, (t: number) => readonly number[]])[] = [
  // Of a gradient that stays, m/(1−β₁ᵗ) is g and v/(1−β₂ᵗ) is g²: every step is α.
  ['adam', adam(), (t) => [-0.1 * t, 0.1 * t, 0]],
  // u after t steps is 2g(1 − 2⁻ᵗ).
  ['sgd', sgd({ momentum: 0.5 }), (t) => [...gradient].map((g) => -0.1 * sum(t, (k) => 2 * g * (1 - 2 ** -k)))],
];

function sum(n: number, of: (k: number) => number): number {
  return Array.from({ length: n }, (_, i) => of(i + 1)).reduce((a, b) => a + b, 0);
}

test.each(optimisers)('%s keeps what it says, is fed what it says, and moves against the gradient', async (_, by, expected) => {
  const names = Object.keys(by.init(length));
  const vector = (name: string): Tensor => input(name, [length]);
  const asked = new Set<string>();
  const now = { ...Object.fromEntries(names.map((name) => [name, vector(name)])), parameters: vector('parameters') };
  const next = by.update(now, vector('gradient'), input('learningRate', []), (name) => {
    asked.add(name);
    return input(name, []);
  });
  expect(Object.keys(next).toSorted()).toEqual([...names, 'parameters'].toSorted());
  expect(Object.keys(by.fed(1)).toSorted()).toEqual([...asked].toSorted());

  const model = lowerGraph(Object.fromEntries(Object.entries(next).map(([name, t]) => [`next_${name}`, t])));
  const session = await portable.open(model);
  let state = { ...by.init(length), parameters: new Float32Array(length) };
  for (let t = 1; t <= 3; t++) {
    const vectors = Object.entries({ ...state, gradient }).map(([name, data]) => [name, { data, dims: [length] }]);
    const scalars = Object.entries({ learningRate, ...by.fed(t) }).map(([name, v]) => [name, { data: Float32Array.of(v), dims: [] }]);
    const results = await session.run(Object.fromEntries([...vectors, ...scalars]));
    const after = Object.entries(state).map(([name, before]) => {
      const data = results[`next_${name}`]?.data;
      return [name, data instanceof Float32Array ? data.slice() : before];
    });
    state = Object.fromEntries(after);
    for (const [i, value] of expected(t).entries()) expect(state.parameters[i]).toBeCloseTo(value, 5);
  }
  await session.release();
});
