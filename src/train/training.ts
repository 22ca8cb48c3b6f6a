// The loop that all stages share: batches go through the training step, its state goes from step to step.

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { adamBias } from '../graph/index.js';
import { floatsOf, type Runtime, type Session } from '../runtime/index.js';
import { nextName, type TrainingStep } from './step.js';

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
  /** Mean main loss over the last epoch. */
  readonly loss: number;
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
  readonly onStep?: (report: StepReport) => void;
  readonly signal?: AbortSignal;
}

export async function runTraining(
  runtime: Runtime,
  step: TrainingStep,
  source: BatchSource,
  options: TrainingOptions,
): Promise<TrainedNetwork> {
  const { stage, epochs, rates, initial, threads, onStep, signal } = options;
  const session = await runtime.open(step.model, { threads, purpose: 'training' });
  try {
    const state = new TrainingState(step, initial, rates);
    const steps = source.perEpoch * epochs;
    let done = 0;
    let loss = Number.NaN;
    for (let epoch = 0; epoch < epochs; epoch++) {
      let total = 0;
      for await (const batch of source.epoch(epoch)) {
        signal?.throwIfAborted();
        const current = await state.advance(session, batch);
        if (!Number.isFinite(current)) throw new DivergedError(`the loss became ${current} at step ${done + 1} of ${steps}`);
        total += current;
        done++;
        onStep?.({ stage, step: done, steps, epoch, loss: current });
      }
      loss = total / source.perEpoch;
    }
    return { parameters: state.averaged(), steps: done, loss };
  } finally {
    await session.release();
  }
}

/** The vectors that go from step to step. They stay the runtime's own tensors between runs. */
class TrainingState {
  readonly #step: TrainingStep;
  readonly #rates: Readonly<Record<string, number>>;
  #vectors: Record<string, OrtTensor>;
  #count = 0;

  constructor(step: TrainingStep, initial: ReadonlyMap<string, Float32Array>, rates: Readonly<Record<string, number>>) {
    this.#step = step;
    this.#rates = rates;
    this.#vectors = Object.fromEntries(
      step.state.map(({ name, layout, start }) => {
        const data = start === 'values' ? layout.flatten(initial) : new Float32Array(layout.length);
        return [name, new OrtTensor('float32', data, [data.length])];
      }),
    );
  }

  /** One step; gives the main loss. */
  async advance(session: Session, batch: BatchFeeds): Promise<number> {
    this.#count++;
    const scalars = Object.entries({ ...this.#rates, ...adamBias(this.#count) });
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

  averaged(): Map<string, Float32Array> {
    const kept = this.#step.state.filter(({ name }) => ['average', 'encoderAverage', 'statistics'].includes(name));
    return new Map(kept.flatMap(({ name, layout }) => [...layout.unflatten(floatsOf(this.#vectors, name))]));
  }
}
