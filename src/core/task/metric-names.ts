// The figures that people are told first, and their names.

import type { Metrics } from './task.js';

const known: readonly (readonly [metric: string, name: string])[] = [
  ['meanIoU', 'mIoU'],
  ['pixelAccuracy', 'pixel acc.'],
  ['pck', 'PCK@0.2'],
  ['pckh', 'PCKh@0.5'],
  ['pckBox', 'PCK@0.2 of the box'],
  ['oksAP', 'OKS AP'],
  ['delta1', 'δ < 1.25'],
  ['rmse', 'RMSE (m)'],
];

/** Of those there are, in this order; PCK of the box only where neither torsos nor heads can be measured by. */
export function headline(metrics: Metrics): { readonly metric: string; readonly name: string; readonly value: number }[] {
  const hasBetter = metrics['pck'] !== undefined || metrics['pckh'] !== undefined;
  return known.flatMap(([metric, name]) => {
    const value = metrics[metric];
    return value === undefined || (metric === 'pckBox' && hasBetter) ? [] : [{ metric, name, value }];
  });
}

export function metricName(metric: string): string {
  return known.find(([key]) => key === metric)?.[1] ?? metric;
}
