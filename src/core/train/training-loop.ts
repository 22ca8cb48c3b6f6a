// The loop that every training runs: an epoch's batches go through the training step. It can be left between any two
// steps, and goes on from its position with the same result, because an epoch's batches follow from the epoch's number.

import type { Runtime, Session } from '../runtime/index.js';
import type { TrainingStep } from './step.js';
import { type BatchFeeds, type Rates, TrainingState } from './training-state.js';

/** Where a training's batches come from. */
export interface BatchSource {
  readonly perEpoch: number;
  /**
   * An epoch's batches behind its first `done`. They are a function of the epoch's number, whatever was asked for before.
   * @param index of the epoch, from 0
   */
  epoch(index: number, done: number): AsyncIterable<BatchFeeds>;
}

/** Where a training is: all that the next step depends on. */
export interface TrainingPosition {
  /** Epochs done. */
  readonly epoch: number;
  /** Steps done of the epoch after those. */
  readonly step: number;
  /** Sum of these steps' losses. */
  readonly loss: number;
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

/** A step that was made. */
export interface LoopReport {
  /** From 0. */
  readonly epoch: number;
  /** Of the epoch, from 1. */
  readonly step: number;
  readonly loss: number;
}

/** The loss became NaN or infinite: the architecture cannot be trained with this recipe. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

export interface LoopOptions {
  readonly step: TrainingStep;
  readonly source: BatchSource;
  /** @param done steps of the whole training before the one that they are for */
  readonly rates: (done: number) => Rates;
  /** Values to start from, by name. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** Goes on from there instead: all else must be as it was. */
  readonly from?: TrainingPosition | undefined;
  /** How messages name a step. @param step of the epoch, both from 0 */
  readonly nameOf: (epoch: number, step: number) => string;
}

export class TrainingLoop {
  readonly #options: LoopOptions;
  readonly #session: Session;
  readonly #state: TrainingState;
  #epoch: number;
  #step: number;
  #loss: number;
  /** This epoch's last batch so far, and the rates of its step. */
  #last: { readonly batch: BatchFeeds; readonly rates: Rates } | undefined;

  private constructor(options: LoopOptions, session: Session) {
    const { step, source, initial, from } = options;
    this.#options = options;
    this.#session = session;
    this.#state = from
      ? TrainingState.resume(step, from.vectors, from.epoch * source.perEpoch + from.step)
      : TrainingState.start(step, initial);
    this.#epoch = from?.epoch ?? 0;
    this.#step = from?.step ?? 0;
    this.#loss = from?.loss ?? 0;
  }

  /** @throws RangeError where `from` is another network's */
  static async open(runtime: Runtime, options: LoopOptions): Promise<TrainingLoop> {
    const session = await runtime.open(options.step.model, { purpose: 'training' });
    try {
      return new TrainingLoop(options, session);
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** Epochs done. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Steps done of all. */
  get steps(): number {
    return this.#state.count;
  }

  /**
   * The rest of the epoch at hand.
   * @throws DivergedError; AbortError between two steps, after which `position` is where it stopped
   */
  async runSteps(onStep?: (report: LoopReport) => void, signal?: AbortSignal): Promise<void> {
    const { source, rates: ratesAt, nameOf } = this.#options;
    for await (const batch of source.epoch(this.#epoch, this.#step)) {
      signal?.throwIfAborted();
      const rates = ratesAt(this.#state.count);
      const loss = await this.#state.advance(this.#session, batch, rates);
      if (!Number.isFinite(loss)) throw new DivergedError(`the loss became ${loss} ${nameOf(this.#epoch, this.#step)}`);
      this.#last = { batch, rates };
      this.#step++;
      this.#loss += loss;
      onStep?.({ epoch: this.#epoch, step: this.#step, loss });
    }
  }

  /** Behind an epoch's steps, before its end: its last batch's loss of the weights as they are now; undefined without a step. */
  async lossOfLast(): Promise<number | undefined> {
    return this.#last && this.#state.lossOf(this.#session, this.#last.batch, this.#last.rates);
  }

  /** The name of a parameter that has a value that is NaN or infinite. */
  notFinite(): string | undefined {
    return this.#state.notFinite();
  }

  /** Begins the next epoch; gives the mean loss of this one. */
  endEpoch(): number {
    const mean = this.#loss / this.#options.source.perEpoch;
    this.#epoch++;
    this.#step = 0;
    this.#loss = 0;
    this.#last = undefined;
    return mean;
  }

  position(): TrainingPosition {
    return { epoch: this.#epoch, step: this.#step, loss: this.#loss, vectors: this.#state.vectors() };
  }

  /** Averaged weights and running statistics, by parameter name. */
  averaged(): Map<string, Float32Array> {
    return this.#state.averaged();
  }

  close(): Promise<void> {
    return this.#session.release();
  }
}
