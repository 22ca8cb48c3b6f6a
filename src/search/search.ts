// The loop: a policy proposes, the candidate is evaluated, the policy learns from its reward, the record is kept.

import { input } from '../graph/index.js';
import { joinNetwork } from '../model/index.js';
import { buildNetwork, type Cost, costOf, type EncoderWeights, Scope } from '../nn/index.js';
import type { Policy } from '../policy/index.js';
import type { Random } from '../random/index.js';
import { canonicalKey, type Genotype, genotypeToJson } from '../space/index.js';
import { reasonOf } from '../errors/index.js';
import type { StepReport } from '../train/index.js';
import { type Evaluation, type EvaluationContext, evaluateCandidate } from './evaluate.js';
import type { RunFolder, Trial } from './run-folder.js';

export interface SearchObserver {
  onCandidate?(index: number, genotype: Genotype): void;
  onStep?(index: number, report: StepReport): void;
  onValidation?(index: number): void;
  /** @param best so far; undefined while every candidate has failed */
  onTrial?(trial: Trial, best: Trial | undefined): void;
}

export interface SearchOptions {
  readonly context: EvaluationContext;
  readonly policy: Policy;
  readonly run: RunFolder;
  readonly encoder: EncoderWeights;
  readonly classes: readonly string[];
  readonly candidates: number;
  /** No candidate is begun later than this many hours after the start. */
  readonly hours?: number;
  readonly random: Random;
  readonly observer?: SearchObserver;
  /** Ends the search; the candidate in hand is dropped, everything before is kept. */
  readonly signal?: AbortSignal;
}

export interface SearchResult {
  readonly trials: readonly Trial[];
  readonly interrupted: boolean;
}

/** Evaluates one way or another: by training, or (in tests) by formula. */
export type Evaluate = typeof evaluateCandidate;

export async function search(options: SearchOptions, evaluate: Evaluate = evaluateCandidate): Promise<SearchResult> {
  const { context, policy, run, encoder, classes, candidates, hours = Number.POSITIVE_INFINITY, random, observer = {}, signal } = options;
  const started = performance.now();
  const trials: Trial[] = [];
  let best: Trial | undefined;
  while (trials.length < candidates && performance.now() - started < hours * 3_600_000) {
    if (signal?.aborted) return { trials, interrupted: true };
    const index = trials.length + 1;
    const proposal = await policy.propose();
    const { genotype } = proposal;
    observer.onCandidate?.(index, genotype);
    const own = random.fork('candidate', index);
    const begun = performance.now();
    let outcome: Evaluation | { readonly error: string };
    try {
      outcome = await evaluate(context, genotype, {
        random: own,
        onStep: (report) => observer.onStep?.(index, report),
        onValidation: () => observer.onValidation?.(index),
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) return { trials, interrupted: true };
      // An architecture that cannot be trained is worth nothing, and the search goes on.
      outcome = { error: reasonOf(error) };
    }
    const seconds = (performance.now() - begun) / 1000;
    const reward = 'error' in outcome ? 0 : outcome.reward;
    const report = await policy.observe(proposal, reward);
    const size = context.validation.labelSize;
    const cost = candidateCost(genotype, encoder, classes.length, context, size);
    const trial: Trial = {
      index,
      genotype: [...mutableJson(genotype)],
      key: canonicalKey(genotype),
      reward,
      metrics: 'error' in outcome ? {} : { ...outcome.metrics },
      loss: 'error' in outcome ? null : outcome.loss,
      parameters: cost.parameters,
      multiplyAdds: cost.multiplyAdds,
      inputSize: [size[0], size[1]],
      stage: 'error' in outcome ? 0 : outcome.stage,
      seed: own.state().seed,
      seconds:
        'error' in outcome
          ? { training: seconds, validation: 0 }
          : { training: outcome.trainSeconds, validation: outcome.validationSeconds },
      policy: { ...(proposal.logProbability !== undefined && { logProbability: proposal.logProbability }), ...report },
      ...('error' in outcome && { error: outcome.error }),
    };
    if (!('error' in outcome) && (!best || trial.reward > best.reward)) {
      best = trial;
      const { width, sepRepeats } = context.stage1.decoder;
      await run.writeBest(joinNetwork(encoder, outcome.parameters, { genotype, classes, width, sepRepeats }));
    }
    await run.appendTrial(trial);
    await run.writeController(policy.state());
    trials.push(trial);
    observer.onTrial?.(trial, best);
  }
  return { trials, interrupted: false };
}

function mutableJson(genotype: Genotype): Trial['genotype'] {
  const [cell, connections] = genotypeToJson(genotype);
  return [cell.map((part) => (typeof part === 'number' ? part : [...part])), connections.map((pair) => [...pair])];
}

/** Parameters and multiply-adds of the whole network at [height, width], without auxiliary heads. */
function candidateCost(
  genotype: Genotype,
  encoder: EncoderWeights,
  outputs: number,
  context: EvaluationContext,
  [h, w]: readonly [number, number],
): Cost {
  const { width, sepRepeats } = context.stage1.decoder;
  const scope = Scope.root('inference');
  const { logits } = buildNetwork(scope, input('image', [1, 3, h, w]), {
    genotype,
    encoder: encoder.options,
    decoder: { outputs, width, sepRepeats },
  });
  return costOf(scope, [logits]);
}
