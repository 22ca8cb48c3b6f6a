// Full training of one genotype, end to end, with a decaying rate (method, section 4). It can be stopped after any step
// and goes on from its state with the same result.

import { type Labelling, type Sample, SamplePool } from '../data/index.js';
import { type EncoderWeights, initialise } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Architecture } from '../space/index.js';
import type { Task } from '../task/index.js';
import { withDropout } from './dropout-masks.js';
import { epochRequests, imageBatches } from './image-batches.js';
import { rateFactor, type Schedule } from './schedule.js';
import { type Stage2Recipe, withPretrained } from './stage2.js';
import { buildTrainingStep, type StepOptions, type TrainingStep } from './step.js';
import { EpochTraining } from './epoch-training.js';
import { type BatchSource, TrainingLoop, type TrainingPosition } from './training-loop.js';

export interface FullRecipe extends Stage2Recipe {
  readonly schedule: Schedule;
}

export interface FullTrainingOptions {
  readonly genotype: Architecture;
  readonly recipe: FullRecipe;
  readonly task: Task;
  readonly samples: readonly Sample[];
  readonly labelling: Labelling;
  readonly encoder: EncoderWeights;
  readonly random: Random;
  /** What the decoder starts from, by name; absent: fresh values. */
  readonly decoder?: ReadonlyMap<string, Float32Array> | undefined;
}

/** Decoded images that stay in memory. */
const imageCacheBytes = 2 ** 30;

/** @param from an earlier training's position: the options must be the same */
export async function openFullTraining(runtime: Runtime, options: FullTrainingOptions, from?: TrainingPosition): Promise<EpochTraining> {
  const { encoder, random, recipe, decoder } = options;
  const pretrained = pretrainedOf(encoder);
  const step = buildTrainingStep({ ...fullStepOptions({ ...options, batch: batchOf(options) }), target: runtime.target });
  const pool = new SamplePool({ cacheBytes: imageCacheBytes });
  const source = withDropout(imageSource(pool, options), step.masks, random);
  const fresh = initialise(decoderParameters(step), random.fork('initial'));
  const loop = await TrainingLoop.open(runtime, {
    step,
    source,
    rates: (done) => {
      const factor = rateFactor(recipe.schedule, done, source.perEpoch, recipe.epochs);
      return {
        learningRate: factor * recipe.optimiser.learningRate,
        encoderLearningRate: factor * recipe.encoder.learningRate,
      };
    },
    initial: new Map([...fresh, ...(decoder ?? []), ...pretrained]),
    from,
    nameOf: (epoch, k) => `in epoch ${epoch + 1}, step ${k + 1}`,
  }).catch(async (error) => {
    await pool.close();
    throw error;
  });
  return new EpochTraining({
    loop,
    stepsPerEpoch: source.perEpoch,
    complete: (averaged) => withPretrained(encoder, averaged),
    release: () => pool.close(),
  });
}

/** A step of encoder and decoder together on a batch of images. */
export function fullStepOptions({
  genotype,
  recipe,
  task,
  encoder,
  batch,
}: Pick<FullTrainingOptions, 'genotype' | 'task' | 'encoder'> & {
  readonly recipe: Stage2Recipe;
  readonly batch: number;
}): Omit<StepOptions, 'target'> {
  const { height, width } = recipe.framing;
  return {
    genotype,
    decoder: recipe.decoder,
    optimiser: recipe.optimiser,
    task,
    batch,
    inputs: { kind: 'images', height, width, encoder: encoder.options, recipe: recipe.encoder, fixed: pretrainedOf(encoder) },
    targetShape: targetShapeOf({ recipe }),
  };
}

function pretrainedOf({ tensors }: EncoderWeights): Map<string, Float32Array> {
  return new Map([...tensors].map(([name, { data }]) => [`encoder.${name}`, data]));
}

/** Every sample once an epoch, newly augmented; order and augmentation are of the seed and the epoch's number only. */
function imageSource(pool: SamplePool, options: FullTrainingOptions): BatchSource {
  const { samples, labelling, encoder, random, recipe, task } = options;
  const batch = batchOf(options);
  return {
    perEpoch: Math.floor(samples.length / batch),
    epoch: (index, done) =>
      imageBatches(pool, epochRequests(samples, batch, random.fork('epoch', index)).slice(done * batch), {
        batch,
        framing: recipe.framing,
        labelling,
        encoder,
        task,
        targetShape: targetShapeOf(options),
        isWhole: index === 0 && done === 0,
      }),
  };
}

function batchOf({ recipe, samples }: FullTrainingOptions): number {
  return Math.min(recipe.batch, samples.length);
}

/** The loss is computed on the 1/4 map. */
function targetShapeOf({ recipe }: { readonly recipe: Stage2Recipe }): readonly [number, number] {
  return [Math.ceil(recipe.framing.height / 4), Math.ceil(recipe.framing.width / 4)];
}

function decoderParameters(step: TrainingStep) {
  const all = step.state.flatMap(({ layout, start }) => (start === 'values' ? layout.parameters : []));
  return all.filter(({ name }) => name.startsWith('decoder.'));
}
