// Semantic segmentation: cross-entropy, and the metrics that come from one confusion matrix.

import type { Truth } from '../data/loader.js';
import { type LabelMap, resizeLabels } from '../data/maps.js';
import { constant, mul, oneHot, softmaxCrossEntropy, type Tensor } from '../graph/index.js';
import type { TaskDescription } from './description.js';
import type { Breakdown, MapShape, MetricAccumulator, Metrics, Task } from './task.js';

export interface SegmentationOptions {
  /** Classes that the reward leaves out: the background (0) on PASCAL VOC, none on CamVid. */
  readonly excluded?: readonly number[];
  /** Of each class in the loss; all alike by default. */
  readonly classWeights?: readonly number[] | undefined;
}

/** A task over labels 0 … classes − 1; any other label is ignored in loss and metrics. */
export function segmentation(
  description: Extract<TaskDescription, { readonly task: 'segmentation' }>,
  { excluded = [], classWeights }: SegmentationOptions = {},
): Task {
  const classes = description.classes.length;
  const weighted = (target: Tensor): Tensor =>
    classWeights ? mul(target, constant(Float32Array.from(classWeights), [1, classes, 1, 1])) : target;
  return {
    description,
    outputs: classes,
    score: 'meanIoU',
    targetSpec: (h, w) => ({ shape: [h, w], dtype: 'int32' }),
    encodeTruth: (truth, h, w) => resizeLabels(labelsOf(truth), w, h).data,
    validationShape: (h, w) => [h, w],
    activate: (logits) => logits,
    prepareTarget: (target) => [weighted(oneHot(target, classes))],
    loss: (output, [prepared]) => {
      if (!prepared) throw new RangeError('a segmentation target has one part');
      return softmaxCrossEntropy(output, prepared);
    },
    depict: (output, [h, w], { width, height }) => ({
      kind: 'labels',
      ...resizeLabels({ width: w, height: h, data: argmax(output, classes, h * w) }, width, height),
    }),
    depictTruth: (truth) => ({ kind: 'labels', ...labelsOf(truth) }),
    accumulator: () => new ConfusionMatrix(classes, excluded),
    reward: ({ meanIoU = 0, frequencyWeightedIoU = 0, meanAccuracy = 0 }) => Math.cbrt(meanIoU * frequencyWeightedIoU * meanAccuracy),
  };
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

  constructor(classes: number, excluded: readonly number[] = []) {
    this.classes = classes;
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
    this.addLabels(argmax(outputs, k, h * w), targets);
  }

  addLabels(predictions: ArrayLike<number>, targets: ArrayLike<number>): void {
    const k = this.classes;
    for (let i = 0; i < targets.length; i++) {
      const truth = targets[i] ?? k;
      if (truth < 0 || truth >= k) continue;
      const cell = truth * k + (predictions[i] ?? 0);
      this.counts[cell] = (this.counts[cell] ?? 0) + 1;
    }
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

/** The class of the largest output per pixel. @param outputs [B, classes, pixels] */
export function argmax(outputs: Float32Array, classes: number, pixels: number): Uint8Array {
  const images = outputs.length / (classes * pixels);
  const labels = new Uint8Array(images * pixels);
  const best = new Float32Array(pixels);
  for (let b = 0; b < images; b++) {
    const base = b * classes * pixels;
    best.set(outputs.subarray(base, base + pixels));
    const target = labels.subarray(b * pixels, (b + 1) * pixels);
    for (let c = 1; c < classes; c++) {
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
