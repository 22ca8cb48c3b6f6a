// What the server tells the pages: shared with them as types.

import type { Preset } from '../preset/index.js';
import type { EpochLoss, LiveCandidate, RunSummary, SearchEvent, Trial } from '../search/index.js';
import type { Breakdown, TaskDescription } from '../task/index.js';

export type { Breakdown, EpochLoss, LiveCandidate, RunSummary, SearchEvent, Trial };

/** A finished trial as charts and tables need it. */
export interface TrialPoint {
  readonly index: number;
  /** 1 for the first that finished. */
  readonly observed: number;
  /** Milliseconds since 1970. */
  readonly finished: number;
  readonly reward: number;
  /** The run's `score`. */
  readonly score: number | null;
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Milliseconds, where it was measured. */
  readonly latency: number | null;
  readonly stage: number;
  /** Of the policy at its last update, in nats. */
  readonly entropy: number | null;
  /** JSON. */
  readonly genotype: string;
  readonly reusedFrom?: string;
  readonly error?: string;
}

/** What changes while a search runs. */
export interface RunNews {
  readonly state: RunSummary['state'];
  readonly perHour: number | null;
  readonly live: readonly LiveCandidate[];
  /** Those behind the last that was told. */
  readonly trials: readonly TrialPoint[];
  readonly events: readonly SearchEvent[];
}

export interface RunView extends RunNews {
  readonly run: string;
  readonly candidates: number;
  readonly strategy: string;
  readonly seed: number;
  readonly task: string;
  readonly output: TaskDescription;
  /** The metric that is shown beside the reward. */
  readonly score: string;
  readonly decoder: Preset['decoder'];
  /** [height, width] of the costs. */
  readonly inputSize: readonly [number, number];
  /** Whether candidates may be stopped before their second stage. */
  readonly stages: 1 | 2;
  /** Validation images that are kept for looking at. */
  readonly shown: number;
  /** The trial whose weights are kept; null while there is none. */
  readonly model: number | null;
}

export interface TrialView {
  readonly trial: Trial;
  readonly epochs: readonly EpochLoss[];
  readonly breakdown: Breakdown | null;
  /** How many pictures of predictions there are. */
  readonly pictures: number;
}
