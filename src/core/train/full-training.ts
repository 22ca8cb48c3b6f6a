// Full training of one genotype, end to end, with a decaying rate (method, section 4). It can be stopped after any step
// and goes on from its state with the same result.

import { type Labelling, type Sample, SamplePool } from '../data/index.js';
import { type EncoderWeights, initialise } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { Runtime, Session } from '../runtime/index.js';
import type { Genotype } from '../space/index.js';
import type { Task } from '../task/index.js';
import { epochRequests, imageBatches } from './image-batches.js';
import { rateFactor, type Schedule } from './schedule.js';
import { type Stage2Recipe, withPretrained } from './stage2.js';
import { buildTrainingStep, type TrainingStep } from './step.js';
import { DivergedError, TrainingState } from './training.js';

export interface FullRecipe extends Stage2Recipe {
  readonly schedule: Schedule;
}

export interface FullTrainingOptions {
  readonly genotype: Genotype;
  readonly recipe: FullRecipe;
  readonly task: Task;
  readonly samples: readonly Sample[];
  readonly labelling: Labelling;
  readonly encoder: EncoderWeights;
  readonly random: Random;
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

export interface FullStepReport {
  readonly epoch: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly loss: number;
}

/** Decoded images that stay in memory. */
const imageCacheBytes = 2 ** 30;

export class FullTraining {
  readonly stepsPerEpoch: number;
  readonly #options: FullTrainingOptions;
  readonly #session: Session;
  readonly #state: TrainingState;
  readonly #pool = new SamplePool({ cacheBytes: imageCacheBytes });
  readonly #batch: number;
  readonly #targetShape: readonly [number, number];
  #epoch: number;
  #step: number;
  #loss: number;

  private constructor(options: FullTrainingOptions, session: Session, state: TrainingState, from?: TrainingPosition) {
    this.#options = options;
    this.#session = session;
    this.#state = state;
    this.#batch = batchOf(options);
    this.#targetShape = targetShapeOf(options);
    this.stepsPerEpoch = Math.floor(options.samples.length / this.#batch);
    this.#epoch = from?.epoch ?? 0;
    this.#step = from?.step ?? 0;
    this.#loss = from?.loss ?? 0;
  }

  /** @param from an earlier training's position: the options must be the same */
  static async open(runtime: Runtime, options: FullTrainingOptions, from?: TrainingPosition): Promise<FullTraining> {
    const { encoder, random, recipe } = options;
    const initial = new Map([...encoder.tensors].map(([name, { data }]) => [`encoder.${name}`, data]));
    const step = buildTrainingStep({
      genotype: options.genotype,
      decoder: recipe.decoder,
      optimiser: recipe.optimiser,
      task: options.task,
      batch: batchOf(options),
      inputs: {
        kind: 'images',
        height: recipe.framing.height,
        width: recipe.framing.width,
        encoder: encoder.options,
        recipe: recipe.encoder,
        fixed: initial,
      },
      targetShape: targetShapeOf(options),
      target: runtime.target,
    });
    const steps = Math.floor(options.samples.length / batchOf(options));
    const state = from
      ? TrainingState.resume(step, from.vectors, from.epoch * steps + from.step)
      : TrainingState.start(step, new Map([...initialise(decoderParameters(step), random.fork('initial')), ...initial]));
    return new FullTraining(options, await runtime.open(step.model, { purpose: 'training' }), state, from);
  }

  /** Epochs done. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * The rest of the epoch at hand; gives its mean loss.
   * @throws DivergedError; AbortError between two steps, after which `position` is where it stopped
   */
  async runEpoch(onStep?: (report: FullStepReport) => void, signal?: AbortSignal): Promise<number> {
    const { recipe, task, samples, labelling, encoder, random } = this.#options;
    const { learningRate } = recipe.optimiser;
    // Of the seed and the epoch only: a resumed epoch draws what it would have drawn.
    const requests = epochRequests(samples, this.#batch, random.fork('epoch', this.#epoch)).slice(this.#step * this.#batch);
    const batches = imageBatches(this.#pool, requests, {
      batch: this.#batch,
      framing: recipe.framing,
      labelling,
      encoder,
      task,
      targetShape: this.#targetShape,
      isWhole: this.#epoch === 0 && this.#step === 0,
    });
    for await (const batch of batches) {
      signal?.throwIfAborted();
      const factor = rateFactor(recipe.schedule, this.#state.count, this.stepsPerEpoch, recipe.epochs);
      const rates = { learningRate: factor * learningRate, encoderLearningRate: factor * recipe.encoder.learningRate };
      const loss = await this.#state.advance(this.#session, batch, rates);
      if (!Number.isFinite(loss)) throw new DivergedError(`the loss became ${loss} in epoch ${this.#epoch + 1}, step ${this.#step + 1}`);
      this.#step++;
      this.#loss += loss;
      onStep?.({ epoch: this.#epoch, step: this.#step, stepsPerEpoch: this.stepsPerEpoch, loss });
    }
    this.#refuseDiverged();
    const mean = this.#loss / this.stepsPerEpoch;
    this.#epoch++;
    this.#step = 0;
    this.#loss = 0;
    return mean;
  }

  #refuseDiverged(): void {
    const weight = this.#state.notFinite();
    if (weight !== undefined)
      throw new DivergedError(`a weight became NaN or infinite (${weight}) in epoch ${this.#epoch + 1}, step ${this.#step} or before`);
  }

  /** @throws DivergedError when a value in it is NaN or infinite: there is nothing to go on from */
  position(): TrainingPosition {
    this.#refuseDiverged();
    return { epoch: this.#epoch, step: this.#step, loss: this.#loss, vectors: this.#state.vectors() };
  }

  /** Averaged weights and running statistics, by name; of the encoder what was frozen too. */
  parameters(): Map<string, Float32Array> {
    return withPretrained(this.#options.encoder, this.#state.averaged());
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#session.release();
  }
}

function batchOf({ recipe, samples }: FullTrainingOptions): number {
  return Math.min(recipe.batch, samples.length);
}

/** The loss is computed on the 1/4 map. */
function targetShapeOf({ recipe }: FullTrainingOptions): readonly [number, number] {
  return [Math.ceil(recipe.framing.height / 4), Math.ceil(recipe.framing.width / 4)];
}

function decoderParameters(step: TrainingStep) {
  const all = step.state.flatMap(({ layout, start }) => (start === 'values' ? layout.parameters : []));
  return all.filter(({ name }) => name.startsWith('decoder.'));
}
