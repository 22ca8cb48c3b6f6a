// Monocular depth: one channel in metres, reverse Huber loss, the error measures of Eigen et al. (arXiv 1406.2283).

import type { Truth } from '../data/loader.js';
import { type DepthMap, isMeasured, measuredOnly, resizeDepths } from '../data/maps.js';
import { berHu, greater, reshape, scalar, scaleInvariantLog, softplus } from '../graph/index.js';
import type { DepthDescription } from './description.js';
import type { Breakdown, MapShape, MetricAccumulator, Metrics, Task } from './task.js';

export interface DepthOptions {
  readonly loss?: 'berhu' | 'silog' | undefined;
  /** δ < 1.25, or 1 / (1 + RMSE). */
  readonly reward?: 'delta1' | 'rmse' | undefined;
  /** The part of the image that is measured. */
  readonly crop?: DepthCrop | undefined;
}

export function depthTask(description: DepthDescription, { loss = 'berhu', reward = 'delta1', crop = 'none' }: DepthOptions = {}): Task {
  return {
    description,
    outputs: 1,
    score: 'delta1',
    targetSpec: (h, w) => ({ shape: [h, w], dtype: 'float32' }),
    // What the range leaves out is 0 from here on, for the loss as for the metrics; after a zoom other pixels may lie outside.
    encodeTruth: (truth, h, w) => {
      const { metres, ...size } = depthsOf(truth);
      return resizeDepths({ ...size, metres: measuredOnly(metres, description) }, w, h).metres;
    },
    validationShape: (h, w) => [h, w],
    // Above 0, and in metres as they are where it is far.
    activate: softplus,
    deployed: (depths) => depths,
    learnt: (depths) => depths,
    countOf: (depths) => {
      let count = 0;
      for (const metres of depths) if (isMeasured(metres, description)) count++;
      return count;
    },
    prepareTarget: (target, h, w) => {
      const [batch = 0] = target.shape;
      const depths = reshape(target, [Number(batch), 1, h, w]);
      return [depths, greater(depths, scalar(0))];
    },
    loss: (output, [depths, measured]) => {
      if (!depths || !measured) throw new RangeError('a depth target has two parts');
      return loss === 'berhu' ? berHu(output, depths, measured) : scaleInvariantLog(output, depths, measured);
    },
    accumulator: () => new DepthErrors(description, crop),
    depict: (output, [h, w], { width, height }) => ({
      kind: 'depth',
      width,
      height,
      metres: resizeDepths({ width: w, height: h, metres: output }, width, height).metres,
    }),
    depictTruth: (truth) => ({ kind: 'depth', ...depthsOf(truth) }),
    reward: ({ delta1 = 0, rmse = 0 }) => (reward === 'delta1' ? delta1 : 1 / (1 + rmse)),
  };
}

function depthsOf(truth: Truth): DepthMap {
  if (!('metres' in truth)) throw new RangeError('depth is learnt from depth maps');
  return truth;
}

export const depthCrops = ['none', 'nyu', 'eigen', 'garg'] as const;
export type DepthCrop = (typeof depthCrops)[number];

/** [top, bottom, left, right] in units of `of`, the image's height and width: what the field's evaluation codes cut out. */
const crops: Readonly<Record<DepthCrop, { readonly sides: readonly [number, number, number, number]; readonly of: MapShape }>> = {
  none: { sides: [0, 1, 0, 1], of: [1, 1] },
  nyu: { sides: [45, 471, 41, 601], of: [480, 640] },
  eigen: { sides: [0.3324324, 0.91351351, 0.0359477, 0.96405229], of: [1, 1] },
  garg: { sides: [0.40810811, 0.99189189, 0.03594771, 0.96405229], of: [1, 1] },
};

/** First row, row behind the last, first column, column behind the last: cut down to whole numbers, as `astype(np.int32)` does. */
export function cropOf(crop: DepthCrop, [h, w]: MapShape): readonly [number, number, number, number] {
  const {
    sides: [top, bottom, left, right],
    of: [height, width],
  } = crops[crop];
  // The product first: 471/480 of 480 rows are 471, not 470.99….
  const at = (side: number, size: number, of: number): number => Math.trunc((side * size) / of);
  return [at(top, h, height), at(bottom, h, height), at(left, w, width), at(right, w, width)];
}

const binCount = 8;

/**
 * Errors of every image over its measured pixels strictly between minDepth and maxDepth, as in the field's evaluation codes, and
 * their means over the images.
 */
