// Seeded randomness. Generators are made here and passed down; nothing draws from a global one.

import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  readonly next: () => number;
  /** Uniform integer in [0, n). */
  readonly integer: (n: number) => number;
  /** Standard normal (Box–Muller). */
  readonly normal: () => number;
  /** Fisher–Yates permutation of 0 … n − 1. */
  readonly permutation: (n: number) => number[];
  /** An independent generator: of this one's seed and the labels only, not of what has been drawn. */
  readonly fork: (...labels: readonly (string | number)[]) => Random;
  /** Position of the generator, to go on from later with `restoreRandom`. */
  readonly state: () => RandomState;
}

export interface RandomState {
  readonly seed: number;
  readonly generator: readonly number[];
}

/** FNV-1a over UTF-16 units: mixes labels into a seed. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h | 0;
}

export function seededRandom(seed: number): Random {
  return make(seed, xoroshiro128plus(hash(`auxcell ${seed}`)));
}

export function restoreRandom(state: RandomState): Random {
  return make(state.seed, xoroshiro128plusFromState(state.generator));
}

function make(seed: number, generator: RandomGenerator): Random {
  const next = (): number => (generator.next() >>> 0) / 2 ** 32;
  const integer = (n: number): number => Math.floor(next() * n);
  return {
    next,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    permutation: (n) => {
      const order = Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = integer(i + 1);
        const [a = i, b = j] = [order[i], order[j]];
        order[i] = b;
        order[j] = a;
      }
      return order;
    },
    fork: (...labels) => seededRandom(hash(`${seed}|${labels.join('|')}`)),
    state: () => ({ seed, generator: generator.getState() }),
  };
}
