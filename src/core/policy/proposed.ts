// Which networks have been proposed, so that no two workers are given the same one. Networks are kept by a number made from their canonical
// key: a state of thousands of them is written after every trial.

import { z } from 'zod';
import { canonicalKey, type Genotype } from '../space/index.js';

export const proposedSchema = z.array(z.number());

export class Proposed {
  readonly #numbers: Set<number>;

  constructor(numbers: Iterable<number> = []) {
    this.#numbers = new Set(numbers);
  }

  has(genotype: Genotype): boolean {
    return this.#numbers.has(keyNumber(genotype));
  }

  add(genotype: Genotype): void {
    this.#numbers.add(keyNumber(genotype));
  }

  state(): number[] {
    return [...this.#numbers];
  }
}

/** 53 bits, two FNV-1a of 32 each with another start: of a million networks no two are likely to share one. */
function keyNumber(genotype: Genotype): number {
  const key = canonicalKey(genotype);
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < key.length; i++) {
    low = Math.imul(low ^ key.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ key.charCodeAt(key.length - 1 - i), 0x85ebca6b);
  }
  return (low >>> 0) + (high >>> 11) * 2 ** 32;
}
