// What a fit is about and how far it is: fit.json in its folder.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { exists } from '../../core/data/index.js';
import { deviceProfileSchema } from '../../core/device/index.js';
import { parseJson, UserError } from '../../core/errors/index.js';
import { taskNames } from '../../core/task/index.js';
import { replaceFile } from '../../platform/node/files/index.js';

const count = z.number().int().positive();

const planSchema = z.object({
  /** Seconds that what comes after the trainings takes. */
  ending: z.number().nonnegative(),
  /** Augmented samples of the first stage. */
  samples: count,
  /** Of the architectures that are trained, in the order of their rewards. */
  networks: z
    .array(
      z.object({
        genotype: z.string(),
        /** Epochs of the decoder alone, which all have; of the whole network, which the best of them has; from one validation to the next. */
        first: count,
        epochs: count,
        every: count,
      }),
    )
    .min(1),
});

const stateSchema = z.object({
  version: z.string(),
  /** When, ISO; absent in fits of earlier versions. */
  begun: z.string().optional(),
  data: z.string(),
  /** Where the folder did not tell. */
  task: z.enum(taskNames).optional(),
  depthScale: z.number().optional(),
  classes: z.array(z.string()).optional(),
  ignore: z.number().int().optional(),
  /** That were given for all of it. */
  seconds: z.number().positive(),
  seed: z.number().int(),
  maxLatency: z.number().optional(),
  target: deviceProfileSchema.optional(),
  /** Seconds of work so far, of all sessions. */
  spent: z.number().nonnegative(),
  /** The search begins no architecture after so many. */
  searchUntil: z.number().optional(),
  searched: z.boolean(),
  plan: planSchema.optional(),
  /** The time is over, or the best is trained to its last epoch. */
  trained: z.boolean(),
  /** What it leaves is written, of the trained network: nothing is left to do. Absent in fits of earlier versions. */
  finished: z.boolean().optional(),
});

export type FitState = z.infer<typeof stateSchema>;
export type SettledPlan = z.infer<typeof planSchema>;

const name = 'fit.json';

export function holdsFit(folder: string): Promise<boolean> {
  return exists(path.join(folder, name));
}

/** Whether nothing is left to do. @throws UserError where there is none, or it is damaged */
export async function isFinished(folder: string): Promise<boolean> {
  return (await readState(folder)).finished === true;
}

/** @throws UserError where there is none, or it is damaged */
export async function readState(folder: string): Promise<FitState> {
  const file = path.join(folder, name);
  const text = await readFile(file, 'utf8').catch((): never => {
    throw new UserError(`${folder}: there is no fit in it (no ${name}); give the folder that one wrote`);
  });
  const state = stateSchema.safeParse(parseJson(text));
  if (!state.success) throw new UserError(`${file}: cannot be read; begin anew in another folder, or put the file back`);
  return state.data;
}

export function writeState(folder: string, state: FitState): Promise<void> {
  return replaceFile(path.join(folder, name), `${JSON.stringify(state, null, 2)}\n`);
}
