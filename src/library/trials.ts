// What a search found: all of its trials, those that no other one beats, or the one for a bound.

import { UserError } from '../core/errors/index.js';
import type { Objective } from '../core/policy/index.js';
import type { Preset } from '../core/preset/index.js';
import { byReward, frontVolume, paretoFront, pickWithin, RunFolder, type Trial } from '../core/search/index.js';
import { csvText } from './csv.js';
import { type Reporter, silent } from './reporter.js';

export interface ReadTrialsOptions {
  /** The best so many, best first; absent: all, in order. */
  readonly best?: number | undefined;
  /** Only those that no other one beats in all objectives at once: these, or the search's own (nsga2), or the reward and whatever was measured. */
  readonly pareto?: boolean | readonly Objective[] | undefined;
  /** Only the one of highest reward that costs at most so much. @throws UserError where there is none */
  readonly pick?: { readonly cost: Exclude<Objective, 'reward'>; readonly most: number } | undefined;
  /** Is told of measurements that cannot be read. */
  readonly reporter?: Reporter | undefined;
}

export interface ReadTrials {
  readonly trials: readonly Trial[];
  /** By which the search was begun. */
  readonly preset: Preset;
  /** Of `pareto`: how many it is, of how many, and what share of the box between the worst and the best it dominates. */
  readonly front?: { readonly size: number; readonly of: number; readonly volume: number } | undefined;
  /** Milliseconds of trials that a device timed (`measureTrials`), by number and the latest measurement of each. */
  readonly measured: ReadonlyMap<number, number>;
}

/** @param folder of a search, also of one that goes on @throws UserError where there is none */
export async function readTrials(folder: string, options: ReadTrialsOptions = {}): Promise<ReadTrials> {
  const { best, pareto = false, pick, reporter = silent } = options;
  const run = RunFolder.open(folder);
  const all = await run.readTrials();
  const { preset } = await run.readConfig();
  const own = preset.strategy === 'nsga2' ? preset.objectives : undefined;
  const objectives = typeof pareto === 'boolean' ? own : pareto;
  const front = pareto === false ? all : paretoFront(all, objectives);
  const wanted = pick ? [pickWithin(front, pick.cost, pick.most)] : front;
  return {
    trials: best === undefined ? wanted : byReward(wanted).slice(0, best),
    preset,
    front: pareto === false ? undefined : { size: front.length, of: all.length, volume: frontVolume(all, objectives) },
    measured: await measuredLatencies(run, reporter),
  };
}

async function measuredLatencies(run: RunFolder, reporter: Reporter): Promise<ReadonlyMap<number, number>> {
  const measurements = await run.readMeasurements().catch((error: unknown): [] => {
    if (!(error instanceof UserError)) throw error;
    reporter.print(`note: ${error.message}`);
    return [];
  });
  const networks = measurements.flatMap((measurement) => measurement.networks);
  return new Map(networks.flatMap(({ trial, measured }) => (trial === undefined ? [] : [[trial, measured.median] as const])));
}

/** A line a trial, with all its figures, as spreadsheets read it. */
export function trialsCsv(trials: readonly Trial[]): string {
  const metrics = [...new Set(trials.flatMap((trial) => Object.keys(trial.metrics)))];
  const head = [
    'index',
    'reward',
    ...metrics,
    'loss',
    'parameters',
    'multiplyAdds',
    'latency',
    'modelBytes',
    'stage',
    'seed',
    'training_s',
    'validation_s',
    'reusedFrom',
    'error',
    'genotype',
  ];
  const rows = trials.map((t) => [
    t.index,
    t.reward,
    ...metrics.map((name) => t.metrics[name]),
    t.loss,
    t.parameters,
    t.multiplyAdds,
    t.latency,
    t.modelBytes,
    t.stage,
    t.seed,
    t.seconds.training,
    t.seconds.validation,
    t.reusedFrom,
    t.error,
    JSON.stringify(t.genotype),
  ]);
  return csvText([head, ...rows]);
}
