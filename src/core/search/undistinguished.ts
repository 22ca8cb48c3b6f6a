// A search whose architectures all do the same, such as seeing the commonest class everywhere: its ranking says nothing.

import type { Trial } from './trial.js';

/** Fewer may be alike by chance. */
const least = 3;

/** For people: how many share one reward, where they are more than half of those that were trained; undefined where they are told apart. */
export function undistinguishedNote(trials: readonly Trial[]): string | undefined {
  const trained = trials.filter(({ error, reusedFrom }) => error === undefined && reusedFrom === undefined);
  const counts = new Map<number, number>();
  for (const { reward } of trained) counts.set(reward, (counts.get(reward) ?? 0) + 1);
  const [reward = 0, count = 0] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0]);
  if (count < least || 2 * count <= trained.length) return undefined;
  return `note: ${count} of ${trained.length} architectures have the same reward, ${reward.toFixed(4)}, to the last digit: they see the same everywhere, and which one is best says little; give them more samples or epochs, and more images to score by`;
}
