// The loop that all stages share: batches go through the training step, its state goes from step to step.

import { allFinite } from '../data/index.js';
import { adamBias } from '../graph/index.js';
import { floatsOf, type Results, type Runtime, type Session, type TensorValue } from '../runtime/index.js';
import { nextName, type StateVector, type TrainingStep } from './step.js';

export type BatchFeeds = Readonly<Record<string, TensorValue>>;

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
  const { stage, epochs, rates, initial, onEpoch, onStep, signal } = options;
  const session = await runtime.open(step.model, { purpose: 'training' });
  try {
    const state = TrainingState.start(step, initial);
    const steps = source.perEpoch * epochs;
    let done = 0;
    const losses: number[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      let total = 0;
      let last: BatchFeeds | undefined;
      for await (const batch of source.epoch(epoch)) {
        last = batch;
        signal?.throwIfAborted();
        const current = await state.advance(session, batch, rates);
        if (!Number.isFinite(current)) throw new DivergedError(`the loss became ${current} at step ${done + 1} of ${steps}`);
        total += current;
        done++;
        onStep?.({ stage, step: done, steps, epoch, loss: current });
      }
      losses.push(total / source.perEpoch);
      // A step's loss is of the weights before it: what the last one made of them would go unseen.
      if (last && epoch + 1 === epochs) await refuseDiverged(session, state, last, rates, done);
      if (onEpoch && epoch + 1 < epochs && !(await onEpoch(epoch + 1, state.averaged()))) break;
    }
    return { parameters: state.averaged(), steps: done, loss: losses.at(-1) ?? Number.NaN, losses };
  } finally {
    await session.release();
  }
}

/** @throws DivergedError when the weights as they are give no finite loss, or are not finite */
async function refuseDiverged(
  session: Session,
  state: TrainingState,
  batch: BatchFeeds,
  rates: Readonly<Record<string, number>>,
  done: number,
): Promise<void> {
  const loss = await state.lossOf(session, batch, rates);
  if (!Number.isFinite(loss)) throw new DivergedError(`the loss became ${loss} after step ${done}, the last`);
  const weight = state.notFinite();
  if (weight !== undefined) throw new DivergedError(`a weight became NaN or infinite (${weight}) in step ${done}, the last`);
}

/** The vectors that go from step to step. They stay the runtime's own tensors between runs. */
export class TrainingState {
  readonly #step: TrainingStep;
  #vectors: Record<string, TensorValue>;
  #count: number;

  private constructor(step: TrainingStep, count: number, valuesOf: (vector: StateVector) => Float32Array) {
    this.#step = step;
    this.#count = count;
    this.#vectors = Object.fromEntries(
      step.state.map((vector) => {
        const data = valuesOf(vector);
        return [vector.name, { data, dims: [data.length] }];
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

  /** One step; gives the main loss before it. @param rates the learning rates */
  async advance(session: Session, batch: BatchFeeds, rates: Readonly<Record<string, number>>): Promise<number> {
    this.#count++;
    const results = await this.#run(session, batch, rates, this.#count);
    this.#vectors = Object.fromEntries(
      this.#step.state.map(({ name }) => {
        const value = results[nextName(name)];
        if (!value) throw new RangeError(`the training step gave no ${name}`);
        return [name, value];
      }),
    );
    return floatsOf(results, 'loss')[0] ?? Number.NaN;
  }

  /** The main loss of the weights as they are; the state stays. */
  async lossOf(session: Session, batch: BatchFeeds, rates: Readonly<Record<string, number>>): Promise<number> {
    return floatsOf(await this.#run(session, batch, rates, this.#count + 1), 'loss')[0] ?? Number.NaN;
  }

  #run(session: Session, batch: BatchFeeds, rates: Readonly<Record<string, number>>, count: number): Promise<Results> {
    const scalars = Object.entries({ ...rates, ...adamBias(count) });
    const feeds = scalars.map(([name, value]) => [name, { data: Float32Array.of(value), dims: [] }]);
    return session.run({ ...batch, ...this.#vectors, ...Object.fromEntries(feeds) });
  }

  /** The name of a parameter that has a value that is NaN or infinite. */
  notFinite(): string | undefined {
    for (const { name, layout } of this.#step.state) {
      const vector = floatsOf(this.#vectors, name);
      if (allFinite(vector)) continue;
      const found = [...layout.unflatten(vector)].find(([, values]) => !allFinite(values));
      return found?.[0] ?? name;
    }
    return undefined;
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
