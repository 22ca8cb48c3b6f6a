// Semantic segmentation: cross-entropy, and the metrics that come from one confusion matrix.

import type { Truth } from '../data/loader.js';
import { type LabelMap, resizeLabels } from '../data/maps.js';
import { concat, constant, mul, neg, oneHot, reduceMax, scalar, softmaxCrossEntropy, split, sub, type Tensor } from '../graph/index.js';
import type { SegmentationDescription } from './description.js';
import type { Breakdown, MapShape, MetricAccumulator, Metrics, Task } from './task.js';

export interface SegmentationOptions {
  /** Classes that the reward leaves out: the background (0) on PASCAL VOC, none on CamVid. */
  readonly excluded?: readonly number[];
  /** Of each class in the loss; all alike by default. */
  readonly classWeights?: readonly number[] | undefined;
}

/**
 * A task over labels 0 … classes − 1; any other label is ignored in loss and metrics. A class whose label is the ignored one
 * keeps its place among the outputs, so that outputs are labels, but it is not learnt and never predicted.
 */
export function segmentation(description: SegmentationDescription, { excluded = [], classWeights }: SegmentationOptions = {}): Task {
  const classes = description.classes.length;
  const { ignore } = description;
  const mute = ignore !== undefined && ignore < classes ? ignore : undefined;
  const weights = description.classes.map((_, k) => (k === mute ? 0 : (classWeights?.[k] ?? 1)));
  const weighted = (target: Tensor): Tensor =>
    weights.every((w) => w === 1) ? target : mul(target, constant(Float32Array.from(weights), [1, classes, 1, 1]));
  return {
    description,
    outputs: classes,
    score: 'meanIoU',
    targetSpec: (h, w) => ({ shape: [h, w], dtype: 'int32' }),
    encodeTruth: (truth, h, w) => resizeLabels(labelsOf(truth), w, h).data,
    validationShape: (h, w) => [h, w],
    activate: (logits) => logits,
    deployed: (logits) => (mute === undefined ? logits : silenced(logits, mute)),
    learnt: (logits) => (mute === undefined ? logits : without(logits, mute)),
    countOf: (labels) => {
      let count = 0;
      for (const label of labels) if (label < classes && label !== mute) count++;
      return count;
    },
    prepareTarget: (target) => [weighted(oneHot(target, classes))],
    loss: (output, [prepared]) => {
      if (!prepared) throw new RangeError('a segmentation target has one part');
      return softmaxCrossEntropy(output, prepared);
    },
    depict: (output, [h, w], { width, height }) => ({
      kind: 'labels',
      ...resizeLabels({ width: w, height: h, data: argmax(output, classes, h * w, mute) }, width, height),
    }),
    depictTruth: (truth) => ({ kind: 'labels', ...labelsOf(truth) }),
    accumulator: () => new ConfusionMatrix(classes, excluded, mute),
    reward: ({ meanIoU = 0, frequencyWeightedIoU = 0, meanAccuracy = 0 }) => Math.cbrt(meanIoU * frequencyWeightedIoU * meanAccuracy),
  };
}

/** [B, classes, h, w] without one channel: what is before it, and what is behind it. */
function around(logits: Tensor, channel: number): { readonly before: readonly Tensor[]; readonly behind: readonly Tensor[] } {
  const sizes = [channel, 1, Number(logits.shape[1]) - channel - 1];
  const parts = split(
    logits,
    sizes.filter((size) => size > 0),
    1,
  );
  return { before: channel > 0 ? parts.slice(0, 1) : [], behind: sizes[2] === 0 ? [] : parts.slice(-1) };
}

function without(logits: Tensor, channel: number): Tensor {
  const { before, behind } = around(logits, channel);
  return concat([...before, ...behind], 1);
}

/** One channel always 1 below the least of the others: no argmax finds it, and no map's range grows much for it. */
function silenced(logits: Tensor, channel: number): Tensor {
  const { before, behind } = around(logits, channel);
  const least = neg(reduceMax(neg(concat([...before, ...behind], 1)), 1));
  return concat([...before, sub(least, scalar(1)), ...behind], 1);
}

function labelsOf(truth: Truth): LabelMap {
  if (!('data' in truth)) throw new RangeError('segmentation is learnt from masks');
  return truth;
}

export class ConfusionMatrix implements MetricAccumulator {
  readonly classes: number;
  /** counts[truth · classes + prediction]. */
  readonly counts: Float64Array;
  readonly #excluded: ReadonlySet<number>;
  readonly #mute: number | undefined;

