// One candidate: trained in one or two stages, validated, scored.

import type { Labelling, Sample } from '../data/index.js';
import { encodeDepiction } from '../model/index.js';
import type { EncoderWeights } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { Device, Runtime } from '../runtime/index.js';
import type { Architecture } from '../space/index.js';
import type { Breakdown, Metrics, Task } from '../task/index.js';
import type { CandidateTicket } from './ticket.js';
import {
  climbs,
  goesOn,
  type ImageSet,
  type InheritedWeights,
  type RungReward,
  type ScoredImage,
  type Stage2Recipe,
  type StageRecipe,
  type StepReport,
  type TapCache,
  type TrainedNetwork,
  type Validation,
  trainStage1,
  trainStage2,
  validateDecoder,
  validateNetwork,
} from '../train/index.js';

/** What every candidate of a search shares. */
export interface EvaluationContext {
  readonly runtime: Runtime;
  readonly task: Task;
  readonly stage1: StageRecipe;
  readonly train: TapCache;
  readonly validation: TapCache;
  /** Whether pictures of what a network sees are kept for looking at. */
  readonly pictures?: boolean;
  readonly stage2?: Stage2Context;
}

/** What the second stage needs beside: it trains on images. */
export interface Stage2Context {
  readonly recipe: Stage2Recipe;
  readonly encoder: EncoderWeights;
  readonly samples: readonly Sample[];
  readonly labelling: Labelling;
  readonly validation: ImageSet;
}

export interface EpochLoss {
  readonly stage: number;
  /** From 1. */
  readonly epoch: number;
  readonly loss: number;
}

/** What a network sees in one of the images by which it is scored. */
export interface EvaluatedPicture extends ScoredImage {
  /** PNG or SVG. */
  readonly picture: Uint8Array;
}

export interface Evaluation {
  readonly reward: number;
  /** After the first stage, or where it was stopped. */
  readonly firstReward: number;
  /** At the rungs of successive halving. */
  readonly rungs: readonly RungReward[];
  readonly metrics: Metrics;
  readonly breakdown?: Breakdown;
  /** What the network sees in its best, a middling and its worst image. */
  readonly pictures?: readonly EvaluatedPicture[];
  readonly loss: number;
  /** Mean training loss of every epoch. */
  readonly epochs: readonly EpochLoss[];
  readonly steps: number;
  /** 1 or 2: where training ended. */
  readonly stage: number;
  readonly trainSeconds: number;
  readonly validationSeconds: number;
  /** On which it was trained, where that is known. */
  readonly device?: Device | undefined;
  /** Averaged weights and running statistics: `decoder.…`, after the second stage `encoder.…` too. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

export interface EvaluateOptions {
  readonly random: Random;
  /** What may end it early; without it every candidate has all its epochs and, where there is one, its second stage. */
  readonly ticket?: CandidateTicket | undefined;
  /** What the first stage begins with, and how many epochs it has then. */
  readonly inherited?: (InheritedWeights & { readonly epochs: number }) | undefined;
  readonly onStep?: (report: StepReport) => void;
  readonly onValidation?: () => void;
  readonly signal?: AbortSignal;
}

/** @throws DivergedError when training gives no finite loss; whatever the runtime throws; AbortError. */
export async function evaluateCandidate(context: EvaluationContext, genotype: Architecture, options: EvaluateOptions): Promise<Evaluation> {
  const { runtime, task, stage1, train, validation, pictures = false, stage2 } = context;
  const { random, ticket, inherited, onStep, onValidation, signal } = options;
  const common = { genotype, task, random, ...(onStep && { onStep }), ...(signal && { signal }) };
  const clock = new Clock();
  const rungs: RungReward[] = [];
  let stopped: Validation | undefined;
  const scored = (parameters: ReadonlyMap<string, Float32Array>) => ({
    genotype,
    decoder: stage1.decoder,
    task,
    parameters,
    pictures,
  });
  const judged = ({ metrics, breakdown, pictures: judged }: Validation) => ({
    metrics,
    breakdown,
    pictures: judged.map(({ depiction, ...scored }) => ({ ...scored, picture: encodeDepiction(depiction, task.description) })),
  });
  const { halving, progressive } = ticket ?? {};
  const onEpoch = async (epoch: number, parameters: ReadonlyMap<string, Float32Array>): Promise<boolean> => {
    if (!halving?.some((rung) => rung.epoch === epoch)) return true;
    onValidation?.();
    const seen = await clock.validate(() => validateDecoder(runtime, validation, scored(parameters)));
    const rung = { epoch, reward: task.reward(seen.metrics) };
    rungs.push(rung);
    if (climbs(halving, rung) !== false) return true;
    stopped = seen;
    return false;
  };
  const firstRecipe = inherited ? { ...stage1, epochs: inherited.epochs } : stage1;
  const first = await clock.train(() =>
    trainStage1(runtime, train, { ...common, recipe: firstRecipe, inherited, ...(halving && { onEpoch }) }),
  );
  onValidation?.();
  const seen = stopped ?? (await clock.validate(() => validateDecoder(runtime, validation, scored(first.parameters))));
  const firstReward = task.reward(seen.metrics);
  if (stopped || !stage2 || (progressive && !goesOn(progressive, firstReward)))
    return {
      ...first,
      epochs: epochsOf(1, first),
      reward: firstReward,
      firstReward,
      rungs,
      ...judged(seen),
      stage: 1,
      device: runtime.device,
      ...clock.seconds,
    };

  const { recipe, encoder, samples, labelling } = stage2;
  const second = await clock.train(() =>
    trainStage2(runtime, { ...common, recipe, encoder, samples, labelling, decoder: first.parameters }),
  );
  onValidation?.();
  const last = await clock.validate(() => validateNetwork(runtime, stage2.validation, encoder, scored(second.parameters)));
  return {
    ...second,
    epochs: [...epochsOf(1, first), ...epochsOf(2, second)],
    steps: first.steps + second.steps,
    reward: task.reward(last.metrics),
    firstReward,
    rungs,
    ...judged(last),
    stage: 2,
    device: runtime.device,
    ...clock.seconds,
  };
}

function epochsOf(stage: number, { losses }: TrainedNetwork): EpochLoss[] {
  return losses.map((loss, i) => ({ stage, epoch: i + 1, loss }));
}

/** Adds up what training and validation took. */
class Clock {
  #training = 0;
  #validation = 0;

  /** Without the validations within. */
  async train<T>(work: () => Promise<T>): Promise<T> {
    const [started, validated] = [performance.now(), this.#validation];
    const result = await work();
    this.#training += performance.now() - started - (this.#validation - validated);
    return result;
  }

  async validate<T>(work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    this.#validation += performance.now() - started;
    return result;
  }

  get seconds(): { readonly trainSeconds: number; readonly validationSeconds: number } {
    return { trainSeconds: this.#training / 1000, validationSeconds: this.#validation / 1000 };
  }
}
