// A run's folder: config.yaml (what was asked), search.db (trials, the strategy's state, events), encoder.safetensors (the
// encoder it works with), taps/ (prepared, while the search is unfinished), best.safetensors (the best network's weights), measured.json
// (what devices took for some of its networks), owner.lock and owner.json (whose work it is).

import { stringify } from 'yaml';
import { z } from 'zod';
import { requireUnused } from '../data/index.js';
import { parseJson, reasonOf, UserError } from '../errors/index.js';
import { deviceProfileSchema, type LatencyMeasurement, latencyMeasurementSchema } from '../device/index.js';
import { type FolderLock, files, ownText, path, platform, whoHolds } from '../platform/index.js';
import { encoderFile, encoderWeightsFrom, type NetworkWeights, networkFile, readSafetensors, writeSafetensors } from '../model/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { mostConfigBytes, parseConfig, presetSchema } from '../preset/index.js';
import { type RunSetting, runSettingSchema } from './run-setting.js';
import { type TrialStore, trialStores } from './trial-store.js';
import type { Trial } from './trial.js';

const configSchema = z.object({
  data: z.string(),
  seed: z.number(),
  hours: z.number().optional(),
  teacher: z.string().optional(),
  limits: z.object({ parameters: z.number().optional(), multiplyAdds: z.number().optional(), latency: z.number().optional() }).optional(),
  /** The device that latency is predicted for. */
  target: deviceProfileSchema.optional(),
  /** Milliseconds: rewards fall with latency beyond it, and rise below. */
  targetLatency: z.number().positive().optional(),
  reuseFrom: z.string().optional(),
  preset: presetSchema,
});

export type RunConfig = z.infer<typeof configSchema>;

const measuredName = 'measured.json';
const mostMeasuredBytes = 4_000_000;

export class RunFolder {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder. @throws UserError when it cannot be written, or holds a run already. */
  static async create(folder: string): Promise<RunFolder> {
    try {
      await files().makeFolder(folder);
      await files().requireWritable(folder);
    } catch (error) {
      throw new UserError(`${folder}: cannot be written (${reasonOf(error)}); give another folder`, { about: ['out'] });
    }
    const created = new RunFolder(folder);
    await created.refuseWhereBegun();
    return created;
  }

  /** @throws UserError when the folder holds a run already */
  async refuseWhereBegun(): Promise<void> {
    const { folder } = this;
    if (await this.has('config.yaml'))
      throw new UserError(`${folder}: holds a run already; resume it, or give another folder`, { about: ['resume', 'out'] });
    await requireUnused(folder, ['encoder.safetensors', 'data-card.json']);
  }

  /** A folder that holds a run. */
  static open(folder: string): RunFolder {
    return new RunFolder(folder);
  }

  /**
   * One process at a time works on a run: whoever has this lock.
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

  path(name: string): string {
    return path.join(this.folder, name);
  }

  async has(name: string): Promise<boolean> {
    return (await files().facts(this.path(name))) !== undefined;
  }

  writeConfig(config: RunConfig): Promise<void> {
    return files().replace(this.path('config.yaml'), stringify(config));
  }

  /** @throws UserError when there is no run here, or its configuration is damaged */
  async readConfig(): Promise<RunConfig> {
    const file = this.path('config.yaml');
    const bytes = await files()
      .readBounded(file, mostConfigBytes)
      .catch((error: unknown) => {
        const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        throw new UserError(
          missing ? `${this.folder}: there is no search in it (no config.yaml)` : `${file}: cannot be read (${reasonOf(error)})`,
        );
      });
    return parseConfig(configSchema, bytes, file, 'search');
  }

  writeEncoder(encoder: EncoderWeights): Promise<void> {
    return writeSafetensors(this.path('encoder.safetensors'), encoderFile(encoder));
  }

  async readEncoder(): Promise<EncoderWeights> {
    const file = this.path('encoder.safetensors');
    return encoderWeightsFrom(await readSafetensors(file), file);
  }

  openStore(): TrialStore {
    return trialStores().open(this.path('search.db'));
  }

  /** What the search was begun with; undefined before it is, and in runs of versions before. Changes nothing. */
  async begunSetting(): Promise<RunSetting | undefined> {
    if (!(await this.has('search.db'))) return undefined;
    const store = await this.look();
    try {
      const text = store.get('setting');
      if (text === undefined) return undefined;
      const setting = runSettingSchema.safeParse(parseJson(text));
      if (setting.success) return setting.data;
      const version = z.object({ version: z.string() }).safeParse(parseJson(text)).data?.version ?? 'another';
      throw new UserError(`${this.folder}: it was begun by version ${version}, whose presets this one does not know; go on with that one`);
    } finally {
      store.close();
    }
  }

  /** For looking only. @throws UserError when there is no run here */
  async look(): Promise<TrialStore> {
    if (!(await this.has('search.db'))) throw new UserError(`${this.folder}: there is no search in it (no search.db)`);
    return trialStores().open(this.path('search.db'), { readonly: true });
  }

  async readTrials(): Promise<Trial[]> {
    const store = await this.look();
    try {
      return store.trials();
    } finally {
      store.close();
    }
  }

  /** What devices took for networks of this run, the latest last: `measured.json`. @throws UserError where it is damaged */
  async readMeasurements(): Promise<readonly LatencyMeasurement[]> {
    const file = this.path(measuredName);
    const text = await ownText(files(), file, mostMeasuredBytes);
    if (text === undefined && !(await this.has(measuredName))) return [];
    const parsed = z.array(latencyMeasurementSchema).safeParse(text === undefined ? undefined : parseJson(text));
    if (parsed.success) return parsed.data;
    throw new UserError(`${file}: cannot be read as what devices took (damaged, or of another version); move it away to measure anew`);
  }

  /** An earlier one of the same device, backend and threads is replaced. @throws UserError as `readMeasurements` does */
  async keepMeasurement(measurement: LatencyMeasurement): Promise<void> {
    const placeOf = ({ device, runtime }: LatencyMeasurement): string => JSON.stringify([device, runtime.backend, runtime.threads]);
    const others = (await this.readMeasurements()).filter((one) => placeOf(one) !== placeOf(measurement));
    await files().replace(this.path(measuredName), `${JSON.stringify([...others, measurement], undefined, 1)}\n`);
  }

  writeBest(network: NetworkWeights): Promise<void> {
    return writeSafetensors(this.path('best.safetensors'), networkFile(network));
  }

  /** What only an unfinished search needs. */
  async tidy(): Promise<void> {
    await files().remove(this.path('taps'));
  }
}
