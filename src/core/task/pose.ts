// Human pose: one heatmap a joint, after "Simple Baselines for Human Pose Estimation and Tracking" (arXiv 1804.06208).

import type { Truth } from '../data/loader.js';
import type { Person } from '../data/person.js';
import { constant, exp, mul, reshape, scalar, slice, sub, type Tensor, weightedSquaredError } from '../graph/index.js';
import type { PoseDescription } from './description.js';
import { decodeHeatmaps } from './heatmaps.js';
import { defaultMeasure, extraRows, PoseAccuracy, type PoseMeasure } from './pose-accuracy.js';
import type { Task } from './task.js';

export interface PoseOptions {
  /** PCK of the torso (LSP), PCKh (MPII), PCK of the box (any skeleton), or OKS AP (COCO); by default what the joints allow. */
  readonly reward?: PoseMeasure | undefined;
}

export function poseTask(description: PoseDescription, { reward = defaultMeasure(description) }: PoseOptions = {}): Task {
  const { joints, sigma, decoding, crop, sigmas } = description;
  const count = joints.length;
  return {
    description,
    outputs: count,
    score: reward,
    targetSpec: () => ({ shape: [count + extraRows, 3], dtype: 'float32' }),
    encodeTruth: (truth, h, w, image) => encodePerson(personOf(truth), count, w / image.width, h / image.height),
    validationShape: (h, w) => [Math.ceil(h / 4), Math.ceil(w / 4)],
    activate: (logits) => logits,
    deployed: (heatmaps) => heatmaps,
    learnt: (heatmaps) => heatmaps,
    countOf: (targets) => {
      let visible = 0;
      for (let row = 0; row < targets.length; row += 3 * (count + extraRows))
        for (let k = 0; k < count; k++) if ((targets[row + 3 * k + 2] ?? 0) > 0) visible++;
      return visible;
    },
    prepareTarget: (target, h, w) => {
      const [batch = 0] = target.shape;
      const visible = reshape(slice(slice(target, 1, 0, count), 2, 2, 3), [Number(batch), count, 1, 1]);
      return [gaussians(target, count, h, w, sigma), visible];
    },
    loss: (output, [heatmaps, visible]) => {
      if (!heatmaps || !visible) throw new RangeError('a pose target has two parts');
      // The mean over a visible joint's map is in the hundredths at most, which an encoder's SGD would hardly notice: it is
      // taken relative to a Gaussian's own sum of squares, πσ², so that a map of zeros has loss 1.
      return mul(weightedSquaredError(output, heatmaps, visible), scalar(1 / (Math.PI * sigma * sigma)));
    },
    accumulator: () => new PoseAccuracy(joints, crop, decoding, sigmas),
    depict: (output, [h, w], { width, height }) => {
      const found = decodeHeatmaps(output, count, h, w, decoding);
      for (let k = 0; k < count; k++) {
        found[3 * k] = ((found[3 * k] ?? 0) + 0.5) * (width / w) - 0.5;
        found[3 * k + 1] = ((found[3 * k + 1] ?? 0) + 0.5) * (height / h) - 0.5;
      }
      return { kind: 'joints', width, height, joints: found };
    },
    depictTruth: (truth) => {
      const { joints: points, box } = personOf(truth);
      return { kind: 'joints', width: box.width, height: box.height, joints: points };
    },
    reward: (metrics) => metrics[reward] ?? 0,
  };
}

function personOf(truth: Truth): Person {
  if (!('joints' in truth)) throw new RangeError('pose is learnt from people with joints');
  return truth;
}

/** Joints in pixels of the map, then head size, area, image, the way back to the original image, and the box's size. */
function encodePerson({ joints, headSize, area, boxSize, image, original }: Person, count: number, sx: number, sy: number): Float32Array {
  const row = new Float32Array(3 * (count + extraRows));
  for (let k = 0; k < count; k++) {
    const [x = 0, y = 0, visible = 0] = joints.subarray(3 * k, 3 * k + 3);
    row.set([(x + 0.5) * sx - 0.5, (y + 0.5) * sy - 0.5, visible], 3 * k);
  }
  row.set([headSize, area, image, original.scale, original.left, original.top, boxSize], 3 * count);
  return row;
}

/** exp(−((X − x)² + (Y − y)²) / 2σ²): [B, joints, h, w]. */
function gaussians(target: Tensor, count: number, h: number, w: number, sigma: number): Tensor {
  const [batch = 0] = target.shape;
  const along = (column: number, size: number, shape: readonly number[]): Tensor => {
    const at = reshape(slice(slice(target, 1, 0, count), 2, column, column + 1), [Number(batch), count, 1, 1]);
    const distance = sub(
      constant(
        Float32Array.from({ length: size }, (_, i) => i),
        shape,
      ),
      at,
    );
    return exp(mul(mul(distance, distance), scalar(-1 / (2 * sigma * sigma))));
  };
  return mul(along(0, w, [1, 1, 1, w]), along(1, h, [1, 1, h, 1]));
}