  /** @param mute a class that is neither counted nor predicted */
  constructor(classes: number, excluded: readonly number[] = [], mute?: number) {
    this.classes = classes;
    this.#mute = mute;
    this.counts = new Float64Array(classes * classes);
    this.#excluded = new Set(excluded);
  }

  /** @param counts of a breakdown */
  static of(counts: readonly number[], classes: number): ConfusionMatrix {
    const matrix = new ConfusionMatrix(classes);
    matrix.counts.set(counts);
    return matrix;
  }

  add(outputs: Float32Array, targets: ArrayLike<number>, [h, w]: MapShape): void {
    const k = this.classes;
    if (outputs.length !== k * targets.length)
      throw new RangeError(`${outputs.length} outputs of ${k} classes for ${targets.length} labels`);
    this.addLabels(argmax(outputs, k, h * w, this.#mute), targets);
  }

  addLabels(predictions: ArrayLike<number>, targets: ArrayLike<number>): void {
    const k = this.classes;
    for (let i = 0; i < targets.length; i++) {
      const truth = targets[i] ?? k;
      if (truth < 0 || truth >= k || truth === this.#mute) continue;
      const cell = truth * k + (predictions[i] ?? 0);
      this.counts[cell] = (this.counts[cell] ?? 0) + 1;
    }
  }

  hasCounted(): boolean {
    return this.perClass().some(({ pixels }, c) => pixels > 0 && !this.#excluded.has(c));
  }

  breakdown(): Breakdown {
    return { kind: 'confusion', counts: [...this.counts] };
  }

  /**
   * Per class: pixels of the truth, those that were predicted so, IoU, and accuracy (the share of the truth's pixels that was
   * predicted so). A class that is predicted but not in the truth has IoU 0 and no accuracy (NaN); one that is in neither has
   * neither (NaN). Excluded classes are among them: only `result` leaves them out.
   */
  perClass(): ClassScore[] {
    const k = this.classes;
    const at = (truth: number, prediction: number): number => this.counts[truth * k + prediction] ?? 0;
    const all = Array.from({ length: k }, (_, c) => c);
    return all.map((c) => {
      const truth = all.reduce((n, p) => n + at(c, p), 0);
      const predicted = all.reduce((n, t) => n + at(t, c), 0);
      const hit = at(c, c);
      return { pixels: truth, hit, iou: hit / (truth + predicted - hit), accuracy: hit / truth };
    });
  }

  /**
   * Over the classes that occur in the truth, without the excluded ones. A prediction of a class that does not is a miss of the
   * class that it should have been, and lowers no mean beside.
   */
  result(): Metrics {
    const counted = this.perClass().filter(({ pixels }, c) => pixels > 0 && !this.#excluded.has(c));
    const total = counted.reduce((n, { pixels }) => n + pixels, 0);
    const mean = (f: (x: ClassScore) => number): number =>
      counted.length === 0 ? 0 : counted.reduce((n, x) => n + f(x), 0) / counted.length;
    return {
      meanIoU: mean(({ iou }) => iou),
      frequencyWeightedIoU: total === 0 ? 0 : counted.reduce((n, { pixels, iou }) => n + (pixels / total) * iou, 0),
      meanAccuracy: mean(({ accuracy }) => accuracy),
      pixelAccuracy: total === 0 ? 0 : counted.reduce((n, { hit }) => n + hit, 0) / total,
    };
  }
}

export interface ClassScore {
  readonly pixels: number;
  /** Pixels of the truth that were predicted so. */
  readonly hit: number;
  readonly iou: number;
  readonly accuracy: number;
}

/** The class of the largest output per pixel. @param outputs [B, classes, pixels] @param mute a class that is never it */
export function argmax(outputs: Float32Array, classes: number, pixels: number, mute?: number): Uint8Array {
  const first = mute === 0 ? 1 : 0;
  const images = outputs.length / (classes * pixels);
  const labels = new Uint8Array(images * pixels);
  const best = new Float32Array(pixels);
  for (let b = 0; b < images; b++) {
    const base = b * classes * pixels;
    best.set(outputs.subarray(base + first * pixels, base + (first + 1) * pixels));
    const target = labels.subarray(b * pixels, (b + 1) * pixels).fill(first);
    for (let c = first + 1; c < classes; c++) {
      if (c === mute) continue;
      const plane = outputs.subarray(base + c * pixels, base + (c + 1) * pixels);
      for (let i = 0; i < pixels; i++) {
        const v = plane[i] ?? 0;
        if (v > (best[i] ?? 0)) {
          best[i] = v;
          target[i] = c;
        }
      }
    }
  }
  return labels;
}
