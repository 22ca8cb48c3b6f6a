// A training that can go on: its position and history in one safetensors file.

import { z } from 'zod';
import { readSafetensors, type WeightFile, WeightsError } from '../model/index.js';
import type { TrainingPosition } from '../train/index.js';

const epochSchema = z.object({
  epoch: z.number(),
  loss: z.number(),
  /** Of this epoch, steps alone. */
  seconds: z.number(),
  /** Absent where the epoch was not validated. */
  metrics: z.record(z.string(), z.number()).optional(),
});

export type EpochRecord = z.infer<typeof epochSchema>;

export interface Checkpoint {
  readonly position: TrainingPosition;
  readonly history: readonly EpochRecord[];
  /** Seconds of the epoch at hand so far. */
  readonly seconds: number;
}

const stateSchema = z.object({
  epoch: z.number().int().nonnegative(),
  step: z.number().int().nonnegative(),
  loss: z.number(),
  seconds: z.number(),
  history: z.array(epochSchema),
});

const key = 'training';

export function checkpointFile({ position, history, seconds }: Checkpoint): WeightFile {
  const { epoch, step, loss, vectors } = position;
  const tensors = new Map([...vectors].map(([name, data]) => [name, { shape: [data.length], data }]));
  return { tensors, metadata: { [key]: JSON.stringify({ epoch, step, loss, seconds, history }) } };
}

export async function readCheckpoint(file: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(file);
  const fail = (): WeightsError => new WeightsError(`${file}: not a checkpoint; remove the folder and train anew`);
  let json: unknown;
  try {
    json = JSON.parse(metadata[key] ?? '');
  } catch {
    throw fail();
  }
  const state = stateSchema.safeParse(json);
  if (!state.success) throw fail();
  const { history, seconds, ...position } = state.data;
  const vectors = new Map([...tensors].map(([name, { data }]) => [name, data]));
  return { position: { ...position, vectors }, history, seconds };
}
