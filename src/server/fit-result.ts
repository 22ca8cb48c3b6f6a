// A fit's metrics.json as the pages show it. What another version wrote otherwise is left out.

import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../core/errors/index.js';
import { readOwn } from '../platform/node/files/index.js';
import type { FitResult } from './api.js';

const figure = z.number().nullable().catch(null);

const listSchema = z
  .object({
    images: z.number(),
    metrics: z.record(z.string(), figure),
    intervals: z.array(z.object({ name: z.string(), value: figure, low: figure, high: figure })).catch([]),
  })
  .transform(({ images, metrics, intervals: parts }) => ({ images, metrics, parts }));

const resultSchema = z.intersection(
  listSchema,
  z.object({ test: listSchema.nullable().default(null).catch(null), parameters: figure, bytes: figure }),
);

/** A file larger than this is none of ours. */
const mostBytes = 2 ** 20;

/** Undefined where there is none. */
export async function readResult(folder: string): Promise<FitResult | undefined> {
  const bytes = await readOwn(path.join(folder, 'metrics.json'), mostBytes);
  return resultSchema.safeParse(bytes && parseJson(new TextDecoder().decode(bytes))).data;
}
