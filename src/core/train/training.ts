// A stage of a candidate: so many epochs of the loop at fixed rates, with a word in between.

import type { Runtime } from '../runtime/index.js';
import type { TrainingStep } from './step.js';
import { type BatchSource, DivergedError, TrainingLoop, type TrainingPosition } from './training-loop.js';
import type { Rates } from './training-state.js';

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

/** Where a stage is: the loop's position, and what its result will tell of the epochs before. */
export interface StagePosition extends TrainingPosition {
  readonly losses: readonly number[];
}

/** How a stage is watched, ended early, left and taken up again. */
export interface StageProgress {
  /** Behind every epoch but the last; false ends the stage. @param epoch from 1 */
  readonly onEpoch?: ((epoch: number, parameters: ReadonlyMap<string, Float32Array>) => Promise<boolean>) | undefined;
  readonly onStep?: ((report: StepReport) => void) | undefined;
  /** Ends it between two steps with an AbortError. */
  readonly signal?: AbortSignal | undefined;
  /** Told before that AbortError where the stage is. */
  readonly onInterrupted?: ((position: StagePosition) => void) | undefined;
  /** Goes on from there: recipe, data and seed must be the same. */
  readonly from?: StagePosition | undefined;
}

export interface TrainingOptions extends StageProgress {
  readonly stage: number;
  readonly epochs: number;
  readonly rates: Rates;
  /** Values to start from, by name. */
  readonly initial: ReadonlyMap<string, Float32Array>;
}

/** @throws DivergedError; AbortError */
export async function runTraining(
  runtime: Runtime,
  step: TrainingStep,
  source: BatchSource,
  options: TrainingOptions,
): Promise<TrainedNetwork> {
  const { stage, epochs, rates, initial, onEpoch, onStep, signal, onInterrupted, from } = options;
  const steps = source.perEpoch * epochs;
  const loop = await TrainingLoop.open(runtime, {
    step,
    source,
    rates: () => rates,
    initial,
    from,
    nameOf: (epoch, k) => `at step ${epoch * source.perEpoch + k + 1} of ${steps}`,
  });
  const losses = [...(from?.losses ?? [])];
  try {
    while (loop.epoch < epochs) {
      await loop.runSteps(onStep && (({ epoch, loss }) => onStep({ stage, step: loop.steps, steps, epoch, loss })), signal);
      const isLast = loop.epoch + 1 === epochs;
      if (isLast) await refuseDiverged(loop);
      losses.push(loop.endEpoch());
      if (onEpoch && !isLast && !(await onEpoch(loop.epoch, loop.averaged()))) break;
    }
    return { parameters: loop.averaged(), steps: loop.steps, loss: losses.at(-1) ?? Number.NaN, losses };
  } catch (error) {
    if (signal?.aborted && !(error instanceof DivergedError)) onInterrupted?.({ ...loop.position(), losses: [...losses] });
    throw error;
  } finally {
    await loop.close();
  }
}

/**
 * A step's loss is of the weights before it: what the last one made of them would go unseen.
 * @throws DivergedError when the weights as they are give no finite loss, or are not finite
 */
async function refuseDiverged(loop: TrainingLoop): Promise<void> {
  const loss = await loop.lossOfLast();
  if (loss === undefined) return;
  if (!Number.isFinite(loss)) throw new DivergedError(`the loss became ${loss} after step ${loop.steps}, the last`);
  const weight = loop.notFinite();
  if (weight !== undefined) throw new DivergedError(`a weight became NaN or infinite (${weight}) in step ${loop.steps}, the last`);
}
