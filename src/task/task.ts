// A task: what a network's output means, how wrong it is, and how good. Search and training know tasks only by this.

import type { Tensor } from '../graph/index.js';

/** Targets of one batch, in the form the loss takes: [B, …targetShape]. */
export interface TargetSpec {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

export type Metrics = Readonly<Record<string, number>>;

/** Adds up over a validation set. */
export interface MetricAccumulator {
  /**
   * @param outputs [B, outputs, H, W] at the target's resolution
   * @param targets [B, H, W] labels, or whatever the task's targets are
   * @param images B
   */
  add(outputs: Float32Array, targets: ArrayLike<number>, images: number): void;
  result(): Metrics;
  /** Where it is right and wrong, for looking at; plain data. */
  breakdown(): Breakdown;
}

/** counts[truth · classes + prediction], in pixels. */
export interface Breakdown {
  readonly kind: 'confusion';
  readonly counts: readonly number[];
}

export interface Task {
  readonly name: string;
  /** Channels of the network's output. */
  readonly outputs: number;
  /** The target of one sample for maps of h × w. */
  targetSpec(h: number, w: number): TargetSpec;
  /** What all heads' losses need of the target, computed once. */
  prepareTarget(target: Tensor): Tensor;
  /** The loss of one head, a scalar. @param output [B, outputs, H, W] at the target's resolution. */
  loss(output: Tensor, prepared: Tensor): Tensor;
  accumulator(): MetricAccumulator;
  /** What is shown of an output: a label a pixel. @param output [outputs, H, W] of one image */
  depict(output: Float32Array): Uint8Array;
  /** The metric by which full training picks its best epoch. */
  readonly score: string;
  /** What the controller maximises, in 0 … 1. */
  reward(metrics: Metrics): number;
}
