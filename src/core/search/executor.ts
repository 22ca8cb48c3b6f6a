// Where candidates are evaluated: in this process, in worker processes, or on other machines. The search knows no more
// of it than this.

import { UserError } from '../errors/index.js';
import { seededRandom } from '../random/index.js';
import type { Genotype } from '../space/index.js';
import type { StepReport } from '../train/index.js';
import type { CandidateTicket } from './ticket.js';
import { type Evaluation, type EvaluationContext, evaluateCandidate } from './evaluate.js';
import { inheritanceFrom } from './kept-weights.js';
import { machineErrorOf } from './machine-error.js';

export interface CandidateJob {
  readonly index: number;
  readonly genotype: Genotype;
  readonly ticket?: CandidateTicket | undefined;
  /** Begins with its parent's weights. */
  readonly inherited?: JobInheritance | undefined;
  /** Its weights are wanted whatever its reward is: they were lost, or are to be inherited. */
  readonly insist?: boolean | undefined;
}

/** What a candidate begins with: a parent's network, as it travels. */
export interface JobInheritance {
  /** Safetensors, half precision, with the parent's genotype in its metadata. */
  readonly weights: Uint8Array;
  /** Of the first stage. */
  readonly epochs: number;
}

export interface JobObserver {
  /** Who has taken it, where that is known. */
  readonly onWorker?: (name: string) => void;
  readonly onStep?: (report: StepReport) => void;
  readonly onValidation?: () => void;
  /** Something about the evaluation that the record should have: a worker that died, a second attempt. */
  readonly onEvent?: (kind: string, detail: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** No candidate can be evaluated: the search ends, and can be resumed once that is mended. */
export class ExecutorUnusable extends UserError {
  override readonly name = 'ExecutorUnusable';
}

export interface Executor {
  /** Candidates at once. */
  readonly slots: number;
  /** Resolves when `slots` has changed, where it can. */
  slotsChange?(): Promise<void>;
  /** @throws Error whose message is why this architecture has no reward; MachineError, after some tries; ExecutorUnusable; AbortError */
  evaluate(job: CandidateJob, observer: JobObserver): Promise<Evaluation & { readonly worker?: string }>;
  close(): Promise<void>;
}

/** A candidate's own generator: of the search's seed and its index only, wherever it is evaluated. */
export function candidateRandom(seed: number, index: number) {
  return seededRandom(seed).fork('candidate', index);
}

/** Evaluates one way or another: by training, or (in tests) by formula. */
export type Evaluate = (
  context: EvaluationContext,
  genotype: Genotype,
  options: Parameters<typeof evaluateCandidate>[2],
) => Promise<Evaluation>;

/** One candidate at a time, in this process. */
export class InProcess implements Executor {
  readonly slots = 1;
  readonly #context: EvaluationContext;
  readonly #seed: number;
  readonly #evaluate: Evaluate;

  constructor(context: EvaluationContext, seed: number, evaluate: Evaluate = evaluateCandidate) {
    this.#context = context;
    this.#seed = seed;
    this.#evaluate = evaluate;
  }

  async evaluate({ index, genotype, ticket, inherited }: CandidateJob, { onStep, onValidation, signal }: JobObserver): Promise<Evaluation> {
    try {
      return await this.#evaluate(this.#context, genotype, {
        random: candidateRandom(this.#seed, index),
        ticket,
        inherited: inherited && { ...inheritanceFrom(inherited.weights), epochs: inherited.epochs },
        ...(onStep && { onStep }),
        ...(onValidation && { onValidation }),
        ...(signal && { signal }),
      });
    } catch (error) {
      throw machineErrorOf(error) ?? error;
    }
  }

  async close(): Promise<void> {}
}
