// Networks timed on a device as they are, to be held beside what was predicted of them.

import { z } from 'zod';
import { parseJson, UserError } from '../errors/index.js';
import type { Runtime } from '../runtime/index.js';
import { parseArchitecture } from '../space/index.js';
import { cutNetwork, type PieceSetting } from './pieces.js';
import { whereSchema } from './profile.js';
import { timeNetworks, type TimingOptions } from './time-probes.js';

const milliseconds = z.number().nonnegative();

const timedSchema = z.object({
  /** A genotype as JSON, or a hand-designed decoder's name. */
  architecture: z.string(),
  /** Of a search, where it is of one. */
  trial: z.number().int().positive().optional(),
  /** From the device's profile, where there was one. */
  predicted: milliseconds.optional(),
});

/** A network that a device is to time. */
export type LatencyTask = z.infer<typeof timedSchema>;

/** One image's time: the median of a network's runs, and their quartiles. */
const quartilesSchema = z
  .object({ median: z.number().positive(), low: milliseconds, high: milliseconds })
  .refine(({ low, median, high }) => low <= median && median <= high, 'the median must lie between the quartiles');

export type Quartiles = z.infer<typeof quartilesSchema>;

export const latencyMeasurementSchema = z.object({
  kind: z.literal('auxcell latency'),
  version: z.literal(1),
  auxcell: z.string(),
  /** When, as ISO 8601. */
  made: z.string(),
  ...whereSchema,
  /** Of images. */
  size: z.object({ width: z.number().int().positive(), height: z.number().int().positive() }),
  networks: z.array(timedSchema.extend({ measured: quartilesSchema })).min(1),
});

/** What a device found out about some networks. */
export type LatencyMeasurement = z.infer<typeof latencyMeasurementSchema>;

/** @param source for messages @throws UserError when the text is no such measurement */
export function parseLatencyMeasurement(text: string, source: string): LatencyMeasurement {
  const result = latencyMeasurementSchema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UserError(
    `${source}: is no measurement of networks (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}); give the file that the page of auxcell device offered`,
  );
}

/** @param runtime of the device, as a profile is measured */
export async function timeTasks(
  runtime: Runtime,
  tasks: readonly LatencyTask[],
  { setting, ...options }: TimingOptions & { readonly setting: PieceSetting },
): Promise<LatencyMeasurement['networks']> {
  const networks = tasks.map(({ architecture }) => cutNetwork(parseArchitecture(architecture), setting));
  const runs = await timeNetworks(runtime, networks, options);
  return tasks.map((task, i) => ({ ...task, measured: quartilesOf(runs[i] ?? []) }));
}

/** @param sorted microseconds, in ascending order */
function quartilesOf(sorted: readonly number[]): Quartiles {
  const at = (share: number): number => Number(((sorted[Math.round(share * (sorted.length - 1))] ?? 0) / 1000).toPrecision(5));
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
