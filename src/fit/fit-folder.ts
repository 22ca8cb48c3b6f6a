// A training's folder: config.yaml (what was asked), encoder.safetensors (the encoder it started from),
// checkpoint.safetensors (to go on from), metrics.jsonl (a line per epoch), last.safetensors and best.safetensors (networks).

import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors/index.js';
import { replaceFile } from '../files/index.js';
import { encoderFile, encoderWeightsFrom, type NetworkWeights, networkFile, readSafetensors, writeSafetensors } from '../model/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { trainPresetSchema } from '../preset/index.js';
import { type Checkpoint, checkpointFile, type EpochRecord, readCheckpoint } from './checkpoint.js';

const configSchema = z.object({
  data: z.string(),
  /** As JSON. */
  genotype: z.string(),
  seed: z.number(),
  preset: trainPresetSchema,
});

export type FitConfig = z.infer<typeof configSchema>;

export class FitFolder {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder. @throws UserError when it cannot be written, or holds a training already. */
  static async create(folder: string, config: FitConfig, encoder: EncoderWeights): Promise<FitFolder> {
    const created = new FitFolder(folder);
    if (await exists(created.path('config.yaml')))
      throw new UserError(`--out ${folder}: holds a training already; continue it with --resume ${folder}, or give another folder`);
    try {
      await mkdir(folder, { recursive: true });
      await writeSafetensors(created.path('encoder.safetensors'), encoderFile(encoder));
      // The last: a folder with a configuration is whole.
      await replaceFile(created.path('config.yaml'), stringify(config));
    } catch (error) {
      throw new UserError(`--out ${folder}: cannot be written (${reasonOf(error)}); give another folder`);
    }
    return created;
  }

  static async open(folder: string): Promise<{ folder: FitFolder; config: FitConfig }> {
    const opened = new FitFolder(folder);
    const file = opened.path('config.yaml');
    const text = await readFile(file, 'utf8').catch(() => {
      throw new UserError(`--resume ${folder}: there is no training in it (no config.yaml); give the folder that "train" wrote`);
    });
    const config = configSchema.safeParse(parse(text));
    if (!config.success) throw new UserError(`${file}: not the configuration of a training: ${z.prettifyError(config.error)}`);
    return { folder: opened, config: config.data };
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  async checkpoint(): Promise<Checkpoint | undefined> {
    const file = this.path('checkpoint.safetensors');
    return (await exists(file)) ? readCheckpoint(file) : undefined;
  }

  /** The encoder that the training started from. */
  async readEncoder(): Promise<EncoderWeights> {
    const file = this.path('encoder.safetensors');
    return encoderWeightsFrom(await readSafetensors(file), file);
  }

  writeCheckpoint(checkpoint: Checkpoint): Promise<void> {
    return writeSafetensors(this.path('checkpoint.safetensors'), checkpointFile(checkpoint));
  }

  writeMetrics(history: readonly EpochRecord[]): Promise<void> {
    return replaceFile(this.path('metrics.jsonl'), history.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }

  writeNetwork(which: 'last' | 'best', network: NetworkWeights): Promise<void> {
    return writeSafetensors(this.path(`${which}.safetensors`), networkFile(network));
  }
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
