// The trials that a table shows, in its order, with all their figures.

import { taskOf } from '../core/preset/index.js';
import { orderedMetrics } from '../core/task/index.js';
import { csvText } from '../library/csv.js';
import type { TrialQuery } from './api.js';
import type { OpenRun } from './run-library.js';
import { rowOf, storedTrial } from './stored-trial.js';

export async function trialsCsv({ config, store, columns }: OpenRun, query: TrialQuery): Promise<string> {
  const { score } = taskOf(config.preset, config.preset.validation.framing);
  const trials = (await columns.select(query)).flatMap((index) => {
    const row = store.row(index);
    return row ? [{ ...rowOf(row, score), metrics: storedTrial(row).metrics }] : [];
  });
  const known = new Set(trials.flatMap(({ metrics }) => Object.keys(metrics)));
  const names = orderedMetrics(Object.fromEntries([...known].map((name) => [name, 0]))).map(([name]) => name);
  const head = ['index', 'reward', ...names, 'parameters', 'multiplyAdds', 'latency', 'seconds', 'reusedFrom', 'error', 'genotype'];
  const rows = trials.map(({ index, reward, metrics, parameters, multiplyAdds, latency, seconds, reusedFrom, error, genotype }) => [
    index,
    reward,
    ...names.map((name) => metrics[name]),
    parameters,
    multiplyAdds,
    latency,
    seconds,
    reusedFrom,
    error,
    genotype,
  ]);
  return `${csvText([head, ...rows])}\n`;
}
