// The loop that all stages share: batches go through the training step, its state goes from step to step.

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { adamBias } from '../graph/index.js';
import { floatsOf, type Runtime, type Session } from '../runtime/index.js';
import { nextName, type StateVector, type TrainingStep } from './step.js';

export type BatchFeeds = Readonly<Record<string, OrtTensor>>;

/** Where a stage's batches come from. */
export interface BatchSource {
  readonly perEpoch: number;
  epoch(index: number): AsyncIterable<BatchFeeds>;
}

export interface StepReport {
  /** 1 or 2. */
  readonly stage: number;
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly loss: number;
}

export interface TrainedNetwork {
  /** By name: averaged weights (`decoder.…`, in stage 2 `encoder.…` too) and running statistics. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly steps: number;
  /** Mean main loss over the last epoch, and over each. */
  readonly loss: number;
  readonly losses: readonly number[];
}

/** The loss became NaN or infinite: the architecture cannot be trained with this recipe. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

export interface TrainingOptions {
  readonly stage: number;
  readonly epochs: number;
  /** Scalars fed at every step: the learning rates. */
  readonly rates: Readonly<Record<string, number>>;
  /** Values to start from, by name. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  readonly threads: number;
  /** Behind every epoch but the last; false ends the training. @param epoch from 1 */
  readonly onEpoch?: (epoch: number, parameters: ReadonlyMap<string, Float32Array>) => Promise<boolean>;
  readonly onStep?: (report: StepReport) => void;
  readonly signal?: AbortSignal;
}

export async function runTraining(
  runtime: Runtime,
  step: TrainingStep,
  source: BatchSource,
  options: TrainingOptions,
): Promise<TrainedNetwork> {
  const { stage, epochs, rates, initial, threads, onEpoch, onStep, signal } = options;
  const session = await runtime.open(step.model, { threads, purpose: 'training' });
  try {
    const state = TrainingState.start(step, initial);
    const steps = source.perEpoch * epochs;
    let done = 0;
    const losses: number[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      let total = 0;
      for await (const batch of source.epoch(epoch)) {
        signal?.throwIfAborted();
        const current = await state.advance(session, batch, rates);
        if (!Number.isFinite(current)) throw new DivergedError(`the loss became ${current} at step ${done + 1} of ${steps}`);
        total += current;
        done++;
        onStep?.({ stage, step: done, steps, epoch, loss: current });
      }
      losses.push(total / source.perEpoch);
      if (onEpoch && epoch + 1 < epochs && !(await onEpoch(epoch + 1, state.averaged()))) break;
    }
    return { parameters: state.averaged(), steps: done, loss: losses.at(-1) ?? Number.NaN, losses };
  } finally {
    await session.release();
  }
}

/** The vectors that go from step to step. They stay the runtime's own tensors between runs. */
export class TrainingState {
  readonly #step: TrainingStep;
  #vectors: Record<string, OrtTensor>;
  #count: number;

  private constructor(step: TrainingStep, count: number, valuesOf: (vector: StateVector) => Float32Array) {
    this.#step = step;
    this.#count = count;
    this.#vectors = Object.fromEntries(
      step.state.map((vector) => {
        const data = valuesOf(vector);
        return [vector.name, new OrtTensor('float32', data, [data.length])];
      }),
    );
  }

  /** @param initial values by parameter name */
  static start(step: TrainingStep, initial: ReadonlyMap<string, Float32Array>): TrainingState {
    return new TrainingState(step, 0, ({ layout, start }) =>
      start === 'values' ? layout.flatten(initial) : new Float32Array(layout.length),
    );
  }

  /** Goes on where another state of the same step was after `count` steps. @param vectors what its `vectors` gave */
  static resume(step: TrainingStep, vectors: ReadonlyMap<string, Float32Array>, count: number): TrainingState {
    return new TrainingState(step, count, ({ name, layout }) => {
      const data = vectors.get(name);
      if (data?.length !== layout.length) throw new RangeError(`${name}: ${data?.length ?? 'no'} values, expected ${layout.length}`);
      return data;
    });
  }

  get count(): number {
    return this.#count;
  }

  /** One step; gives the main loss. @param rates the learning rates */
  async advance(session: Session, batch: BatchFeeds, rates: Readonly<Record<string, number>>): Promise<number> {
    this.#count++;
    const scalars = Object.entries({ ...rates, ...adamBias(this.#count) });
    const feeds = scalars.map(([name, value]) => [name, new OrtTensor('float32', Float32Array.of(value), [])]);
    const results = await session.run({ ...batch, ...this.#vectors, ...Object.fromEntries(feeds) });
    this.#vectors = Object.fromEntries(
      this.#step.state.map(({ name }) => {
        const value = results[nextName(name)];
        if (!value) throw new RangeError(`the training step gave no ${name}`);
        return [name, value];
      }),
    );
    return floatsOf(results, 'loss')[0] ?? Number.NaN;
  }

  vectors(): Map<string, Float32Array> {
    return new Map(this.#step.state.map(({ name }) => [name, floatsOf(this.#vectors, name)]));
  }

  /** Averaged weights and running statistics, by parameter name. */
  averaged(): Map<string, Float32Array> {
    const kept = this.#step.state.filter(({ name }) => ['average', 'encoderAverage', 'statistics'].includes(name));
    return new Map(kept.flatMap(({ name, layout }) => [...layout.unflatten(floatsOf(this.#vectors, name))]));
  }
}
