// What a table of trials shows, in the address: `sort=reward&descending=false&show=front&op=3`. What is usual is not written.

import type { ShownTrials, TrialQuery, TrialSort } from '../../src/server/api.js';
import { cellOps } from '../../src/core/space/ops.js';
import { costNames } from './charts';

export const sorts = [
  'index',
  'reward',
  'score',
  'parameters',
  'multiplyAdds',
  'latency',
  'seconds',
] as const satisfies readonly TrialSort[];
export const shownTrials = ['all', 'trained', 'front', 'failed'] as const satisfies readonly ShownTrials[];

/** Best first, all of them. */
const usual: TrialQuery = { sort: 'reward', descending: true, show: 'all', cost: 'multiplyAdds' };

/** What somebody wrote wrongly into the address counts as not written. */
export function queryOf(chosen: URLSearchParams): TrialQuery {
  const op = Number(chosen.get('op') ?? Number.NaN);
  return {
    sort: sorts.find((name) => name === chosen.get('sort')) ?? usual.sort,
    descending: chosen.get('descending') !== 'false',
    show: shownTrials.find((name) => name === chosen.get('show')) ?? usual.show,
    cost: costNames.find((name) => name === chosen.get('cost')) ?? usual.cost,
    ...(Number.isInteger(op) && op >= 0 && op < cellOps.length && { op }),
  };
}

/** For an address, where what is usual may be left out. */
export function queryText({ sort, descending, show, cost, op }: TrialQuery): string {
  const text = new URLSearchParams();
  if (sort !== usual.sort) text.set('sort', sort);
  if (!descending) text.set('descending', 'false');
  if (show !== usual.show) text.set('show', show);
  if (cost !== usual.cost) text.set('cost', cost);
  if (op !== undefined) text.set('op', String(op));
  return text.toString();
}
