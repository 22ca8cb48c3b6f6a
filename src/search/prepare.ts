// Before the first candidate: the split of the training list, and the cached taps of both parts.

import { type Dataset, type Sample, type SampleRequest, streamSamples } from '../data/index.js';
import { UserError } from '../errors/index.js';
import type { EncoderWeights } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import { segmentation } from '../task/index.js';
import { buildTapCache, loadImageSet, ProgressiveStop, type StageRecipe, type TeacherLogits } from '../train/index.js';
import type { EvaluationContext, Stage2Context } from './evaluate.js';
import type { Preset } from '../preset/index.js';
import { storedTeacherLogits, type Teacher } from './teacher-store.js';

export interface Split {
  readonly metaTrain: readonly Sample[];
  readonly metaVal: readonly Sample[];
}

/** Splits the training list once, by the seed alone. */
export function splitTraining(dataset: Dataset, share: number, random: Random): Split {
  const order = random.permutation(dataset.train.length);
  const cut = Math.round(dataset.train.length * share);
  const pick = (indices: readonly number[]): Sample[] => indices.flatMap((i) => dataset.train[i] ?? []);
  const split = { metaTrain: pick(order.slice(0, cut)), metaVal: pick(order.slice(cut)) };
  if (split.metaTrain.length === 0 || split.metaVal.length === 0)
    throw new UserError(
      `the training list has ${dataset.train.length} image(s), too few to split ${share} : ${1 - share}; add images or change data.metaTrainShare`,
    );
  return split;
}

export interface PrepareOptions {
  readonly preset: Preset;
  readonly dataset: Dataset;
  readonly encoder: EncoderWeights;
  readonly teacher?: Teacher | undefined;
  readonly random: Random;
  readonly threads: number;
  readonly onProgress?: (what: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export async function prepareSearch(runtime: Runtime, options: PrepareOptions): Promise<EvaluationContext> {
  const { preset, dataset, encoder, random, threads, onProgress, signal } = options;
  const { stage1, validation, reward, data } = preset;
  const { metaTrain, metaVal } = splitTraining(dataset, data.metaTrainShare, random.fork('split'));
  const cacheOf = (what: string, requests: readonly SampleRequest[], framing: Preset['validation']['framing'], labels: 'tap' | 'image') =>
    buildTapCache(runtime, streamSamples(requests, framing, dataset), {
      weights: encoder,
      count: requests.length,
      width: framing.width,
      height: framing.height,
      labels,
      threads,
      onProgress: (done) => {
        signal?.throwIfAborted();
        onProgress?.(what, done, requests.length);
      },
    });
  const augmented = augmentedRequests(metaTrain, stage1.samples, random.fork('augment'));
  const train = await cacheOf('training taps', augmented, stage1.framing, 'tap');
  const taught = options.teacher && (await distilled(options, options.teacher, augmented, train.labelSize));
  const fixed = metaVal.map((sample) => ({ sample, seed: 0 }));
  return {
    runtime,
    task: segmentation({ classes: dataset.classes.length, excluded: reward.excluded }),
    stage1: { ...recipeOf(preset, stage1), distillation: preset.distillation?.weight ?? publishedDistillation },
    train: { ...train, ...(taught && { teacher: taught }) },
    validation: await cacheOf('validation taps', fixed, validation.framing, 'image'),
    ...(preset.stage2 && { stage2: await prepareStage2(options, preset.stage2, metaTrain, fixed) }),
    threads,
  };
}

/** The paper's weight, where a teacher is given and the preset says none. */
const publishedDistillation = 0.3;

function distilled(
  { preset, dataset, onProgress, signal }: PrepareOptions,
  teacher: Teacher,
  requests: readonly SampleRequest[],
  size: readonly [number, number],
): Promise<TeacherLogits> {
  const { framing } = preset.stage1;
  return storedTeacherLogits(teacher, requests, framing, () => streamSamples(requests, framing, dataset), {
    count: requests.length,
    outputs: dataset.classes.length,
    size,
    onProgress: (done) => {
      signal?.throwIfAborted();
      onProgress?.("teacher's logits", done, requests.length);
    },
  });
}

function recipeOf(preset: Preset, stage: NonNullable<Preset['stage2']> | Preset['stage1']): StageRecipe {
  const { epochs, batch, learningRate, weightDecay, clipNorm, polyakDecay } = stage;
  return { epochs, batch, decoder: preset.decoder, optimiser: { learningRate, weightDecay, clipNorm, polyakDecay } };
}

/** Without a rule in the preset every candidate has its second stage. */
async function prepareStage2(
  { preset, dataset, encoder, random }: PrepareOptions,
  stage: NonNullable<Preset['stage2']>,
  samples: readonly Sample[],
  validation: readonly SampleRequest[],
): Promise<Stage2Context> {
  const { framing } = preset.validation;
  const rule = preset.progressiveStop && new ProgressiveStop(preset.progressiveStop);
  const tolerance = random.fork('progressive stop');
  return {
    recipe: { ...recipeOf(preset, stage), encoder: stage.encoder, framing: stage.framing },
    encoder,
    samples,
    dataset,
    validation: await loadImageSet(streamSamples(validation, framing, dataset), framing.height, framing.width),
    goesOn: (reward) => rule?.goesOn(reward, tolerance) ?? true,
  };
}

/** `count` draws: whole passes over the list, each in an order of its own, each draw with a seed of its own. */
function augmentedRequests(samples: readonly Sample[], count: number, random: Random): SampleRequest[] {
  const requests: SampleRequest[] = [];
  while (requests.length < count) {
    for (const i of random.permutation(samples.length)) {
      const sample = samples[i];
      if (sample && requests.length < count) requests.push({ sample, seed: random.integer(2 ** 31) });
    }
  }
  return requests;
}
