// The stages of a full training: where the preset asks for it, the decoder alone on kept outputs of the encoder; then the
// whole network.

import type { Dataset } from '../data/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { stageRecipe, type TrainPreset } from '../preset/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Architecture } from '../space/index.js';
import type { Task } from '../task/index.js';
import {
  augmentedRequests,
  type EpochTraining,
  type FullRecipe,
  keptTaps,
  openDecoderTraining,
  openFullTraining,
  type TrainingPosition,
} from '../train/index.js';

export interface TrainingStage {
  /** 1: the decoder alone. Absent: the whole network. */
  readonly stage?: 1;
  readonly epochs: number;
  /** @param decoder what the stage before ended with, by name @param from where it was left */
  readonly open: (decoder: ReadonlyMap<string, Float32Array> | undefined, from: TrainingPosition | undefined) => Promise<EpochTraining>;
}

export function fullRecipe({ train }: TrainPreset): FullRecipe {
  const { decoder, encoder, framing, schedule } = train;
  return { ...stageRecipe(train, decoder), encoder, framing, schedule };
}

/** Of all stages. */
export function trainingEpochs({ train }: TrainPreset): number {
  return (train.stage1?.epochs ?? 0) + train.epochs;
}

export interface TrainingStagesOptions {
  readonly preset: TrainPreset;
  readonly genotype: Architecture;
  readonly dataset: Dataset;
  readonly encoder: EncoderWeights;
  readonly task: Task;
  readonly random: Random;
  /** The folder of the first stage's taps. */
  readonly taps: string;
  readonly onTaps?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export function trainingStages(runtime: Runtime, options: TrainingStagesOptions): TrainingStage[] {
  const { preset, genotype, dataset, encoder, random, task, taps, onTaps, signal } = options;
  const { stage1 } = preset.train;
  const recipe = fullRecipe(preset);
  const { labelling, train: samples } = dataset;
  const whole: TrainingStage = {
    epochs: recipe.epochs,
    open: (decoder, from) => openFullTraining(runtime, { genotype, recipe, task, samples, labelling, encoder, random, decoder }, from),
  };
  if (!stage1) return [whole];
  const own = random.fork('stage 1');
  const first: TrainingStage = {
    stage: 1,
    epochs: stage1.epochs,
    open: async (_, from) => {
      const requests = augmentedRequests(samples, stage1.samples, own.fork('augment'));
      const made = { encoder, task, targets: 'training', named: 'training samples', onProgress: onTaps, signal } as const;
      const cache = await keptTaps(runtime, taps, { requests, framing: stage1.framing, labelling, ...made });
      const alone = { genotype, recipe: stageRecipe(stage1, preset.train.decoder), task, encoder, random: own };
      return openDecoderTraining(runtime, cache, alone, from);
    },
  };
  return [first, whole];
}
