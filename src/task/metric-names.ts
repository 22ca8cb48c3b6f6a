// The figures that people are told first, and their names.

import type { Metrics } from './task.js';

const known: readonly (readonly [metric: string, name: string])[] = [
  ['meanIoU', 'mIoU'],
  ['pixelAccuracy', 'pixel acc.'],
  ['pck', 'PCK@0.2'],
  ['pckh', 'PCKh@0.5'],
  ['oksAP', 'OKS AP'],
  ['delta1', 'δ < 1.25'],
  ['rmse', 'RMSE (m)'],
];

/** Of those there are, in this order. */
export function headline(metrics: Metrics): { readonly metric: string; readonly name: string; readonly value: number }[] {
  return known.flatMap(([metric, name]) => {
    const value = metrics[metric];
    return value === undefined ? [] : [{ metric, name, value }];
  });
}

export function metricName(metric: string): string {
  return known.find(([key]) => key === metric)?.[1] ?? metric;
}
