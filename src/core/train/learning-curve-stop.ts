// Ends a candidate in the first stage when its learning curve says that it will not be among the best, after B. Baker et al., "Accelerating Neural
// Architecture Search using Performance Prediction" (arXiv 1705.10823): the reward at the end is a straight line of the reward after an epoch,
// fitted on the candidates that went to the end, whose deviation from it says how sure that is. What is stopped is never fitted on; since who is
// stopped follows from the line's argument alone, the fit stays unbiased.

import type { HalvingTicket, RungReward } from './halving.js';

export interface LearningCurveRule {
  /** Epochs after which a candidate may be ended. */
  readonly rungs: readonly number[];
  /** How many of the best it must have a chance to be among. */
  readonly places: number;
  /** Ended where the prediction, and so many standard deviations more, stay below. */
  readonly deviations: number;
  /** Candidates to the end before the first may be ended, 3 at least. */
  readonly warmUp: number;
}

/** [rewards at the rungs …, reward at the end] of each candidate that went to the end. */
export type LearningCurveState = readonly (readonly number[])[];

export class LearningCurveStop {
  readonly #rule: LearningCurveRule;
  readonly #curves: (readonly number[])[];

  constructor(rule: LearningCurveRule, state: LearningCurveState = []) {
    this.#rule = rule;
    this.#curves = [...state];
  }

  /** What the next candidate is measured by, wherever it is evaluated: the reward at a rung that must be exceeded. */
  ticket(): HalvingTicket {
    const { rungs, places, deviations, warmUp } = this.#rule;
    const finals = this.#curves.map((curve) => curve.at(-1) ?? 0).sort((a, b) => b - a);
    const aim = finals[places - 1];
    return rungs.map((epoch, i) => {
      if (aim === undefined || finals.length < warmUp) return { epoch, threshold: null };
      const line = fitLine(this.#curves.map((curve): [number, number] => [curve[i] ?? 0, curve.at(-1) ?? 0]));
      // A curve that says nothing of its end, or the opposite, ends nobody.
      return { epoch, threshold: line && line.slope > 0 ? (aim - deviations * line.deviation - line.offset) / line.slope : null };
    });
  }

  /** Takes a candidate that went to the end of the first stage into account. */
  observe(rungs: readonly RungReward[], final: number): void {
    const seen = this.#rule.rungs.map((epoch) => rungs.find((rung) => rung.epoch === epoch)?.reward);
    if (seen.every((reward) => reward !== undefined)) this.#curves.push([...seen, final]);
  }

  state(): LearningCurveState {
    return [...this.#curves];
  }
}

/** Least squares of y on x, with the standard deviation of what is left; undefined where x does not vary. */
function fitLine(points: readonly (readonly [number, number])[]) {
  const n = points.length;
  const [meanX, meanY] = [0, 1].map((k) => points.reduce((sum, point) => sum + (point[k] ?? 0), 0) / n);
  if (meanX === undefined || meanY === undefined || n < 3) return undefined;
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (xx === 0) return undefined;
  const slope = xy / xx;
  return { slope, offset: meanY - slope * meanX, deviation: Math.sqrt(Math.max(0, yy - slope * xy) / (n - 2)) };
}
