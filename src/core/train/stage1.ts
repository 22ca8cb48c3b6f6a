// Stage 1: the decoder alone is trained on cached taps (paper, section 3.3.1; method, section 3).

import { halvesToFloats } from '../data/index.js';
import { initialise } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { Runtime, TensorValue } from '../runtime/index.js';
import type { Architecture } from '../space/index.js';
import type { Task } from '../task/index.js';
import { withDropout } from './dropout-masks.js';
import { type InheritedWeights, inheritedValues } from './inherited-weights.js';
import { buildTrainingStep, type DecoderRecipe, type OptimiserRecipe, type TrainingStep } from './step.js';
import type { TapCache } from './tap-cache.js';
import { joinRows, targetFeed } from './targets.js';
import { runTraining, type StageProgress, type TrainedNetwork } from './training.js';
import type { BatchSource } from './training-loop.js';
import type { BatchFeeds } from './training-state.js';

export interface StageRecipe {
  readonly epochs: number;
  readonly batch: number;
  readonly decoder: DecoderRecipe;
  readonly optimiser: OptimiserRecipe;
  /** Weight of the squared difference from the teacher's logits, where there is a teacher. */
  readonly distillation?: number;
}

export interface StageOptions extends StageProgress {
  readonly genotype: Architecture;
  readonly recipe: StageRecipe;
  readonly task: Task;
  readonly random: Random;
  /** What the first stage begins with where that fits, and what it does not is drawn; absent: all is drawn. */
  readonly inherited?: InheritedWeights | undefined;
}

export async function trainStage1(runtime: Runtime, cache: TapCache, options: StageOptions): Promise<TrainedNetwork> {
  const { step, source, initial } = stage1Parts(runtime, cache, options);
  const { recipe } = options;
  const rates = { learningRate: recipe.optimiser.learningRate };
  return runTraining(runtime, step, source, { ...options, stage: 1, epochs: recipe.epochs, rates, initial });
}

export interface Stage1Parts {
  readonly step: TrainingStep;
  readonly source: BatchSource;
  /** Values to start from, by name. */
  readonly initial: ReadonlyMap<string, Float32Array>;
}

/** Of what the loop of a first stage is made. */
export function stage1Parts(
  { target }: Pick<Runtime, 'target'>,
  cache: TapCache,
  { genotype, recipe, task, random, inherited }: Pick<StageOptions, 'genotype' | 'recipe' | 'task' | 'random' | 'inherited'>,
): Stage1Parts {
  const batch = Math.min(recipe.batch, cache.count);
  const step = buildTrainingStep({
    genotype,
    decoder: recipe.decoder,
    optimiser: recipe.optimiser,
    task,
    batch,
    inputs: { kind: 'taps', shapes: cache.shapes },
    targetShape: cache.targetShape,
    distillation: cache.teacher ? (recipe.distillation ?? 0) : 0,
    target,
  });
  const parameters = step.state.flatMap(({ layout, start }) => (start === 'values' ? layout.parameters : []));
  const rows = cachedBatches(cache, task, batch, (recipe.distillation ?? 0) > 0, random);
  const drawn = initialise(parameters, random.fork('initial'));
  const initial = inherited ? new Map([...drawn, ...inheritedValues(parameters, genotype, inherited)]) : drawn;
  return { step, source: withDropout(rows, step.masks, random), initial };
}

/** The cache's rows in a new order every epoch. The last partial batch is dropped: the step's graph has a fixed batch. */
function cachedBatches(cache: TapCache, task: Task, batch: number, distilled: boolean, random: Random): BatchSource {
  const perEpoch = Math.floor(cache.count / batch);
  return {
    perEpoch,
    async *epoch(index, done) {
      // One generator draws the epochs' orders one behind the other: an epoch's is reached by drawing those before it.
      const order = random.fork('order');
      for (let earlier = 0; earlier < index; earlier++) order.permutation(cache.count);
      const permutation = order.permutation(cache.count);
      for (let k = done; k < perEpoch; k++) yield tapFeeds(cache, task, permutation.slice(k * batch, (k + 1) * batch), distilled);
    },
  };
}

function tapFeeds(cache: TapCache, task: Task, order: readonly number[], distilled: boolean): BatchFeeds {
  const feeds: Record<string, TensorValue> = {};
  cache.shapes.forEach((shape, i) => {
    const rows = cache.taps[i];
    if (rows) feeds[`tap${i}`] = { data: rows.gather(order), dims: [order.length, ...shape] };
  });
  const length = cache.targets.length / cache.count;
  const rows = joinRows(order.map((row) => cache.targets.subarray(row * length, (row + 1) * length)));
  feeds['target'] = targetFeed(task, rows, order.length, cache.targetShape);
  if (cache.teacher && distilled) {
    const { rows: kept, outputs } = cache.teacher;
    const [h, w] = cache.targetShape;
    const logits = new Float32Array(order.length * outputs * h * w);
    halvesToFloats(kept.gather(order), logits);
    feeds['teacher'] = { data: logits, dims: [order.length, outputs, h, w] };
  }
  return feeds;
}
