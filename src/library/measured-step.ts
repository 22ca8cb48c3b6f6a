// What is measured to choose a device: the published arch0 with a preset's sizes.

import { fullRecipe } from '../core/fit/index.js';
import type { EncoderWeights } from '../core/nn/index.js';
import { type Preset, stageRecipe, taskOf, type TrainPreset } from '../core/preset/index.js';
import { seededRandom } from '../core/random/index.js';
import type { Runtime } from '../core/runtime/index.js';
import { type Architecture, encoderTaps, parseGenotype, publishedGenotypes } from '../core/space/index.js';
import { fullStepOptions, stepMilliseconds } from '../core/train/index.js';

const arch0 = parseGenotype(publishedGenotypes.arch0);

/** Milliseconds of a step of a candidate's first stage. */
export function candidateStep(preset: Preset): (runtime: Runtime) => Promise<number> {
  const { width, height } = preset.stage1.framing;
  const { batch, decoder, optimiser } = stageRecipe(preset.stage1, preset.decoder);
  const map = (divisor: number): [number, number] => [Math.ceil(height / divisor), Math.ceil(width / divisor)];
  const shapes = encoderTaps.map(({ channels, divisor }): [number, number, number] => [channels, ...map(divisor)]);
  const task = taskOf(preset, preset.validation.framing);
  const options = { genotype: arch0, decoder, optimiser, task, batch, inputs: { kind: 'taps', shapes }, targetShape: map(4) } as const;
  return (runtime) => stepMilliseconds(runtime, options, seededRandom(0));
}

/** Milliseconds of a step of a full training. */
export function fullStep(preset: TrainPreset, genotype: Architecture, encoder: EncoderWeights): (runtime: Runtime) => Promise<number> {
  const recipe = fullRecipe(preset);
  const task = taskOf(preset, preset.train.validation.framing);
  const options = fullStepOptions({ genotype, recipe, task, encoder, batch: recipe.batch });
  return (runtime) => stepMilliseconds(runtime, options, seededRandom(0));
}
