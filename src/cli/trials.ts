// `trials`: what a search found, as a table, JSON lines or CSV.

import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import type { Objective } from '../core/policy/index.js';
import { frontVolume, paretoFront, pickWithin, RunFolder, type Trial } from '../core/search/index.js';
import { headline, metricName, shareText } from '../core/task/index.js';
import { csvText } from '../library/csv.js';
import { writeSearchEvents } from '../library/tensorboard/search-events.js';
import { replaceFile } from '../platform/node/files/index.js';
import { heldOutFigures, heldOutImages } from './figures-of.js';
import { costBound, objectiveList, parseOptions, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';
import { table } from './table.js';

const trialsSchema = z.object({
  format: z
    .enum(['table', 'jsonl', 'csv'], { error: (issue) => `must be table, jsonl or csv, got "${String(issue.input)}"` })
    .default('table'),
  best: wholeNumber(1).optional(),
  pareto: z.boolean().default(false),
  objectives: objectiveList.optional(),
  pick: costBound.optional(),
  csv: z.string().optional(),
  tensorboard: z.string().optional(),
  overwrite: z.boolean().default(false),
});

export async function trialsCommand(folder: string, raw: unknown): Promise<void> {
  const { format, best, pareto, objectives, pick, csv: csvFile, tensorboard, overwrite } = parseOptions(trialsSchema, raw);
  if (csvFile !== undefined) await refuseTaken([csvFile], { option: '--csv', overwrite, inputs: [folder] });
  if (objectives && !pareto) throw new UserError('--objectives: says what --pareto compares; give that too, or leave it out');
  const run = RunFolder.open(folder);
  const all = await run.readTrials();
  const wanted = pareto ? (objectives ?? (await ownObjectives(run))) : undefined;
  const front = pareto ? paretoFront(all, wanted) : all;
  const trials = pick ? [pickWithin(front, pick.cost, pick.most)] : front;
  const chosen = best === undefined ? trials : byReward(trials).slice(0, best);
  if (tensorboard !== undefined) console.error(await writeSearchEvents(run, tensorboard));
  if (csvFile !== undefined) {
    await replaceFile(csvFile, `${csv(chosen)}\n`);
    console.error(csvFile);
  }
  if (format === 'table') {
    const { preset } = await run.readConfig();
    const images = await heldOutImages(folder, preset);
    console.log(trialTable(trials, { best, images, measured: await measuredLatencies(run) }));
    console.log(heldOutFigures(images, preset));
    if (pareto && !pick)
      console.log(
        `${front.length} of ${all.length}; they dominate ${frontVolume(all, wanted).toFixed(3)} of the box between the worst and the best`,
      );
  } else {
    console.log(format === 'jsonl' ? chosen.map((trial) => JSON.stringify(trial)).join('\n') : csv(chosen));
  }
}

/** Milliseconds of trials that a device timed (`device --of`), by the latest measurement of each. */
async function measuredLatencies(run: RunFolder): Promise<ReadonlyMap<number, number>> {
  const networks = (await run.readMeasurements().catch(sayDamaged)).flatMap((measurement) => measurement.networks);
  return new Map(networks.flatMap(({ trial, measured }) => (trial === undefined ? [] : [[trial, measured.median] as const])));
}

function sayDamaged(error: unknown): [] {
  if (!(error instanceof UserError)) throw error;
  console.error(`note: ${error.message}`);
  return [];
}

/** What the search itself wanted, where it wanted several things. */
async function ownObjectives(run: RunFolder): Promise<Objective[] | undefined> {
  const { preset } = await run.readConfig();
  return preset.strategy === 'nsga2' ? preset.objectives : undefined;
}

function byReward(trials: readonly Trial[]): Trial[] {
  return trials.filter(({ error }) => error === undefined).toSorted((a, b) => b.reward - a.reward);
}

export interface TrialTableOptions {
  /** The best so many, best first; all in order without it. */
  readonly best?: number | undefined;
  /** Of a line; the terminal's without it. */
  readonly width?: number | undefined;
  /** On which they were scored; absent: not known. */
  readonly images?: number | undefined;
  /** Milliseconds on a device, by trial. */
  readonly measured?: ReadonlyMap<number, number> | undefined;
}

export function trialTable(trials: readonly Trial[], { best, width, images, measured = new Map() }: TrialTableOptions = {}): string {
  const chosen = best === undefined ? trials : byReward(trials).slice(0, best);
  const told = headline(chosen.find(({ error }) => error === undefined)?.metrics ?? {});
  const isTimed = chosen.some(({ latency }) => latency !== undefined);
  const isMeasured = chosen.some(({ index }) => measured.has(index));
  const inMilliseconds = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)} ms`);
  const hasGpu = chosen.some(({ device }) => device === 'webgpu');
  const rows = [
    [
      '',
      'reward',
      ...told.map(({ metric }) => metricName(metric)),
      'params',
      'mult-adds',
      ...(isTimed ? ['latency'] : []),
      ...(isMeasured ? ['on device'] : []),
      ...(hasGpu ? ['device'] : []),
      'genotype',
    ],
    ...chosen.map(({ index, reward, metrics, parameters, multiplyAdds, latency, device, genotype, error }) => [
      `#${index}`,
      shareText(reward, images),
      ...told.map(({ metric }) => shareText(metrics[metric] ?? 0, images)),
      `${(parameters / 1e6).toFixed(2)} M`,
      `${(multiplyAdds / 1e9).toFixed(2)} G`,
      ...(isTimed ? [inMilliseconds(latency)] : []),
      ...(isMeasured ? [inMilliseconds(measured.get(index))] : []),
      ...(hasGpu ? [device ?? '–'] : []),
      JSON.stringify(genotype) + (error === undefined ? '' : `  failed: ${error}`),
    ]),
  ];
  return table(rows, width);
}

function csv(trials: readonly Trial[]): string {
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
