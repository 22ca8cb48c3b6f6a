// A training epoch by epoch that can be left after any step and goes on from its position with the same result.

import { DivergedError, type TrainingLoop, type TrainingPosition } from './training-loop.js';

export interface FullStepReport {
  readonly epoch: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly loss: number;
}

export interface EpochTrainingParts {
  readonly loop: TrainingLoop;
  readonly stepsPerEpoch: number;
  /** All of the network's parameters. @param averaged averaged weights and running statistics of what is trained */
  readonly complete: (averaged: Map<string, Float32Array>) => Map<string, Float32Array>;
  /** Ends what batches are made with. */
  readonly release: () => Promise<void>;
}

export class EpochTraining {
  readonly #parts: EpochTrainingParts;

  constructor(parts: EpochTrainingParts) {
    this.#parts = parts;
  }

  get stepsPerEpoch(): number {
    return this.#parts.stepsPerEpoch;
  }

  /** Epochs done. */
  get epoch(): number {
    return this.#parts.loop.epoch;
  }

  /**
   * The rest of the epoch at hand; gives its mean loss.
   * @throws DivergedError; AbortError between two steps, after which `position` is where it stopped
   */
  async runEpoch(onStep?: (report: FullStepReport) => void, signal?: AbortSignal): Promise<number> {
    const { loop, stepsPerEpoch } = this.#parts;
    await loop.runSteps(onStep && ((report) => onStep({ ...report, stepsPerEpoch })), signal);
    this.#refuseDiverged();
    return loop.endEpoch();
  }

  #refuseDiverged(): void {
    const { loop } = this.#parts;
    const weight = loop.notFinite();
    if (weight === undefined) return;
    const { epoch, step } = loop.position();
    throw new DivergedError(`a weight became NaN or infinite (${weight}) in epoch ${epoch + 1}, step ${step} or before`);
  }

  /** @throws DivergedError when a value in it is NaN or infinite: there is nothing to go on from */
  position(): TrainingPosition {
    this.#refuseDiverged();
    return this.#parts.loop.position();
  }

  /** Averaged weights and running statistics, by name; what was frozen too. */
  parameters(): Map<string, Float32Array> {
    const { loop, complete } = this.#parts;
    return complete(loop.averaged());
  }

  async close(): Promise<void> {
    const { loop, release } = this.#parts;
    await release();
    await loop.close();
  }
}
