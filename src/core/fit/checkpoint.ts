// A training that can go on: its position and history in one safetensors file.

import { z } from 'zod';
import { readSafetensors, type WeightFile, WeightsError } from '../model/index.js';
import type { TrainingPosition } from '../train/index.js';

export const epochSchema = z.object({
  /** From 1, over all stages. */
  epoch: z.number(),
  /** 1: of the decoder alone. */
  stage: z.literal(1).optional(),
  loss: z.number(),
  /** Of this epoch, steps alone. */
  seconds: z.number(),
  /** Absent where the epoch was not validated. */
  metrics: z.record(z.string(), z.number()).optional(),
});

export type EpochRecord = z.infer<typeof epochSchema>;

export interface Checkpoint {
  /** 1: of the decoder alone; absent: of the whole network. */
  readonly stage?: 1 | undefined;
  readonly position: TrainingPosition;
  readonly history: readonly EpochRecord[];
  /** Seconds of the epoch at hand so far. */
  readonly seconds: number;
}

const stateSchema = z.object({
  stage: z.literal(1).optional(),
  epoch: z.number().int().nonnegative(),
  step: z.number().int().nonnegative(),
  loss: z.number(),
  seconds: z.number(),
  history: z.array(epochSchema),
});

const key = 'training';

export function checkpointFile({ stage, position, history, seconds }: Checkpoint): WeightFile {
  const { epoch, step, loss, vectors } = position;
  const tensors = new Map([...vectors].map(([name, data]) => [name, { shape: [data.length], data }]));
  return { tensors, metadata: { [key]: JSON.stringify({ stage, epoch, step, loss, seconds, history }) } };
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
  const { stage, history, seconds, ...position } = state.data;
  const vectors = new Map([...tensors].map(([name, { data }]) => [name, data]));
  return { stage, position: { ...position, vectors }, history, seconds };
}
