// What a search with several objectives gives: a front instead of one best, and a choice from it.

import { UserError } from '../errors/index.js';
import { dominates, hypervolume, type Objective, objectiveValues } from '../policy/index.js';
import type { Trial } from './trial.js';

/** Of those that were trained themselves. */
const trained = (trials: readonly Trial[]): Trial[] =>
  trials.filter(({ error, reusedFrom }) => error === undefined && reusedFrom === undefined);

const all: readonly Objective[] = ['reward', 'multiplyAdds', 'parameters', 'latency', 'modelBytes'];

/** Those of `all` that every trial has. */
function measuredOf(trials: readonly Trial[]): Objective[] {
  return all.filter((objective) => objective === 'reward' || trials.every((trial) => trial[objective] !== undefined));
}

/**
 * Those that no other one beats in all objectives at once, the cheapest in multiply-adds first.
 * @param objectives absent: reward and every cost that was measured @throws UserError where one was not
 */
export function paretoFront(trials: readonly Trial[], objectives?: readonly Objective[]): Trial[] {
  const candidates = trained(trials);
  const values = valuesOf(candidates, objectives ?? measuredOf(candidates));
  return candidates
    .filter((_, i) => !values.some((other) => dominates(other, values[i] ?? [])))
    .toSorted((a, b) => a.multiplyAdds - b.multiplyAdds);
}

/** The share of the box between the worst and the best value of each objective, over all that were trained, that the front dominates: 0 … 1. */
export function frontVolume(trials: readonly Trial[], objectives?: readonly Objective[]): number {
  const candidates = trained(trials);
  const values = valuesOf(candidates, objectives ?? measuredOf(candidates));
  const columns = (values[0] ?? []).map((_, m) => values.map((row) => row[m] ?? 0));
  const scales = columns.map((column) => ({ least: Math.min(...column), range: Math.max(...column) - Math.min(...column) }));
  const scaled = values.map((row) => row.map((value, m) => (value - (scales[m]?.least ?? 0)) / (scales[m]?.range || 1)));
  return hypervolume(
    scaled,
    scales.map(() => 1),
  );
}

function valuesOf(trials: readonly Trial[], objectives: readonly Objective[]): number[][] {
  return trials.map((trial) => {
    const missing = objectives.find((objective) => objective !== 'reward' && trial[objective] === undefined);
    if (missing !== undefined)
      throw new UserError(
        `trial #${trial.index} has no ${missing}: it was not measured in this search; choose from ${measuredOf(trials).join(', ')}`,
      );
    return objectiveValues(objectives, trial.reward, trial);
  });
}

/**
 * The one of highest reward whose cost is at most so much; of equal ones the cheaper.
 * @throws UserError where there is none, with the least there is
 */
export function pickWithin(trials: readonly Trial[], cost: Exclude<Objective, 'reward'>, most: number): Trial {
  const measured = trained(trials).filter((trial) => trial[cost] !== undefined);
  const costOf = (trial: Trial): number => trial[cost] ?? Number.POSITIVE_INFINITY;
  const [best] = measured.filter((trial) => costOf(trial) <= most).toSorted((a, b) => b.reward - a.reward || costOf(a) - costOf(b));
  if (best) return best;
  if (measured.length === 0) throw new UserError(`no trial has a ${cost}: it was not measured in this search`);
  throw new UserError(
    `no trial has a ${cost} of at most ${most}; the least is ${Number(Math.min(...measured.map(costOf)).toPrecision(4))}`,
  );
}

/**
 * So many that are worth measuring on a device: of the front of reward and latency (multiply-adds, where latency is not known of all) those of
 * highest reward, then the others of highest reward.
 */
export function bestFew(trials: readonly Trial[], most: number): Trial[] {
  const usable = trained(trials).filter(({ reward }) => reward > 0);
  const cost = usable.every(({ latency }) => latency !== undefined) ? 'latency' : 'multiplyAdds';
  const front = new Set(paretoFront(usable, ['reward', cost]));
  const ranked = usable.toSorted((a, b) => Number(front.has(b)) - Number(front.has(a)) || b.reward - a.reward || a.index - b.index);
  return ranked.slice(0, most);
}

/** Those that were trained, best first. */
export function byReward(trials: readonly Trial[]): Trial[] {
  return trials.filter(({ error }) => error === undefined).toSorted((a, b) => b.reward - a.reward);
}
