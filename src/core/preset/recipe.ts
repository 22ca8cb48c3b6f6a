// What training needs of a preset's stage.

import type { Preset } from './preset.js';

type Stage = NonNullable<Preset['stage2']> | Preset['stage1'] | NonNullable<Preset['train']>;

export function stageRecipe(stage: Stage, decoder: Preset['decoder']) {
  const { epochs, batch, learningRate, weightDecay, clipNorm, polyakDecay } = stage;
  return { epochs, batch, decoder, optimiser: { learningRate, weightDecay, clipNorm, polyakDecay } };
}
