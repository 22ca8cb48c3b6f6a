// A task: what a network's output means, how wrong it is, and how good. Search and training know tasks only by this.

import type { Truth } from '../data/loader.js';
import type { Tensor } from '../graph/index.js';
import type { TaskDescription } from './description.js';

/** Targets of one batch, in the form the loss takes: [B, …targetShape]. */
export interface TargetSpec {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** Targets of samples as they are kept: labels in bytes, everything else in floats. */
export type TargetRows = Uint8Array | Float32Array;

/** Height and width of a map. */
export type MapShape = readonly [number, number];

export type Metrics = Readonly<Record<string, number>>;

/** Adds up over a validation set. */
export interface MetricAccumulator {
  /**
   * @param outputs [B, outputs, H, W], of the task's `activate`
   * @param targets the rows of B samples at the same resolution
   * @param shape [H, W]
   */
  add(outputs: Float32Array, targets: TargetRows, shape: MapShape): void;
  result(): Metrics;
  /** Whether there was anything to be right or wrong about: without it, the result is of nothing. */
  hasCounted(): boolean;
  /** Where it is right and wrong, for looking at; plain data. */
  breakdown(): Breakdown;
}

/** Where a network is right and wrong. */
export type Breakdown =
  /** counts[truth · classes + prediction], in pixels. */
  | { readonly kind: 'confusion'; readonly counts: readonly number[] }
  /** Of every joint: how many were to be found, and how many were. */
  | { readonly kind: 'joints'; readonly counted: readonly number[]; readonly found: readonly number[] }
  /** By true distance: pixels, and sums over them of |error| / truth and of δ < 1.25. `edges` are metres, one more than bins. */
  | {
      readonly kind: 'distances';
      readonly edges: readonly number[];
      readonly pixels: readonly number[];
      readonly relative: readonly number[];
      readonly close: readonly number[];
    };

/** What is shown of an output or a truth, in the pixels of an image. */
export type Depiction =
  | { readonly kind: 'labels'; readonly width: number; readonly height: number; readonly data: Uint8Array }
  /** [x, y, score] a joint; nothing is shown of a score of 0. */
  | { readonly kind: 'joints'; readonly width: number; readonly height: number; readonly joints: Float32Array }
  /** 0: not known. */
  | { readonly kind: 'depth'; readonly width: number; readonly height: number; readonly metres: Float32Array };

export interface Task {
  /** All that a model has to say of what it gives. */
  readonly description: TaskDescription;
  /** Channels of the network's output. */
  readonly outputs: number;
  /** The target of one sample for maps of h × w. */
  targetSpec(h: number, w: number): TargetSpec;
  /** One sample's target, as it is kept. @param image size of the image that the truth belongs to */
  encodeTruth(truth: Truth, h: number, w: number, image: { readonly width: number; readonly height: number }): TargetRows;
  /** Size of the maps on which networks are validated, of images of h × w. */
  validationShape(h: number, w: number): MapShape;
  /** From the network's last convolution to what it gives. */
  activate(logits: Tensor): Tensor;
  /** What a network gives once it is deployed. @param output of `activate`, of any height and width */
  deployed(output: Tensor): Tensor;
  /** The channels that are learnt, where not all are. @param output of `activate` */
  learnt(output: Tensor): Tensor;
  /** How many pixels or joints of these targets are learnt and counted. @param targets rows of `encodeTruth` */
  countOf(targets: TargetRows): number;
  /** What all heads' losses need of the target, computed once. @param target [B, …targetSpec] for maps of h × w */
  prepareTarget(target: Tensor, h: number, w: number): readonly Tensor[];
  /** The loss of one head, a scalar. @param output [B, outputs, h, w], of `activate` */
  loss(output: Tensor, prepared: readonly Tensor[]): Tensor;
  accumulator(): MetricAccumulator;
  /** @param output [outputs, h, w] of one image, of `activate` @param image its size */
  depict(output: Float32Array, shape: MapShape, image: { readonly width: number; readonly height: number }): Depiction;
  depictTruth(truth: Truth): Depiction;
  /** The metric by which full training picks its best epoch. */
  readonly score: string;
  /** What the controller maximises, in 0 … 1. */
  reward(metrics: Metrics): number;
}
