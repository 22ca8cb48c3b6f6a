// A search's trials as a table for a terminal.

import { type Trial, byReward } from '../core/search/index.js';
import { headline, metricName, shareText } from '../core/task/index.js';
import { table } from './table.js';

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
