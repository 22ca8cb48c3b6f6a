// A trial's record as any version may have written it: what cannot be understood is left out, and the rest is shown.

import { z } from 'zod';
import { parseJson } from '../core/errors/index.js';
import type { StoredRow } from '../core/search/index.js';
import type { TrialRow } from './api.js';

const figure = z.number().nullable().catch(null);

const recordSchema = z.object({
  metrics: z.record(z.string(), figure).catch({}),
  parameters: figure,
  multiplyAdds: figure,
  latency: z.number().optional().catch(undefined),
  seconds: z.object({ training: z.number(), validation: z.number() }).optional().catch(undefined),
  device: z.string().optional().catch(undefined),
  reusedFrom: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
});

export type StoredTrial = z.infer<typeof recordSchema>;

export function storedTrial({ record }: Pick<StoredRow, 'record'>): StoredTrial {
  const parsed = recordSchema.safeParse(parseJson(record));
  if (parsed.success) return parsed.data;
  return {
    metrics: {},
    parameters: null,
    multiplyAdds: null,
    error: 'its record cannot be read',
  };
}

/** @param score the metric beside the reward */
export function rowOf(row: StoredRow, score: string): TrialRow {
  const { metrics, parameters, multiplyAdds, latency, seconds, reusedFrom, error } = storedTrial(row);
  return {
    index: row.idx,
    reward: row.reward,
    score: Object.hasOwn(metrics, score) ? (metrics[score] ?? null) : null,
    parameters,
    multiplyAdds,
    latency: latency ?? null,
    seconds: seconds ? seconds.training + seconds.validation : null,
    genotype: row.genotype,
    ...(reusedFrom !== undefined && { reusedFrom }),
    ...(error !== undefined && { error }),
  };
}
