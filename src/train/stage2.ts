// Stage 2: encoder and decoder are trained end to end, the encoder by SGD, the decoder by Adam as before (paper,
// section 3.3.1; method, section 3).

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { type Dataset, type Framing, type LabelledImage, resizeLabels, type Sample, streamSamples } from '../data/index.js';
import type { EncoderWeights } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import { buildTrainingStep, type EncoderRecipe } from './step.js';
import type { StageOptions, StageRecipe } from './stage1.js';
import { normalise } from './tap-cache.js';
import { type BatchFeeds, type BatchSource, runTraining, type TrainedNetwork } from './training.js';
import type { ImageSet } from './validation.js';

export interface Stage2Recipe extends StageRecipe {
  readonly encoder: EncoderRecipe;
  readonly framing: Framing;
}

export interface Stage2Options extends StageOptions {
  readonly recipe: Stage2Recipe;
  readonly samples: readonly Sample[];
  readonly dataset: Pick<Dataset, 'classes' | 'ignore'>;
  readonly encoder: EncoderWeights;
  /** What stage 1 ended with. */
  readonly decoder: ReadonlyMap<string, Float32Array>;
}

export async function trainStage2(runtime: Runtime, options: Stage2Options): Promise<TrainedNetwork> {
  const { genotype, recipe, task, samples, encoder, decoder, random, threads, onStep, signal } = options;
  const { width, height } = recipe.framing;
  const batch = Math.min(recipe.batch, samples.length);
  // The loss is computed on the 1/4 map.
  const targetSize = [Math.ceil(height / 4), Math.ceil(width / 4)] as const;
  const step = buildTrainingStep({
    genotype,
    decoder: recipe.decoder,
    optimiser: recipe.optimiser,
    task,
    batch,
    inputs: { kind: 'images', height, width, encoder: encoder.options, recipe: recipe.encoder },
    targetSize,
    blockSize: runtime.blockSize,
  });
  const initial = new Map(decoder);
  for (const [name, { data }] of encoder.tensors) initial.set(`encoder.${name}`, data);
  const source = imageBatches(options, batch, targetSize, random.fork('stage 2'));
  return runTraining(runtime, step, source, {
    stage: 2,
    epochs: recipe.epochs,
    rates: { learningRate: recipe.optimiser.learningRate, encoderLearningRate: recipe.encoder.learningRate },
    initial,
    threads,
    ...(onStep && { onStep }),
    ...(signal && { signal }),
  });
}

/** Every sample once an epoch, newly augmented, in a new order; the last partial batch is dropped. */
function imageBatches(
  { samples, dataset, recipe, encoder }: Stage2Options,
  size: number,
  target: readonly [number, number],
  order: Random,
): BatchSource {
  const perEpoch = Math.floor(samples.length / size);
  return {
    perEpoch,
    async *epoch() {
      const permutation = order.permutation(samples.length).slice(0, perEpoch * size);
      const requests = permutation.flatMap((i) => {
        const sample = samples[i];
        return sample ? [{ sample, seed: order.integer(2 ** 31) }] : [];
      });
      let pending: LabelledImage[] = [];
      for await (const labelled of streamSamples(requests, recipe.framing, dataset)) {
        pending.push(labelled);
        if (pending.length < size) continue;
        yield imageFeeds(pending, encoder, target);
        pending = [];
      }
    },
  };
}

function imageFeeds(batch: readonly LabelledImage[], encoder: EncoderWeights, [h, w]: readonly [number, number]): BatchFeeds {
  const [first] = batch;
  if (!first) throw new RangeError('an empty batch');
  const images = normalise(
    batch.map(({ image }) => image),
    encoder.normalisation,
  );
  const labels = new Int32Array(batch.length * h * w);
  for (const [i, sample] of batch.entries()) labels.set(resizeLabels(sample.labels, w, h).data, i * h * w);
  return {
    image: new OrtTensor('float32', images, [batch.length, 3, first.image.height, first.image.width]),
    target: new OrtTensor('int32', labels, [batch.length, h, w]),
  };
}

/** All of a list's images in memory, as the encoder takes them. */
export async function loadImageSet(
  samples: AsyncIterable<LabelledImage>,
  encoder: EncoderWeights,
  height: number,
  width: number,
): Promise<ImageSet> {
  const all: LabelledImage[] = [];
  for await (const sample of samples) all.push(sample);
  const labels = new Uint8Array(all.length * height * width);
  for (const [i, sample] of all.entries()) labels.set(sample.labels.data, i * height * width);
  return {
    count: all.length,
    images: normalise(
      all.map(({ image }) => image),
      encoder.normalisation,
    ),
    labels,
    labelSize: [height, width],
  };
}
