// An architecture as numbers, for a model that predicts its reward from few examples: what its cell does and how its decoder joins the
// taps, all of its canonical form, so that equal networks have equal codes whatever their genotypes. What is general has a larger scale
// than what is particular: it is what is learnt first. Each number is standardised over random architectures of the space.

import type { Random } from '../random/index.js';
import type { Genotype } from '../space/index.js';
import { generalCellFeatures, opFeatures, pairFeatures } from './cell-features.js';
import { decisionsOf, drawChoices, genotypeFromChoices } from './decisions.js';
import { decoderFeatures } from './decoder-features.js';
import type { SpaceSize } from './policy.js';

const scales = { general: 1, op: 0.5, pair: 0.2 } as const;
/** Random architectures that a number's mean and deviation are of: they change the scale of what is learnt from, by a few percent. */
const drawn = 400;

export class ArchitectureCode {
  /** Less its mean, times this. */
  readonly #means: readonly number[];
  readonly #factors: readonly number[];

  private constructor(means: readonly number[], factors: readonly number[]) {
    this.#means = means;
    this.#factors = factors;
  }

  /** @param random its seed alone matters, so that a search that goes on has the code it had. */
  static of(space: SpaceSize, random: Random): ArchitectureCode {
    const source = random.fork('architecture code');
    const decisions = decisionsOf(space);
    const samples = Array.from({ length: drawn }, () => featuresOf(genotypeFromChoices(drawChoices(decisions, source), space)));
    const first = samples[0] ?? [];
    const means = first.map((_, f) => mean(samples.map((sample) => sample[f]?.value ?? 0)));
    const deviations = means.map((m, f) => Math.sqrt(mean(samples.map((sample) => ((sample[f]?.value ?? 0) - m) ** 2))));
    // What is the same in all of a space tells nothing apart.
    return new ArchitectureCode(
      means,
      first.map(({ scale }, f) => ((deviations[f] ?? 0) > 1e-9 ? scale / (deviations[f] ?? 1) : 0)),
    );
  }

  /** How many numbers a code has. */
  get length(): number {
    return this.#means.length;
  }

  /** @returns [length] */
  encode(genotype: Genotype): Float32Array {
    return Float32Array.from(featuresOf(genotype), ({ value }, f) => (this.#factors[f] ?? 0) * (value - (this.#means[f] ?? 0)));
  }
}

/** Before they are standardised, by name. */
export function featuresOf(genotype: Genotype): { readonly name: string; readonly value: number; readonly scale: number }[] {
  const of = (scale: number, features: readonly (readonly [string, number])[]) => features.map(([name, value]) => ({ name, value, scale }));
  return [
    ...of(scales.general, generalCellFeatures(genotype.cell)),
    ...of(scales.general, decoderFeatures(genotype)),
    ...of(scales.op, opFeatures(genotype.cell)),
    ...of(scales.pair, pairFeatures(genotype.cell)),
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
