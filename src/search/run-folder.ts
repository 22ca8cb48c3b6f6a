// A run's folder: config.yaml (what was asked), trials.jsonl (a line per architecture), controller.json (the strategy's
// state), best.safetensors (the best network's weights). Whole files are replaced in one step.

import { constants } from 'node:fs';
import { access, appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors/index.js';
import { replaceFile } from '../files/index.js';
import { type NetworkWeights, networkFile, writeSafetensors } from '../model/index.js';

const genotypeJson = z.tuple([z.array(z.union([z.number(), z.array(z.number())])), z.array(z.array(z.number()))]);

export const trialSchema = z.object({
  index: z.number(),
  genotype: genotypeJson,
  /** Equal for equal networks. */
  key: z.string(),
  reward: z.number(),
  metrics: z.record(z.string(), z.number()),
  /** Mean training loss of the last epoch; null when training failed. */
  loss: z.number().nullable(),
  parameters: z.number(),
  multiplyAdds: z.number(),
  /** Whole network at this input, [height, width]. */
  inputSize: z.tuple([z.number(), z.number()]),
  /** Where training ended: 1, 2, or 0 when it failed. */
  stage: z.number(),
  seed: z.number(),
  seconds: z.object({ training: z.number(), validation: z.number() }),
  policy: z.object({ logProbability: z.number().optional(), entropy: z.number().optional(), baseline: z.number().optional() }),
  error: z.string().optional(),
});

export type Trial = z.infer<typeof trialSchema>;

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
    const exists = await stat(path.join(folder, 'trials.jsonl')).then(
      () => true,
      () => false,
    );
    if (exists) throw new UserError(`--out ${folder}: holds a run already; give another folder or remove this one`);
    return new RunFolder(folder);
  }

  /** A folder that holds a run. */
  static open(folder: string): RunFolder {
    return new RunFolder(folder);
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  async writeConfig(config: unknown): Promise<void> {
    await replaceFile(this.path('config.yaml'), stringify(config));
    await writeFile(this.path('trials.jsonl'), '');
  }

  appendTrial(trial: Trial): Promise<void> {
    return appendFile(this.path('trials.jsonl'), `${JSON.stringify(trial)}\n`);
  }

  writeController(state: unknown): Promise<void> {
    return replaceFile(this.path('controller.json'), JSON.stringify(state));
  }

  writeBest(network: NetworkWeights): Promise<void> {
    return writeSafetensors(this.path('best.safetensors'), networkFile(network));
  }

  /** @throws UserError when there is no run here */
  async readTrials(): Promise<Trial[]> {
    const text = await readFile(this.path('trials.jsonl'), 'utf8').catch(() => {
      throw new UserError(`${this.folder}: there is no search in it (no trials.jsonl)`);
    });
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => trialSchema.parse(JSON.parse(line)));
  }
}
