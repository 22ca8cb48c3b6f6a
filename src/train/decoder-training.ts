// Stage 1: the decoder alone is trained on cached taps (paper, section 3.3.1; method, section 3).

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { adamBias } from '../graph/index.js';
import type { Random } from '../random/index.js';
import { floatsOf, type Runtime, type Session } from '../runtime/index.js';
import type { Task } from '../task/index.js';
import type { Genotype } from '../space/index.js';
import { initialise } from '../nn/index.js';
import { buildTrainingStep, type DecoderRecipe, nextName, type OptimiserRecipe, stateNames, type TrainingStep } from './step.js';
import { gatherRows, type TapCache } from './tap-cache.js';

export interface StageRecipe {
  readonly epochs: number;
  readonly batch: number;
  readonly decoder: DecoderRecipe;
  readonly optimiser: OptimiserRecipe;
}

export interface StepReport {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly loss: number;
}

export interface TrainedDecoder {
  /** By name, behind `decoder.`: averaged weights and running statistics. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly steps: number;
  /** Mean main loss over the last epoch. */
  readonly loss: number;
}

/** The loss became NaN or infinite: the architecture cannot be trained with this recipe. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

export interface DecoderTrainingOptions {
  readonly genotype: Genotype;
  readonly recipe: StageRecipe;
  readonly task: Task;
  readonly random: Random;
  readonly threads: number;
  readonly initial?: ReadonlyMap<string, Float32Array>;
  readonly onStep?: (report: StepReport) => void;
  readonly signal?: AbortSignal;
}

export async function trainDecoder(runtime: Runtime, cache: TapCache, options: DecoderTrainingOptions): Promise<TrainedDecoder> {
  const { genotype, recipe, task, random, threads, onStep, signal } = options;
  const batch = Math.min(recipe.batch, cache.count);
  const step = buildTrainingStep({
    genotype,
    decoder: recipe.decoder,
    optimiser: recipe.optimiser,
    task,
    batch,
    tapShapes: cache.shapes,
    targetSize: cache.labelSize,
    blockSize: runtime.blockSize,
  });
  const session = await runtime.open(step.model, { threads, purpose: 'training' });
  try {
    const fresh = (): Map<string, Float32Array> =>
      initialise([...step.weights.parameters, ...step.statistics.parameters], random.fork('initial'));
    const state = new TrainingState(step, options.initial ?? fresh(), recipe.optimiser.learningRate);
    const perEpoch = Math.floor(cache.count / batch);
    const steps = perEpoch * recipe.epochs;
    const order = random.fork('order');
    let done = 0;
    let loss = Number.NaN;
    for (let epoch = 0; epoch < recipe.epochs; epoch++) {
      const permutation = order.permutation(cache.count);
      let total = 0;
      // The last partial batch is dropped: the step's graph has a fixed batch.
      for (let k = 0; k < perEpoch; k++) {
        signal?.throwIfAborted();
        const current = await state.advance(session, batchFeeds(cache, permutation.slice(k * batch, (k + 1) * batch)));
        if (!Number.isFinite(current)) throw new DivergedError(`the loss became ${current} at step ${done + 1} of ${steps}`);
        total += current;
        done++;
        onStep?.({ step: done, steps, epoch, loss: current });
      }
      loss = total / perEpoch;
    }
    return { parameters: state.averaged(), steps: done, loss };
  } finally {
    await session.release();
  }
}

/** The vectors that go from step to step. They stay the runtime's own tensors between runs. */
class TrainingState {
  readonly #step: TrainingStep;
  readonly #learningRate: number;
  #vectors: Record<string, OrtTensor>;
  #count = 0;

  constructor(step: TrainingStep, initial: ReadonlyMap<string, Float32Array>, learningRate: number) {
    this.#step = step;
    this.#learningRate = learningRate;
    const parameters = step.weights.flatten(initial);
    const vector = (data: Float32Array): OrtTensor => new OrtTensor('float32', data, [data.length]);
    this.#vectors = {
      parameters: vector(parameters),
      firstMoment: vector(new Float32Array(parameters.length)),
      secondMoment: vector(new Float32Array(parameters.length)),
      average: vector(parameters.slice()),
      statistics: vector(step.statistics.flatten(initial)),
    };
  }

  /** One step; gives the main loss. */
  async advance(session: Session, batch: Record<string, OrtTensor>): Promise<number> {
    this.#count++;
    const { bias1, bias2 } = adamBias(this.#count);
    const number = (value: number): OrtTensor => new OrtTensor('float32', Float32Array.of(value), []);
    const results = await session.run({
      ...batch,
      ...this.#vectors,
      learningRate: number(this.#learningRate),
      bias1: number(bias1),
      bias2: number(bias2),
    });
    this.#vectors = Object.fromEntries(
      stateNames.map((name) => {
        const value = results[nextName(name)];
        if (!value) throw new RangeError(`the training step gave no ${name}`);
        return [name, value];
      }),
    );
    return floatsOf(results, 'loss')[0] ?? Number.NaN;
  }

  averaged(): Map<string, Float32Array> {
    return new Map([
      ...this.#step.weights.unflatten(floatsOf(this.#vectors, 'average')),
      ...this.#step.statistics.unflatten(floatsOf(this.#vectors, 'statistics')),
    ]);
  }
}

function batchFeeds(cache: TapCache, order: readonly number[]): Record<string, OrtTensor> {
  const feeds: Record<string, OrtTensor> = {};
  cache.shapes.forEach((shape, i) => {
    const length = shape[0] * shape[1] * shape[2];
    const rows = new Float32Array(order.length * length);
    const source = cache.taps[i];
    if (source) gatherRows(source, length, order, rows);
    feeds[`tap${i}`] = new OrtTensor('float32', rows, [order.length, ...shape]);
  });
  const [h, w] = cache.labelSize;
  const labels = new Int32Array(order.length * h * w);
  gatherRows(cache.labels, h * w, order, labels);
  feeds['target'] = new OrtTensor('int32', labels, [order.length, h, w]);
  return feeds;
}
