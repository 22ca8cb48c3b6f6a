// The decoder alone on cached taps, as a training that can be left and taken up again: what a full training may begin
// with. An epoch of it costs a fraction of one with the encoder, and a fresh decoder's first gradients leave the pretrained
// encoder as it is (paper, section 3.3.1; "Fine-tuning can distort pretrained features", arXiv 2202.10054).

import type { EncoderWeights } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Architecture } from '../space/index.js';
import type { Task } from '../task/index.js';
import { EpochTraining } from './epoch-training.js';
import { type StageRecipe, stage1Parts } from './stage1.js';
import { withPretrained } from './stage2.js';
import { closeTapCache, type TapCache } from './tap-cache.js';
import { TrainingLoop, type TrainingPosition } from './training-loop.js';

export interface DecoderTrainingOptions {
  readonly genotype: Architecture;
  readonly recipe: StageRecipe;
  readonly task: Task;
  readonly encoder: EncoderWeights;
  readonly random: Random;
}

/**
 * At a constant rate, like a candidate.
 * @param cache is closed with the training
 * @param from an earlier training's position: the options must be the same
 */
export async function openDecoderTraining(
  runtime: Runtime,
  cache: TapCache,
  options: DecoderTrainingOptions,
  from?: TrainingPosition,
): Promise<EpochTraining> {
  const { recipe, encoder } = options;
  const { step, source, initial } = stage1Parts(runtime, cache, options);
  const rates = { learningRate: recipe.optimiser.learningRate };
  const nameOf = (epoch: number, k: number): string => `in epoch ${epoch + 1} of the decoder alone, step ${k + 1}`;
  const loop = await TrainingLoop.open(runtime, { step, source, rates: () => rates, initial, from, nameOf });
  return new EpochTraining({
    loop,
    stepsPerEpoch: source.perEpoch,
    complete: (averaged) => withPretrained(encoder, averaged),
    release: async () => closeTapCache(cache),
  });
}
