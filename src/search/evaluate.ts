// One candidate: trained on the cached taps, validated, scored.

import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Genotype } from '../space/index.js';
import type { Metrics, Task } from '../task/index.js';
import { type StageRecipe, type StepReport, type TapCache, trainDecoder, validateDecoder } from '../train/index.js';

/** What every candidate of a search shares. */
export interface EvaluationContext {
  readonly runtime: Runtime;
  readonly task: Task;
  readonly stage1: StageRecipe;
  readonly train: TapCache;
  readonly validation: TapCache;
  /** Threads of ONNX Runtime for one op. */
  readonly threads: number;
}

export interface Evaluation {
  readonly reward: number;
  readonly metrics: Metrics;
  readonly loss: number;
  readonly steps: number;
  readonly trainSeconds: number;
  readonly validationSeconds: number;
  /** The decoder's averaged weights and running statistics. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

export interface EvaluateOptions {
  readonly random: Random;
  readonly onStep?: (report: StepReport) => void;
  readonly onValidation?: () => void;
  readonly signal?: AbortSignal;
}

/** @throws DivergedError when training gives no finite loss; whatever the runtime throws; AbortError. */
export async function evaluateCandidate(context: EvaluationContext, genotype: Genotype, options: EvaluateOptions): Promise<Evaluation> {
  const { runtime, task, stage1, train, validation, threads } = context;
  const { random, onStep, onValidation, signal } = options;
  const started = performance.now();
  const trained = await trainDecoder(runtime, train, {
    genotype,
    recipe: stage1,
    task,
    random,
    threads,
    ...(onStep && { onStep }),
    ...(signal && { signal }),
  });
  const between = performance.now();
  onValidation?.();
  const metrics = await validateDecoder(runtime, validation, {
    genotype,
    decoder: stage1.decoder,
    task,
    parameters: trained.parameters,
    threads,
  });
  const ended = performance.now();
  return {
    reward: task.reward(metrics),
    metrics,
    loss: trained.loss,
    steps: trained.steps,
    trainSeconds: (between - started) / 1000,
    validationSeconds: (ended - between) / 1000,
    parameters: trained.parameters,
  };
}
