// What a candidate's evaluation gives, for executors that train nothing.

import type { Evaluation } from '../../src/core/search/index.js';

/** One stage and one step of no time. @param changes what is otherwise */
export function evaluationWith(reward: number, parameters: Evaluation['parameters'], changes: Partial<Evaluation> = {}): Evaluation {
  return {
    reward,
    firstReward: reward,
    rungs: [],
    metrics: {},
    loss: 1,
    epochs: [],
    steps: 1,
    stage: 1,
    trainSeconds: 0,
    validationSeconds: 0,
    parameters,
    ...changes,
  };
}
