// `trials`: what a search found, as a table, JSON lines or CSV. `runs`: the searches there are.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { inspectRun, RunFolder, type RunEntry, type Trial } from '../core/search/index.js';
import { headline, metricName } from '../core/task/index.js';
import { parseOptions, wholeNumber } from './options.js';

const trialsSchema = z.object({
  format: z
    .enum(['table', 'jsonl', 'csv'], { error: (issue) => `must be table, jsonl or csv, got "${String(issue.input)}"` })
    .default('table'),
  best: wholeNumber(1).optional(),
  pareto: z.boolean().default(false),
});

export async function trialsCommand(folder: string, raw: unknown): Promise<void> {
  const { format, best, pareto } = parseOptions(trialsSchema, raw);
  const all = await RunFolder.open(folder).readTrials();
  const trials = pareto ? paretoFront(all) : all;
  if (format === 'table') console.log(trialTable(trials, { best }));
  else {
    const chosen = best === undefined ? trials : byReward(trials).slice(0, best);
    console.log(format === 'jsonl' ? chosen.map((trial) => JSON.stringify(trial)).join('\n') : csv(chosen));
  }
}

function byReward(trials: readonly Trial[]): Trial[] {
  return trials.filter(({ error }) => error === undefined).toSorted((a, b) => b.reward - a.reward);
}

/** Those that no other one beats in reward, parameters, multiply-adds and (where it was measured) latency at once, the smallest first. */
export function paretoFront(trials: readonly Trial[]): Trial[] {
  const trained = trials.filter(({ error, reusedFrom }) => error === undefined && reusedFrom === undefined);
  const latency = (trial: Trial): number => trial.latency ?? 0;
  const beats = (a: Trial, b: Trial): boolean =>
    a.reward >= b.reward &&
    a.parameters <= b.parameters &&
    a.multiplyAdds <= b.multiplyAdds &&
    latency(a) <= latency(b) &&
    (a.reward > b.reward || a.parameters < b.parameters || a.multiplyAdds < b.multiplyAdds || latency(a) < latency(b));
  return trained.filter((b) => !trained.some((a) => beats(a, b))).toSorted((a, b) => a.multiplyAdds - b.multiplyAdds);
}

/** @param options.best the best so many, best first; all in order without it */
export function trialTable(trials: readonly Trial[], { best }: { readonly best?: number | undefined } = {}): string {
  const chosen = best === undefined ? trials : byReward(trials).slice(0, best);
  const told = headline(chosen.find(({ error }) => error === undefined)?.metrics ?? {});
  const rows = [
    ['', 'reward', ...told.map(({ metric }) => metricName(metric)), 'params', 'mult-adds', 'genotype'],
    ...chosen.map(({ index, reward, metrics, parameters, multiplyAdds, genotype, error }) => [
      `#${index}`,
      reward.toFixed(4),
      ...told.map(({ metric }) => (metrics[metric] ?? 0).toFixed(4)),
      `${(parameters / 1e6).toFixed(2)} M`,
      `${(multiplyAdds / 1e9).toFixed(2)} G`,
      JSON.stringify(genotype) + (error === undefined ? '' : `  failed: ${error}`),
    ]),
  ];
  return aligned(rows);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, c) => (c === row.length - 1 ? cell : cell.padEnd(widths[c] ?? 0))).join('  ')).join('\n');
}

function csv(trials: readonly Trial[]): string {
  const metrics = [...new Set(trials.flatMap((trial) => Object.keys(trial.metrics)))];
  const quoted = (value: unknown): string => {
    const text = value === undefined || value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const head = [
    'index',
    'reward',
    ...metrics,
    'loss',
    'parameters',
    'multiplyAdds',
    'latency',
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
    t.stage,
    t.seed,
    t.seconds.training,
    t.seconds.validation,
    t.reusedFrom,
    t.error,
    JSON.stringify(t.genotype),
  ]);
  return [head, ...rows].map((row) => row.map(quoted).join(',')).join('\n');
}

/** `runs`: every search below a folder, with its state, best reward and pace. */
export async function runsCommand(folder: string, raw: unknown): Promise<void> {
  const { json } = parseOptions(z.object({ json: z.boolean().default(false) }), raw);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new UserError(`${folder}: there is no such folder`);
  });
  const rows: RunEntry[] = [];
  for (const name of entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()) {
    const row = await inspectRun(path.join(folder, name));
    if (row) rows.push(row);
  }
  if (rows.length === 0) throw new UserError(`${folder}: there is no search in it`);
  if (json) {
    console.log(rows.map((row) => JSON.stringify(row)).join('\n'));
    return;
  }
  console.log(
    aligned([
      ['run', 'state', 'done', 'best', 'per hour', 'strategy'],
      ...rows.map((row) => {
        if (row.state === 'damaged') return [row.run, row.state, '–', '–', '–', row.reason];
        const { run, state, done, candidates, best, perHour, strategy } = row;
        return [
          run,
          state,
          `${done}/${candidates}`,
          best === null ? '–' : best.toFixed(4),
          perHour === null ? '–' : perHour.toFixed(1),
          strategy,
        ];
      }),
    ]),
  );
}
