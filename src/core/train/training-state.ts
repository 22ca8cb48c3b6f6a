// What goes from training step to training step: parameters, optimiser state, averages, running statistics.

import { allFinite } from '../data/index.js';
import { floatsOf, type Results, type Session, type TensorValue } from '../runtime/index.js';
import { nextName, type StateVector, type TrainingStep } from './step.js';

export type BatchFeeds = Readonly<Record<string, TensorValue>>;

/** Scalars fed at every step: the learning rates. */
export type Rates = Readonly<Record<string, number>>;

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
    return new TrainingState(step, 0, ({ layout, start }) => (start === 'values' ? layout.flatten(initial) : start()));
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
  async advance(session: Session, batch: BatchFeeds, rates: Rates): Promise<number> {
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
  async lossOf(session: Session, batch: BatchFeeds, rates: Rates): Promise<number> {
    return floatsOf(await this.#run(session, batch, rates, this.#count + 1), 'loss')[0] ?? Number.NaN;
  }

  #run(session: Session, batch: BatchFeeds, rates: Rates, count: number): Promise<Results> {
    const scalars = Object.entries({ ...rates, ...this.#step.fed(count) });
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
