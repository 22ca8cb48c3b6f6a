// What a search and its worker processes say to each other.

import type { Preset } from '../../../core/preset/index.js';
import type { Device } from '../../../core/runtime/index.js';
import type { StepReport } from '../../../core/train/index.js';
import type { CandidateJob, Evaluation } from '../../../core/search/index.js';

/** All that a worker needs to set itself up. */
export interface WorkerSetting {
  readonly preset: Preset;
  readonly data: string;
  readonly seed: number;
  /** The encoder's weights in a file, and the folder of the prepared taps. */
  readonly encoder: string;
  readonly taps: string;
  readonly threads: number;
  /** Absent: the processor. */
  readonly device?: Device | undefined;
}

export type ToWorker = { readonly kind: 'begin'; readonly setting: WorkerSetting } | { readonly kind: 'job'; readonly job: CandidateJob };

export type FromWorker =
  /** It has a candidate in hand: what ends it from now on may be the candidate's doing. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'step'; readonly report: StepReport }
  | { readonly kind: 'validation' }
  | { readonly kind: 'done'; readonly evaluation: Evaluation }
  /** The architecture's own fault: another attempt would end the same. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The machine's fault: another attempt may end otherwise. */
  | { readonly kind: 'machine'; readonly reason: string; readonly suspect: boolean }
  /** The worker could not set itself up: no candidate can be evaluated. */
  | { readonly kind: 'unusable'; readonly reason: string };
