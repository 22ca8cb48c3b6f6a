// Batches of newly augmented images for end-to-end training.

import type { Framing, LabelledImage, Labelling, Sample, SamplePool, SampleRequest } from '../data/index.js';
import { type EncoderWeights, normaliseImages } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { MapShape, TargetRows, Task } from '../task/index.js';
import { joinRows, requireCounted, targetFeed } from './targets.js';
import type { BatchFeeds } from './training-state.js';

export interface ImageBatchOptions {
  readonly batch: number;
  readonly framing: Framing;
  readonly labelling: Labelling;
  readonly encoder: Pick<EncoderWeights, 'normalisation'>;
  readonly task: Pick<Task, 'encodeTruth' | 'targetSpec' | 'countOf' | 'description'>;
  readonly targetShape: MapShape;
  /** These are all there is: an error where nothing in them is learnt. */
  readonly isWhole?: boolean | undefined;
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
  { batch, framing, labelling, isWhole = false, ...feeding }: ImageBatchOptions,
): AsyncGenerator<BatchFeeds> {
  const { task } = feeding;
  let pending: LabelledImage[] = [];
  let counted = 0;
  for await (const labelled of pool.stream(requests, framing, labelling)) {
    pending.push(labelled);
    if (pending.length < batch) continue;
    const { rows, feeds } = imageFeeds(pending, feeding);
    if (isWhole && counted === 0) counted += task.countOf(rows);
    yield feeds;
    pending = [];
  }
  if (isWhole) requireCounted(task, counted, 'training samples of the first epoch');
}

function imageFeeds(
  batch: readonly LabelledImage[],
  { encoder: { normalisation }, task, targetShape }: Pick<ImageBatchOptions, 'encoder' | 'task' | 'targetShape'>,
): { readonly rows: TargetRows; readonly feeds: BatchFeeds } {
  const [first] = batch;
  if (!first) throw new RangeError('an empty batch');
  const images = normaliseImages(
    batch.map(({ image }) => image),
    normalisation,
  );
  const [h, w] = targetShape;
  const rows = joinRows(batch.map(({ image, truth }) => task.encodeTruth(truth, h, w, image)));
  const feeds = {
    image: { data: images, dims: [batch.length, 3, first.image.height, first.image.width] },
    target: targetFeed(task, rows, batch.length, targetShape),
  };
  return { rows, feeds };
}
