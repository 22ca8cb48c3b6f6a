// A run's folder: config.yaml (what was asked), search.db (trials, the strategy's state, events), encoder.safetensors (the
// encoder it works with), taps/ (prepared, while the search is unfinished), best.safetensors (the best network's weights).

import { constants } from 'node:fs';
import { access, mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors/index.js';
import { readBounded, replaceFile } from '../files/index.js';
import { encoderFile, encoderWeightsFrom, type NetworkWeights, networkFile, readSafetensors, writeSafetensors } from '../model/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { presetSchema } from '../preset/index.js';
import { TrialStore } from './store.js';
import type { Trial } from './trial.js';

const configSchema = z.object({
  data: z.string(),
  seed: z.number(),
  hours: z.number().optional(),
  teacher: z.string().optional(),
  limits: z.object({ parameters: z.number().optional(), multiplyAdds: z.number().optional(), latency: z.number().optional() }).optional(),
  reuseFrom: z.string().optional(),
  preset: presetSchema,
});

export type RunConfig = z.infer<typeof configSchema>;

/** As of a preset, with room for paths. */
const mostConfigBytes = 2 ** 17;

export class RunFolder {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder. @throws UserError when it cannot be written, or holds a run already. */
  static async create(folder: string): Promise<RunFolder> {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
    } catch (error) {
      throw new UserError(`--out ${folder}: cannot be written (${reasonOf(error)}); give another folder`);
    }
    const created = new RunFolder(folder);
    if (await created.has('config.yaml'))
      throw new UserError(`--out ${folder}: holds a run already; continue it with --resume ${folder}, or give another folder`);
    return created;
  }

  /** A folder that holds a run. */
  static open(folder: string): RunFolder {
    return new RunFolder(folder);
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  has(name: string): Promise<boolean> {
    return stat(this.path(name)).then(
      () => true,
      () => false,
    );
  }

  writeConfig(config: RunConfig): Promise<void> {
    return replaceFile(this.path('config.yaml'), stringify(config));
  }

  /** @throws UserError when there is no run here, or its configuration is damaged */
  async readConfig(): Promise<RunConfig> {
    const file = this.path('config.yaml');
    const bytes = await readBounded(file, mostConfigBytes).catch((error: unknown) => {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      throw new UserError(
        missing ? `${this.folder}: there is no search in it (no config.yaml)` : `${file}: cannot be read (${reasonOf(error)})`,
      );
    });
    const text = new TextDecoder().decode(bytes);
    const config = configSchema.safeParse(parseYaml(text, file));
    if (!config.success) throw new UserError(`${file}: not the configuration of a search: ${z.prettifyError(config.error)}`);
    return config.data;
  }

  writeEncoder(encoder: EncoderWeights): Promise<void> {
    return writeSafetensors(this.path('encoder.safetensors'), encoderFile(encoder));
  }

  async readEncoder(): Promise<EncoderWeights> {
    const file = this.path('encoder.safetensors');
    return encoderWeightsFrom(await readSafetensors(file), file);
  }

  openStore(): TrialStore {
    return TrialStore.open(this.path('search.db'));
  }

  /** For looking only. @throws UserError when there is no run here */
  async look(): Promise<TrialStore> {
    if (!(await this.has('search.db'))) throw new UserError(`${this.folder}: there is no search in it (no search.db)`);
    return TrialStore.open(this.path('search.db'), { readonly: true });
  }

  async readTrials(): Promise<Trial[]> {
    const store = await this.look();
    try {
      return store.trials();
    } finally {
      store.close();
    }
  }

  writeBest(network: NetworkWeights): Promise<void> {
    return writeSafetensors(this.path('best.safetensors'), networkFile(network));
  }

  /** What only an unfinished search needs. */
  async tidy(): Promise<void> {
    await rm(this.path('taps'), { recursive: true, force: true });
  }
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UserError(`${file}: not YAML: ${reasonOf(error)}`);
  }
}
