// The best few of a search, and decoders that people designed, timed as they are on the device that was searched for.

import {
  type LatencyMeasurement,
  latencyPredictor,
  type LatencyTask,
  parseLatencyMeasurement,
  type PieceSetting,
  timeTasks,
} from '../core/device/index.js';
import { reasonOf, UserError } from '../core/errors/index.js';
import { seededRandom } from '../core/random/index.js';
import { bestFew, RunFolder } from '../core/search/index.js';
import { handDesigned, type Architecture, formatGenotype, genotypeFromJson, type HandDesigned } from '../core/space/index.js';
import { ownVersion } from '../core/platform/index.js';
import { readBounded } from '../platform/node/files/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { settingOf, thisMachine } from './device.js';

/** What a device is to time for a run. */
export interface LatencyOrder {
  readonly setting: PieceSetting;
  readonly tasks: readonly LatencyTask[];
}

/** Absent: five. */
const usualFew = 5;

/** @throws UserError where there is no search */
export async function latencySetting(folder: string): Promise<PieceSetting> {
  const run = RunFolder.open(folder);
  const { preset } = await run.readConfig();
  const { options: encoder } = await run.readEncoder();
  return { ...settingOf(preset), encoder };
}

export interface OrderOptions {
  /** Of the search. */
  readonly best?: number | undefined;
  /** Beside them. */
  readonly include?: readonly HandDesigned[] | undefined;
}

/** @throws UserError where there is no search, or nothing in it was trained */
export async function latencyOrder(folder: string, { best = usualFew, include = [] }: OrderOptions = {}): Promise<LatencyOrder> {
  const run = RunFolder.open(folder);
  const { target } = await run.readConfig();
  const setting = await latencySetting(folder);
  const predict = target && latencyPredictor(target, setting, `the profile of ${target.device.name}`);
  const predicted = (architecture: Architecture): Pick<LatencyTask, 'predicted'> =>
    predict ? { predicted: Number((predict(architecture) / 1000).toPrecision(5)) } : {};
  const few = bestFew(await run.readTrials(), best);
  if (few.length === 0) throw new UserError(`${folder}: no architecture of this search was trained yet; search first`);
  const found = few.map(({ index, genotype: json }) => {
    const genotype = genotypeFromJson(json);
    return { architecture: formatGenotype(genotype), trial: index, ...predicted(genotype) };
  });
  const designed = include.map((architecture) => ({ architecture: architecture.kind, ...predicted(architecture) }));
  return { setting, tasks: [...found, ...designed] };
}

export interface MeasureTrialsOptions extends OrderOptions {
  /** Of ONNX Runtime; absent: 1. */
  readonly threads?: number | undefined;
  /** How long it may take, about; absent: 20. */
  readonly seconds?: number | undefined;
  readonly onProgress?: ((settled: number, networks: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Times a search's best few on this machine and keeps that with the run. @throws UserError for what a user can mend */
export async function measureTrials(folder: string, options: MeasureTrialsOptions = {}): Promise<LatencyMeasurement> {
  const { threads = 1, seconds = 20, onProgress, signal } = options;
  const { setting, tasks } = await latencyOrder(folder, options);
  const runtime = await nodeRuntime({ threads, layout: 'portable' });
  const networks = await timeTasks(runtime, tasks, { setting, seconds, random: seededRandom(0).fork('latency'), onProgress, signal });
  const measurement: LatencyMeasurement = {
    kind: 'auxcell latency',
    version: 1,
    auxcell: ownVersion,
    made: new Date().toISOString(),
    ...thisMachine(threads),
    size: setting.size,
    networks,
  };
  await RunFolder.open(folder).keepMeasurement(measurement);
  return measurement;
}

/** @throws UserError when the file cannot be read or is no measurement */
export async function readLatencyMeasurement(file: string): Promise<LatencyMeasurement> {
  const content = await readBounded(file, mostBytes).catch((error: unknown) => {
    throw new UserError(`${file}: cannot be read (${reasonOf(error)}); give the file that the page of auxcell device offered`);
  });
  return parseLatencyMeasurement(new TextDecoder().decode(content), file);
}

const mostBytes = 1_000_000;

/** @throws UserError where what was measured is not of this run's networks */
export async function keepMeasurement(folder: string, measurement: LatencyMeasurement, source: string): Promise<void> {
  const run = RunFolder.open(folder);
  const genotypes = new Map((await run.readTrials()).map(({ index, genotype }) => [index, formatGenotype(genotypeFromJson(genotype))]));
  const foreign = measurement.networks.find(({ trial, architecture }) => trial !== undefined && genotypes.get(trial) !== architecture);
  if (foreign)
    throw new UserError(
      `${source}: times ${foreign.architecture} as trial #${foreign.trial}, which ${folder} does not have; measure this run's`,
    );
  // Without a trial's number it is a decoder that people designed.
  const unknown = measurement.networks.find(({ trial, architecture }) => trial === undefined && !handDesigned(architecture));
  if (unknown)
    throw new UserError(`${source}: times ${JSON.stringify(unknown.architecture.slice(0, 80))}, which is no decoder of this program`);
  const { size } = await latencySetting(folder);
  if (size.width !== measurement.size.width || size.height !== measurement.size.height)
    throw new UserError(
      `${source}: is of images of ${measurement.size.width}×${measurement.size.height}, the networks of ${folder} see ${size.width}×${size.height}; measure this run's`,
    );
  await run.keepMeasurement(measurement);
}
