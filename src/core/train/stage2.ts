// Stage 2: encoder and decoder are trained end to end, the encoder by SGD, the decoder by Adam as before (paper,
// section 3.3.1; method, section 3).

import { type Framing, type Labelling, type Sample, SamplePool } from '../data/index.js';
import type { EncoderWeights } from '../nn/index.js';
import type { Runtime } from '../runtime/index.js';
import { withDropout } from './dropout-masks.js';
import { buildTrainingStep, type EncoderRecipe } from './step.js';
import type { StageOptions, StageRecipe } from './stage1.js';
import { epochRequests, imageBatches } from './image-batches.js';
import { runTraining, type TrainedNetwork } from './training.js';
import type { BatchSource } from './training-loop.js';

export interface Stage2Recipe extends StageRecipe {
  readonly encoder: EncoderRecipe;
  readonly framing: Framing;
}

export interface Stage2Options extends StageOptions {
  readonly recipe: Stage2Recipe;
  readonly samples: readonly Sample[];
  readonly labelling: Labelling;
  readonly encoder: EncoderWeights;
  /** What stage 1 ended with. */
  readonly decoder: ReadonlyMap<string, Float32Array>;
}

export async function trainStage2(runtime: Runtime, options: Stage2Options): Promise<TrainedNetwork> {
  const { genotype, recipe, task, samples, encoder, decoder, random } = options;
  const { width, height } = recipe.framing;
  const batch = Math.min(recipe.batch, samples.length);
  // The loss is computed on the 1/4 map.
  const targetShape = [Math.ceil(height / 4), Math.ceil(width / 4)] as const;
  const initial = new Map(decoder);
  for (const [name, { data }] of encoder.tensors) initial.set(`encoder.${name}`, data);
  const step = buildTrainingStep({
    genotype,
    decoder: recipe.decoder,
    optimiser: recipe.optimiser,
    task,
    batch,
    inputs: { kind: 'images', height, width, encoder: encoder.options, recipe: recipe.encoder, fixed: initial },
    targetShape,
    target: runtime.target,
  });
  const pool = new SamplePool();
  const images: BatchSource = {
    perEpoch: Math.floor(samples.length / batch),
    epoch: (index, done) => {
      // One generator draws the epochs one behind the other: one is reached by drawing those before it.
      const order = random.fork('stage 2');
      for (let earlier = 0; earlier < index; earlier++) epochRequests(samples, batch, order);
      const requests = epochRequests(samples, batch, order).slice(done * batch);
      const isWhole = index === 0 && done === 0;
      return imageBatches(pool, requests, { ...options, batch, targetShape, framing: recipe.framing, isWhole });
    },
  };
  const training = runTraining(runtime, step, withDropout(images, step.masks, random), {
    ...options,
    stage: 2,
    epochs: recipe.epochs,
    rates: { learningRate: recipe.optimiser.learningRate, encoderLearningRate: recipe.encoder.learningRate },
    initial,
  });
  const trained = await training.finally(() => pool.close());
  return { ...trained, parameters: withPretrained(encoder, trained.parameters) };
}

/** Trained values, and the pretrained ones of what was frozen. */
export function withPretrained(encoder: EncoderWeights, trained: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
  const pretrained = [...encoder.tensors].map(([name, { data }]): [string, Float32Array] => [`encoder.${name}`, data]);
  return new Map([...pretrained, ...trained]);
}
