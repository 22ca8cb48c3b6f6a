// A run's database as the pages see it.

import { taskOf } from '../preset/index.js';
import { bestOf, type FinishedTrial, liveCandidates, type RunFolder, runState, type TrialStore } from '../search/index.js';
import type { RunNews, RunView, TrialPoint, TrialView } from './api.js';

const shownEvents = 50;

export async function runView(name: string, run: RunFolder, store: TrialStore): Promise<RunView> {
  const { preset, seed } = await run.readConfig();
  const { width, height } = preset.validation.framing;
  const task = taskOf(preset, preset.validation.framing);
  const trials = store.finishedSince(0);
  const own = bestOf(trials.map(({ trial }) => trial).filter(({ reusedFrom }) => reusedFrom === undefined));
  return {
    run: name,
    candidates: preset.candidates,
    strategy: preset.strategy,
    seed,
    task: preset.task,
    output: task.description,
    score: task.score,
    decoder: preset.decoder,
    inputSize: [height, width],
    stages: preset.stage2 ? 2 : 1,
    shown: store.shownCount(),
    model: own && (await run.has('best.safetensors')) ? own.index : null,
    ...newsOf(store, trials, trials.length, preset.candidates, task.score),
  };
}

/** What has changed since `observed` trials were told. */
export async function runNews(run: RunFolder, store: TrialStore, observed: number): Promise<RunNews> {
  const { preset } = await run.readConfig();
  const trials = store.finishedSince(observed);
  const { score } = taskOf(preset, preset.validation.framing);
  return newsOf(store, trials, observed + trials.length, preset.candidates, score);
}

function newsOf(store: TrialStore, trials: readonly FinishedTrial[], done: number, candidates: number, score: string): RunNews {
  const state = runState(store, done, candidates);
  return {
    state,
    perHour: store.perHour(),
    live: state === 'running' ? liveCandidates(store) : [],
    trials: trials.map((trial) => pointOf(trial, score)),
    events: store.events().slice(-shownEvents),
  };
}

function pointOf({ observed, finished, trial }: FinishedTrial, score: string): TrialPoint {
  const { index, reward, metrics, parameters, multiplyAdds, latency, stage, policy, genotype, reusedFrom, error } = trial;
  return {
    index,
    observed,
    finished: Date.parse(finished),
    reward,
    score: metrics[score] ?? null,
    parameters,
    multiplyAdds,
    latency: latency ?? null,
    stage,
    entropy: policy.entropy ?? null,
    genotype: JSON.stringify(genotype),
    ...(reusedFrom !== undefined && { reusedFrom }),
    ...(error !== undefined && { error }),
  };
}

/** @returns undefined when there is no such finished trial */
export function trialView(store: TrialStore, index: number): TrialView | undefined {
  const trial = store.trial(index);
  if (!trial) return undefined;
  const shown = store.shownCount();
  const pictures = store.picture(index, 0) ? shown : 0;
  return { trial, epochs: store.epochs(index), breakdown: store.breakdown(index) ?? null, pictures };
}
