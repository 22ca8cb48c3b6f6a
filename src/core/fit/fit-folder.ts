// A training's folder: config.yaml (what was asked), encoder.safetensors (the encoder it started from),
// checkpoint.safetensors (to go on from), taps/ and decoder.safetensors (the encoder's
// outputs during the first stage, and what that ended with), metrics.jsonl (a line per epoch), last.safetensors and best.safetensors (networks),
// begun.json (what it was begun with), owner.lock and owner.json (whose work it is).

import { stringify } from 'yaml';
import { z } from 'zod';
import { exists, requireUnused } from '../data/index.js';
import { parseJson, reasonOf, UserError } from '../errors/index.js';
import { type FolderLock, files, minorVersion, ownText, path, platform, whoHolds } from '../platform/index.js';
import { encoderFile, encoderWeightsFrom, type NetworkWeights, networkFile, readSafetensors, writeSafetensors } from '../model/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { differentKeys, mostConfigBytes, parseConfig, trainPresetSchema } from '../preset/index.js';
import { type Checkpoint, checkpointFile, type EpochRecord, readCheckpoint } from './checkpoint.js';

const configSchema = z.object({
  data: z.string(),
  /** As JSON, or a hand-designed decoder's name. */
  genotype: z.string(),
  seed: z.number(),
  preset: trainPresetSchema,
});

export type FitConfig = z.infer<typeof configSchema>;

const begunSchema = z.object({
  version: z.string(),
  genotype: z.string(),
  seed: z.number(),
  preset: trainPresetSchema,
  /** Fingerprints of the contents. */
  data: z.string(),
  encoder: z.string(),
});

/** What a training is about: it goes on only where that is the same. */
export type FitSetting = z.infer<typeof begunSchema>;

/** What differs, for people; none where the training goes on as if it had not been interrupted. */
export function fitDifferences(begun: FitSetting, now: FitSetting): string[] {
  const differences: string[] = [];
  const was = minorVersion(begun.version);
  if (was !== minorVersion(now.version))
    differences.push(`it was begun by version ${begun.version}, this is ${now.version}: go on with a ${was}.x`);
  const keys = differentKeys(
    { genotype: begun.genotype, seed: begun.seed, preset: begun.preset },
    { genotype: now.genotype, seed: now.seed, preset: now.preset },
  );
  if (keys.length > 0) differences.push(`config.yaml has been changed (${keys.join(', ')}): put it back`);
  if (begun.data !== now.data) differences.push("the data's files have other contents: put them back, or name where they lie");
  if (begun.encoder !== now.encoder) differences.push('encoder.safetensors has other weights: put the file back');
  return differences;
}

const decoderFile = 'decoder.safetensors';

export class FitFolder {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder. @throws UserError when it cannot be written, or holds a training already. */
  static async create(folder: string, config: FitConfig, encoder: EncoderWeights): Promise<FitFolder> {
    const created = new FitFolder(folder);
    await created.#refuseWhereBegun();
    let lock: FolderLock | undefined;
    try {
      await files().makeFolder(folder);
      lock = await created.claim();
      await created.#refuseWhereBegun();
      await writeSafetensors(created.path('encoder.safetensors'), encoderFile(encoder));
      // The last: a folder with a configuration is whole.
      await files().replace(created.path('config.yaml'), stringify(config));
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(`${folder}: cannot be written (${reasonOf(error)}); give another folder`, { about: ['out'] });
    } finally {
      await lock?.release();
    }
    return created;
  }

  async #refuseWhereBegun(): Promise<void> {
    const { folder } = this;
    if (await exists(this.path('config.yaml')))
      throw new UserError(`${folder}: holds a training already; resume it, or give another folder`, { about: ['resume', 'out'] });
    await requireUnused(folder, ['encoder.safetensors']);
  }

  /**
   * One process at a time works on a training: whoever has this lock.
   * @throws UserError when another one has it, which is named; nothing is changed then
   */
  async claim(): Promise<FolderLock> {
    const claimed = await platform()
      .locks.lock(this.folder)
      .catch((error: unknown) => {
        throw new UserError(`${this.folder}: cannot be locked for this process (${reasonOf(error)})`);
      });
    if ('heldBy' in claimed) throw new UserError(`${this.folder}: ${whoHolds(claimed.heldBy)}`);
    return claimed.lock;
  }

  static async open(folder: string): Promise<{ folder: FitFolder; config: FitConfig }> {
    const opened = new FitFolder(folder);
    const file = opened.path('config.yaml');
    const bytes = await files()
      .readBounded(file, mostConfigBytes)
      .catch((error: unknown) => {
        const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        throw new UserError(
          missing
            ? `${folder}: there is no training in it (no config.yaml); give the folder that a training wrote`
            : `${file}: cannot be read (${reasonOf(error)})`,
        );
      });
    return { folder: opened, config: parseConfig(configSchema, bytes, file, 'training') };
  }

  writeConfig(config: FitConfig): Promise<void> {
    return files().replace(this.path('config.yaml'), stringify(config));
  }

  writeBegun(setting: FitSetting): Promise<void> {
    return files().replace(this.path('begun.json'), JSON.stringify(setting));
  }

  /** Undefined in trainings of versions before. */
  async begun(): Promise<FitSetting | undefined> {
    const text = await ownText(files(), this.path('begun.json'));
    if (text === undefined) return undefined;
    const begun = begunSchema.safeParse(parseJson(text));
    if (!begun.success) throw new UserError(`${this.path('begun.json')}: cannot be read; remove it to go on without comparing`);
    return begun.data;
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

  /** What the first stage ended with, auxiliary heads included. @param decoder values by name */
  writeDecoder(decoder: ReadonlyMap<string, Float32Array>): Promise<void> {
    const tensors = new Map([...decoder].map(([name, data]) => [name, { shape: [data.length], data }]));
    return writeSafetensors(this.path(decoderFile), { tensors, metadata: {} });
  }

  /** @throws WeightsError where it is missing or damaged */
  async readDecoder(): Promise<ReadonlyMap<string, Float32Array>> {
    const { tensors } = await readSafetensors(this.path(decoderFile));
    return new Map([...tensors].map(([name, { data }]) => [name, data]));
  }

  /** The encoder's outputs, while the first stage learns from them. */
  get taps(): string {
    return this.path('taps');
  }

  /** What only the first stage needs. @param withTaps not where others share them */
  async removeFirstStage(withTaps: boolean): Promise<void> {
    await files().remove(this.path(decoderFile));
    if (withTaps) await files().remove(this.taps);
  }

  writeMetrics(history: readonly EpochRecord[]): Promise<void> {
    return files().replace(this.path('metrics.jsonl'), history.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }

  writeNetwork(which: 'last' | 'best', network: NetworkWeights): Promise<void> {
    return writeSafetensors(this.path(`${which}.safetensors`), networkFile(network));
  }
}