export class DepthErrors implements MetricAccumulator {
  readonly #range: Pick<DepthDescription, 'minDepth' | 'maxDepth'>;
  readonly #crop: DepthCrop;
  #images = 0;
  readonly #sums = { rmse: 0, rmseLog: 0, log10: 0, absRel: 0, sqRel: 0, delta1: 0, delta2: 0, delta3: 0 };
  readonly #edges: readonly number[];
  readonly #pixels = new Float64Array(binCount);
  readonly #relative = new Float64Array(binCount);
  readonly #close = new Float64Array(binCount);

  constructor(range: Pick<DepthDescription, 'minDepth' | 'maxDepth'>, crop: DepthCrop = 'none') {
    this.#range = range;
    this.#crop = crop;
    const { minDepth, maxDepth } = range;
    this.#edges = Array.from({ length: binCount + 1 }, (_, i) => minDepth * (maxDepth / minDepth) ** (i / binCount));
  }

  /** @param targets metres; 0: not measured */
  add(outputs: Float32Array, targets: ArrayLike<number>, [h, w]: MapShape): void {
    for (let first = 0; first < targets.length; first += h * w) {
      const one = this.#errorsOf(outputs, targets, first, h, w);
      // An image without a measurement says nothing.
      if (!one) continue;
      this.#images++;
      for (const key of errorNames) this.#sums[key] += one[key];
    }
  }

  #errorsOf(outputs: Float32Array, targets: ArrayLike<number>, first: number, h: number, w: number) {
    const { minDepth, maxDepth } = this.#range;
    const [y0, y1, x0, x1] = cropOf(this.#crop, [h, w]);
    const sums = { n: 0, square: 0, logSquare: 0, log10: 0, absolute: 0, relativeSquare: 0, delta1: 0, delta2: 0, delta3: 0 };
    for (let y = y0; y < y1; y++)
      for (let x = x0; x < x1; x++) {
        const at = first + y * w + x;
        const truth = targets[at] ?? 0;
        if (!isMeasured(truth, this.#range)) continue;
        const given = outputs[at] ?? Number.NaN;
        const depth = given > minDepth ? Math.min(given, maxDepth) : minDepth;
        const [error, ratio] = [depth - truth, Math.max(depth / truth, truth / depth)];
        const logarithm = Math.log(depth / truth);
        sums.n++;
        sums.square += error * error;
        sums.logSquare += logarithm * logarithm;
        sums.log10 += Math.abs(logarithm) / Math.LN10;
        sums.absolute += Math.abs(error) / truth;
        sums.relativeSquare += (error * error) / truth;
        sums.delta1 += ratio < 1.25 ? 1 : 0;
        sums.delta2 += ratio < 1.25 ** 2 ? 1 : 0;
        sums.delta3 += ratio < 1.25 ** 3 ? 1 : 0;
        const bin = Math.min(binCount - 1, Math.floor((binCount * Math.log(truth / minDepth)) / Math.log(maxDepth / minDepth)));
        this.#pixels[bin] = (this.#pixels[bin] ?? 0) + 1;
        this.#relative[bin] = (this.#relative[bin] ?? 0) + Math.abs(error) / truth;
        this.#close[bin] = (this.#close[bin] ?? 0) + (ratio < 1.25 ? 1 : 0);
      }
    const { n } = sums;
    if (n === 0) return undefined;
    return {
      rmse: Math.sqrt(sums.square / n),
      rmseLog: Math.sqrt(sums.logSquare / n),
      log10: sums.log10 / n,
      absRel: sums.absolute / n,
      sqRel: sums.relativeSquare / n,
      delta1: sums.delta1 / n,
      delta2: sums.delta2 / n,
      delta3: sums.delta3 / n,
    };
  }

  result(): Metrics {
    return Object.fromEntries(errorNames.map((key) => [key, this.#images === 0 ? 0 : this.#sums[key] / this.#images]));
  }

  hasCounted(): boolean {
    return this.#images > 0;
  }

  breakdown(): Breakdown {
    return {
      kind: 'distances',
      edges: this.#edges,
      pixels: [...this.#pixels],
      relative: [...this.#relative],
      close: [...this.#close],
    };
  }
}

const errorNames = ['rmse', 'rmseLog', 'log10', 'absRel', 'sqRel', 'delta1', 'delta2', 'delta3'] as const;
