// What an evaluation must be before it counts, whoever made it.

import type { Evaluation } from './evaluate.js';

type Scores = Pick<Evaluation, 'reward' | 'firstReward' | 'rungs' | 'loss'>;

/** What is wrong with the figures that strategy and early stopping learn from; undefined where nothing is. */
export function scoreFault({ reward, firstReward, rungs, loss }: Scores): string | undefined {
  if (!isReward(reward)) return `its reward is ${reward}, not in 0 … 1`;
  if (!isReward(firstReward)) return `its first stage's reward is ${firstReward}, not in 0 … 1`;
  const rung = rungs.find((candidate) => !isReward(candidate.reward));
  if (rung) return `its reward after epoch ${rung.epoch} is ${rung.reward}, not in 0 … 1`;
  return Number.isFinite(loss) ? undefined : `its loss is ${loss}`;
}

function isReward(value: number): boolean {
  return value >= 0 && value <= 1;
}
