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
  /** The metric by which full training picks its best epoch. */
  readonly score: string;
  /** What the controller maximises, in 0 … 1. */
  reward(metrics: Metrics): number;
}
