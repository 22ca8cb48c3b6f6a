// Which architectures of a search are trained in full.

import type { Trial } from '../../core/search/index.js';

/**
 * What it is worth, as a share of the reward, to train twice as fast: the time for training is given, and a network that is
 * faster sees more. Measured (docs/fit.md): twice the samples were worth a tenth, where time is short.
 */
const worthOfSpeed = 0.1;

/** Those that could be trained, the most promising first. One that another beats in reward and in speed comes behind it. */
export function contenders(trials: readonly Trial[]): readonly Trial[] {
  const usable = trials.filter(({ error, reusedFrom, reward }) => error === undefined && reusedFrom === undefined && reward > 0);
  const slowest = Math.max(...usable.map(({ seconds }) => seconds.training));
  const promise = ({ reward, seconds }: Trial): number =>
    reward * (1 + worthOfSpeed * Math.log2(slowest / Math.max(seconds.training, 1e-3)));
  return usable.toSorted((a, b) => promise(b) - promise(a) || a.index - b.index);
}
