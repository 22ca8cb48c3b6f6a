// Before the first candidate: the split of the training list, and the cached taps of both parts, as files that every
// worker process reads.

import { type Dataset, type Sample, type SampleRequest, streamSamples } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { files, path, textOf } from '../platform/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { type Preset, stageRecipe, taskOf } from '../preset/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Task } from '../task/index.js';
import {
  augmentedRequests,
  closeTapCache,
  loadImageSet,
  openTapCache,
  type TapCache,
  keptTaps,
  type KeptTapsOptions,
} from '../train/index.js';
import type { EvaluationContext, Stage2Context } from './evaluate.js';
import { checkTeacherLogits, openTeacherLogits, storedTeacherLogits, type Teacher } from './teacher-store.js';

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
      `the training list has ${dataset.train.length} image(s), too few to keep some of them aside (data.metaTrainShare ${share}); add images or change that`,
    );
  return split;
}

/** What a search is about: the same in every process that takes part in it. */
export interface SearchSetting {
  readonly preset: Preset;
  readonly dataset: Dataset;
  readonly encoder: EncoderWeights;
  /** Seeded with the search's seed. */
  readonly random: Random;
}

export interface PrepareOptions extends SearchSetting {
  readonly teacher?: Teacher | undefined;
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** What was found damaged and is made again. */
  readonly onNote?: (text: string) => void;
  readonly signal?: AbortSignal;
}

const places = (folder: string) => ({
  train: path.join(folder, 'train'),
  validation: path.join(folder, 'validation'),
  /** Names the file with the teacher's logits. */
  teacher: path.join(folder, 'teacher.txt'),
});

/** Fills the folder, but for what is whole in it already. */
export async function prepareTaps(runtime: Runtime, options: PrepareOptions, folder: string): Promise<void> {
  const { preset, dataset, encoder, random, teacher, onProgress, onNote, signal } = options;
  const { stage1, validation, data } = preset;
  const { labelling } = dataset;
  const task = taskOf(preset, validation.framing);
  const { metaTrain, metaVal } = splitTraining(dataset, data.metaTrainShare, random.fork('split'));
  const parts = places(folder);
  const fill = (
    what: string,
    where: string,
    part: Pick<KeptTapsOptions, 'requests' | 'framing' | 'targets' | 'named'>,
  ): Promise<TapCache> =>
    keptTaps(runtime, where, {
      ...part,
      labelling,
      encoder,
      task,
      onProgress: (done, total) => onProgress?.(what, done, total),
      onDamage: (damage) => onNote?.(`${damage}: the ${what} are computed again`),
      signal,
    });
  const augmented = augmentedRequests(metaTrain, stage1.samples, random.fork('augment'));
  const train = await fill('training taps', parts.train, {
    requests: augmented,
    framing: stage1.framing,
    targets: 'training',
    named: 'training samples',
  });
  closeTapCache(train);
  const scoring = {
    requests: asTheyAre(metaVal),
    framing: validation.framing,
    targets: 'validation',
    named: 'images that score architectures',
  } as const;
  closeTapCache(await fill('validation taps', parts.validation, scoring));
  if (!teacher) return;
  const logits = await storedTeacherLogits(teacher, augmented, stage1.framing, () => streamSamples(augmented, stage1.framing, labelling), {
    count: augmented.length,
    outputs: task.outputs,
    size: train.targetShape,
    onProgress: (done) => {
      signal?.throwIfAborted();
      onProgress?.("teacher's logits", done, augmented.length);
    },
  });
  await files().replace(parts.teacher, logits);
}

/** What candidates are evaluated with, from a folder that `prepareTaps` filled. */
export async function openContext(
  runtime: Runtime,
  { preset, dataset, encoder, random }: SearchSetting,
  folder: string,
): Promise<EvaluationContext> {
  const parts = places(folder);
  const [train, validation] = [await openTapCache(parts.train), await openTapCache(parts.validation)];
  if (!train || !validation)
    throw new UserError(`${folder}: holds no whole set of prepared taps; they are made again when the search is resumed`);
  const teacher = await textOf(files(), parts.teacher);
  const task = taskOf(preset, preset.validation.framing);
  if (teacher !== undefined) await checkTeacherLogits(teacher, train.count, task.outputs, train.targetShape);
  const logits = teacher === undefined ? undefined : openTeacherLogits(teacher, train.count, task.outputs, train.targetShape);
  const { metaTrain, metaVal } = splitTraining(dataset, preset.data.metaTrainShare, random.fork('split'));
  return {
    runtime,
    task,
    stage1: { ...stageRecipe(preset.stage1, preset.decoder), distillation: preset.distillation?.weight ?? publishedDistillation },
    train: { ...train, ...(logits && { teacher: logits }) },
    validation,
    pictures: true,
    ...(preset.stage2 && { stage2: await openStage2({ preset, dataset, encoder }, task, preset.stage2, metaTrain, metaVal) }),
  };
}

/** The paper's weight, where a teacher is given and the preset says none. */
const publishedDistillation = 0.3;

async function openStage2(
  { preset, dataset, encoder }: Pick<SearchSetting, 'preset' | 'dataset' | 'encoder'>,
  task: Task,
  stage: NonNullable<Preset['stage2']>,
  samples: readonly Sample[],
  metaVal: readonly Sample[],
): Promise<Stage2Context> {
  const { framing } = preset.validation;
  const { labelling } = dataset;
  return {
    recipe: { ...stageRecipe(stage, preset.decoder), encoder: stage.encoder, framing: stage.framing },
    encoder,
    samples,
    labelling,
    validation: await loadImageSet(streamSamples(asTheyAre(metaVal), framing, labelling), task, framing.height, framing.width),
  };
}

/** Validation leaves nothing to chance. */
function asTheyAre(samples: readonly Sample[]): SampleRequest[] {
  return samples.map((sample) => ({ sample, seed: 0 }));
}
