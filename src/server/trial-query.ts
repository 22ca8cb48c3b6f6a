// Which trials a table shows, and in what order: sorted by a column, those of a kind, those whose cell has an op.

import { z } from 'zod';
import { cellOps } from '../core/space/index.js';
import type { ShownTrials, TrialQuery, TrialSort } from './api.js';
import { wholeInAddress } from './server.js';

const sorts = ['index', 'reward', 'score', 'parameters', 'multiplyAdds', 'latency', 'seconds'] as const satisfies readonly TrialSort[];
const kinds = ['all', 'trained', 'failed', 'front'] as const satisfies readonly ShownTrials[];
const costs = ['parameters', 'multiplyAdds', 'latency'] as const;

const oneOf = <const T extends readonly [string, ...string[]]>(names: T) =>
  z.enum(names, { error: ({ input }) => `must be ${names.slice(0, -1).join(', ')} or ${names.at(-1)}, not "${String(input)}"` });

/** The keys of an address. */
export const trialQuerySchema = z.object({
  sort: oneOf(sorts).default('reward'),
  descending: oneOf(['true', 'false'])
    .default('true')
    .transform((text) => text === 'true'),
  show: oneOf(kinds).default('all'),
  /** Of the front. */
  cost: oneOf(costs).default('multiplyAdds'),
  op: wholeInAddress(0)
    .refine((op) => op < cellOps.length, { error: `must be below ${cellOps.length}` })
    .optional(),
});

export const bestFirst: TrialQuery = { sort: 'reward', descending: true, show: 'all', cost: 'multiplyAdds' };
