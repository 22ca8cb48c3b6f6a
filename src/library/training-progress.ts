// How far the epoch at hand of a training is, for whoever looks on: progress.json in its folder, while it works.

import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../core/errors/index.js';
import { readOwn } from '../platform/node/files/index.js';
import type { FullStepReport } from '../core/train/index.js';

const progressSchema = z.object({
  /** From 0, over all stages. */
  epoch: z.number().int().nonnegative(),
  step: z.number().int().nonnegative(),
  stepsPerEpoch: z.number().int().positive(),
  loss: z.number().nullable(),
});

export type TrainingProgress = z.infer<typeof progressSchema>;

/** Milliseconds from one writing to the next. */
const writeEvery = 1000;

const fileOf = (folder: string): string => path.join(folder, 'progress.json');

/** Undefined where no step was made, or it is just being written. */
export async function readProgress(folder: string): Promise<TrainingProgress | undefined> {
  const bytes = await readOwn(fileOf(folder), 65_536);
  return progressSchema.safeParse(bytes && parseJson(new TextDecoder().decode(bytes))).data;
}

export class ProgressFile {
  readonly #file: string;
  #last = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#file = fileOf(folder);
  }

  /** Nobody waits for it, and a training does not end because it could not be written. */
  tell({ epoch, step, stepsPerEpoch, loss }: FullStepReport): void {
    const now = performance.now();
    if (now - this.#last < writeEvery) return;
    this.#last = now;
    const text = JSON.stringify({ epoch, step, stepsPerEpoch, loss: Number.isFinite(loss) ? loss : null });
    this.#writing = this.#writing.then(() => writeFile(this.#file, text)).catch(() => {});
  }

  /** Nothing is at hand any more. */
  async end(): Promise<void> {
    await this.#writing;
    await rm(this.#file, { force: true }).catch(() => {});
  }
}
