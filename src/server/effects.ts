// Which choices go with the reward: the mean reward of the architectures that have one, less the mean of those that have not, with
// Welch's interval of that difference. Choices are made together, so an effect is no proof of a cause.

import type { ChoiceEffect } from './api.js';

/** Fewer say nothing of a spread. */
const fewest = 3;

export interface EffectSample {
  /** What one architecture chose; what it chose twice counts once. */
  readonly choices: Iterable<number>;
  readonly reward: number;
}

/** Of architectures as they come, so that a hundred thousand of them are not gone through at once. */
export class Effects {
  readonly #all = new Moments();
  readonly #having = new Map<number, Moments>();

  add({ choices, reward }: EffectSample): void {
    this.#all.add(reward);
    for (const choice of new Set(choices)) {
      const moments = this.#having.get(choice) ?? new Moments();
      moments.add(reward);
      this.#having.set(choice, moments);
    }
  }

  /** Of every choice that enough architectures have and enough have not; the largest effect first. */
  list(): ChoiceEffect[] {
    return [...this.#having]
      .flatMap(([choice, one]) => {
        const others = this.#all.without(one);
        if (one.count < fewest || others.count < fewest) return [];
        const effect = one.mean - others.mean;
        const half = welchHalfWidth(one, others);
        return [{ choice, having: one.count, lacking: others.count, effect, low: effect - half, high: effect + half }];
      })
      .toSorted((a, b) => b.effect - a.effect);
  }
}

/** Half of the 95 % interval of a difference of two means (Welch 1947), its degrees of freedom by Satterthwaite. */
function welchHalfWidth(a: Moments, b: Moments): number {
  const [u, v] = [a.variance / a.count, b.variance / b.count];
  if (u + v === 0) return 0;
  const freedom = (u + v) ** 2 / (u ** 2 / (a.count - 1) + v ** 2 / (b.count - 1));
  return studentQuantile(freedom) * Math.sqrt(u + v);
}

/** The 97.5 % quantile of Student's t, by its expansion about the normal one (Abramowitz and Stegun 26.7.5). */
export function studentQuantile(freedom: number): number {
  const x = 1.959963984540054;
  const terms = [
    (x ** 3 + x) / 4,
    (5 * x ** 5 + 16 * x ** 3 + 3 * x) / 96,
    (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / 384,
    (79 * x ** 9 + 776 * x ** 7 + 1482 * x ** 5 - 1920 * x ** 3 - 945 * x) / 92_160,
  ];
  return terms.reduce((sum, term, k) => sum + term / freedom ** (k + 1), x);
}

/** Count, mean and spread of numbers of about the same size. */
class Moments {
  count = 0;
  #sum = 0;
  #squares = 0;

  add(value: number): void {
    this.count++;
    this.#sum += value;
    this.#squares += value * value;
  }

  /** Of the numbers that are here and not there. */
  without(part: Moments): Moments {
    const rest = new Moments();
    rest.count = this.count - part.count;
    rest.#sum = this.#sum - part.#sum;
    rest.#squares = this.#squares - part.#squares;
    return rest;
  }

  get mean(): number {
    return this.#sum / this.count;
  }

  /** Unbiased. */
  get variance(): number {
    return Math.max(0, (this.#squares - this.#sum ** 2 / this.count) / (this.count - 1));
  }
}
