// Batches of newly augmented images for end-to-end training.

import { Tensor as OrtTensor } from 'onnxruntime-common';
import {
  type Dataset,
  type Framing,
  type LabelledImage,
  resizeLabels,
  type Sample,
  type SamplePool,
  type SampleRequest,
} from '../data/index.js';
import { type EncoderWeights, normaliseImages } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { BatchFeeds } from './training.js';

export interface ImageBatchOptions {
  readonly batch: number;
  readonly framing: Framing;
  readonly dataset: Pick<Dataset, 'classes' | 'ignore'>;
  readonly encoder: Pick<EncoderWeights, 'normalisation'>;
  /** [height, width] of the labels. */
  readonly targetSize: readonly [number, number];
}

/** Every sample once, in a new order, with a seed of its own; the last partial batch is dropped. */
export function epochRequests(samples: readonly Sample[], batch: number, order: Random): SampleRequest[] {
  const used = Math.floor(samples.length / batch) * batch;
  const permutation = order.permutation(samples.length).slice(0, used);
  return permutation.flatMap((i) => {
    const sample = samples[i];
    return sample ? [{ sample, seed: order.integer(2 ** 31) }] : [];
  });
}

export async function* imageBatches(
  pool: SamplePool,
  requests: readonly SampleRequest[],
  { batch, framing, dataset, encoder, targetSize }: ImageBatchOptions,
): AsyncGenerator<BatchFeeds> {
  let pending: LabelledImage[] = [];
  for await (const labelled of pool.stream(requests, framing, dataset)) {
    pending.push(labelled);
    if (pending.length < batch) continue;
    yield imageFeeds(pending, encoder, targetSize);
    pending = [];
  }
}

function imageFeeds(
  batch: readonly LabelledImage[],
  { normalisation }: Pick<EncoderWeights, 'normalisation'>,
  [h, w]: readonly [number, number],
): BatchFeeds {
  const [first] = batch;
  if (!first) throw new RangeError('an empty batch');
  const images = normaliseImages(
    batch.map(({ image }) => image),
    normalisation,
  );
  const labels = new Int32Array(batch.length * h * w);
  for (const [i, sample] of batch.entries()) labels.set(resizeLabels(sample.labels, w, h).data, i * h * w);
  return {
    image: new OrtTensor('float32', images, [batch.length, 3, first.image.height, first.image.width]),
    target: new OrtTensor('int32', labels, [batch.length, h, w]),
  };
}
