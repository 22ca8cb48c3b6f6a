// What figures are called, with their units, wherever people read them: one table for pages, tables and messages.

import type { Metrics } from './task.js';

/** In the order in which they are told. What is not a share of 1 says its unit. */
const names: Readonly<Record<string, string>> = {
  meanIoU: 'mean IoU',
  frequencyWeightedIoU: 'frequency-weighted IoU',
  pixelAccuracy: 'pixel accuracy',
  meanAccuracy: 'mean accuracy',
  pck: 'PCK@0.2',
  pckh: 'PCKh@0.5',
  pckBox: 'PCK@0.2 of the box',
  pckBoxStrict: 'PCK@0.05 of the box',
  oksAP: 'OKS AP',
  oksAP50: 'OKS AP50',
  oksAP75: 'OKS AP75',
  oksAPmedium: 'OKS AP medium',
  oksAPlarge: 'OKS AP large',
  oksAR: 'OKS AR',
  delta1: 'δ < 1.25',
  delta2: 'δ < 1.25²',
  delta3: 'δ < 1.25³',
  rmse: 'RMSE (m)',
  rmseLog: 'RMSE of ln',
  log10: 'mean |log10|',
  absRel: 'absolute relative error',
  sqRel: 'squared relative error',
};

const order = Object.keys(names);

/** What people are told first. */
const first: ReadonlySet<string> = new Set(['meanIoU', 'pixelAccuracy', 'pck', 'pckh', 'pckBox', 'oksAP', 'delta1', 'rmse']);

/** Of those there are, in this order; PCK of the box only where neither torsos nor heads can be measured by. */
export function headline(metrics: Metrics): { readonly metric: string; readonly name: string; readonly value: number }[] {
  const hasBetter = metrics['pck'] !== undefined || metrics['pckh'] !== undefined;
  return order.flatMap((metric) => {
    const value = metrics[metric];
    const isTold = first.has(metric) && !(metric === 'pckBox' && hasBetter);
    return value === undefined || !isTold ? [] : [{ metric, name: metricName(metric), value }];
  });
}

/** For people; of a metric that this version does not know its key. */
export function metricName(metric: string): string {
  return Object.hasOwn(names, metric) ? (names[metric] ?? metric) : metric;
}

/** In the order in which they are told; those that this version does not know come last. */
export function orderedMetrics<T>(metrics: Readonly<Record<string, T>>): [metric: string, value: T][] {
  const place = (metric: string): number => (Object.hasOwn(names, metric) ? order.indexOf(metric) : order.length);
  return Object.entries(metrics).toSorted(([a], [b]) => place(a) - place(b));
}
