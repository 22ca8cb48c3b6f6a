// Random values and parameters for the parity tests.

import { type FlatLayout, initialise, type Parameter } from '../../src/core/nn/index.js';
import type { TrainingStep } from '../../src/core/train/index.js';
import type { Random } from '../../src/core/random/index.js';
import type { Value } from '../graph/run.js';

export function randomFloats(random: Random, dims: readonly number[], low = -1, high = 1): Value & { readonly data: Float32Array } {
  return { dims, data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => low + (high - low) * random.next()) };
}

export function randomLabels(
  random: Random,
  dims: readonly number[],
  classes: number,
  ignoredShare = 0,
): Value & { readonly data: Int32Array } {
  const label = (): number => (random.next() < ignoredShare ? 255 : random.integer(classes));
  return { dims, data: Int32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, label) };
}

/** Fresh parameters with batch normalisation away from the identity, so that a mistake in it shows. */
export function perturbedParameters(parameters: readonly Parameter[], random: Random): Map<string, Float32Array> {
  const values = initialise(parameters, random);
  for (const [name, data] of values)
    if (data.every((v) => v === data[0])) {
      const own = random.fork(name, 'norm');
      const positive = data[0] === 1;
      for (let i = 0; i < data.length; i++) data[i] = positive ? 0.5 + own.next() : own.next() - 0.5;
    }
  return values;
}

export function asValues(parameters: readonly Parameter[], values: ReadonlyMap<string, Float32Array>): Record<string, Value> {
  return Object.fromEntries(parameters.map(({ name, shape }) => [name, { dims: shape, data: values.get(name) ?? new Float32Array() }]));
}

/** How one of a training step's state vectors is laid out. */
export function layoutOf({ state }: TrainingStep, name: string): FlatLayout {
  const vector = state.find((candidate) => candidate.name === name);
  if (!vector) throw new Error(`the step has no state ${name}`);
  return vector.layout;
}

/** ‖a − b‖₂ */
export function norm(a: ArrayLike<number>, b?: ArrayLike<number>): number {
  return Math.sqrt(Array.from(a).reduce((n, v, i) => n + (v - (b?.[i] ?? 0)) ** 2, 0));
}
