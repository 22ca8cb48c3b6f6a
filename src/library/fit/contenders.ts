// Which architectures of a search are trained in full.

import { paretoFront, type Trial } from '../../core/search/index.js';

/**
 * What it is worth, as a share of the reward, to train twice as fast: the time for training is given, and a network that is
 * faster sees more. Measured (docs/fit.md): twice the samples were worth a tenth, where time is short.
 */
const worthOfSpeed = 0.1;
/** What is cheap and below this share of the best reward is on the front, and nobody's choice. */
const leastOfBest = 0.8;

/**
 * Those that could be trained, the most promising first: before all others the front of reward and of what the network costs who uses
 * it (its latency where every trial's is known, else its multiply-adds), so that what is trained are different bargains.
 */
export function contenders(trials: readonly Trial[]): readonly Trial[] {
  const usable = trials.filter(({ error, reusedFrom, reward }) => error === undefined && reusedFrom === undefined && reward > 0);
  const slowest = Math.max(...usable.map(({ seconds }) => seconds.training));
  const promise = ({ reward, seconds }: Trial): number =>
    reward * (1 + worthOfSpeed * Math.log2(slowest / Math.max(seconds.training, 1e-3)));
  const cost = usable.every(({ latency }) => latency !== undefined) ? 'latency' : 'multiplyAdds';
  const front = new Set(paretoFront(usable, ['reward', cost]));
  const best = Math.max(...usable.map(({ reward }) => reward));
  const leads = (trial: Trial): boolean => front.has(trial) && trial.reward >= leastOfBest * best;
  return usable.toSorted((a, b) => Number(leads(b)) - Number(leads(a)) || promise(b) - promise(a) || a.index - b.index);
}
