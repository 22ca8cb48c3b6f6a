// Full training from a program: one architecture, from a genotype to a network that is ready to be exported.

import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type Dataset, dataFingerprint } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { type EpochRecord, type FitConfig, FitFolder, type FitSetting, fitDifferences, fitNetwork } from '../core/fit/index.js';
import { writeCard } from '../core/inspect/index.js';
import { encoderFingerprint, loadEncoder } from '../core/model/index.js';
import { learntRange, loadTrainPreset, openPresetData, taskOf, type TrainPreset } from '../core/preset/index.js';
import { seededRandom } from '../core/random/index.js';
import { type Architecture, decoderSizeOf, formatArchitecture, parseArchitecture } from '../core/space/index.js';
import type { FullStepReport } from '../core/train/index.js';
import { ownVersion } from '../core/platform/index.js';
import { chooseDevice, type DeviceChoice } from '../platform/node/device.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { freeFolder } from './free-folder.js';
import { checkData } from './inspect-data.js';
import { fullStep } from './measured-step.js';
import { type Reporter, silent } from './reporter.js';
import { TrainingPictures } from './training-pictures.js';
import { ProgressFile } from './training-progress.js';

/** How a training is carried out; the same network comes out of it whatever is said here, but for a GPU, whose sums have another order. */
export interface TrainExecution {
  /** Of ONNX Runtime; absent: all processors. */
  readonly threads?: number | undefined;
  /** What computes; absent: the processor. `auto`: what is faster, measured on one step. */
  readonly device?: DeviceChoice | undefined;
  readonly onStep?: ((report: FullStepReport) => void) | undefined;
  readonly onEpoch?: ((record: EpochRecord, best: EpochRecord | undefined) => void) | undefined;
  /** What is known when the first epoch is about to begin. */
  readonly onStart?: ((start: TrainStart) => void) | undefined;
  readonly reporter?: Reporter | undefined;
  /** A folder in which trainings of equal data, encoder, seed and first stage share the encoder's outputs; whoever makes it removes it. */
  readonly taps?: string | undefined;
  /** Ends it after the step in hand; the state is kept. */
  readonly signal?: AbortSignal | undefined;
}

export interface TrainStart {
  readonly folder: string;
  readonly config: FitConfig;
  readonly dataset: Dataset;
}

export interface TrainOptions extends TrainExecution {
  /** A genotype or a hand-designed decoder: as an object, as JSON, or by name. */
  readonly genotype: Architecture | string;
  readonly data: string;
  /** A shipped preset's name, a file, or a preset with a section `train`. */
  readonly preset: string | TrainPreset;
  /** The training's folder; absent: a new one below `runs`. */
  readonly out?: string | undefined;
  /** In place of the preset's. */
  readonly epochs?: number | undefined;
  readonly batch?: number | undefined;
  readonly width?: number | undefined;
  readonly sepRepeats?: number | undefined;
  readonly encoder?: string | undefined;
  /** Absent: 0. */
  readonly seed?: number | undefined;
}

export interface TrainOutcome {
  readonly folder: string;
  readonly history: readonly EpochRecord[];
  /** The epoch with the highest score; undefined where none was validated. */
  readonly best: EpochRecord | undefined;
  readonly interrupted: boolean;
  /** The best network's file. */
  readonly network: string;
}

/**
 * Trains a network and keeps it in the training's folder, from which `resumeTraining` goes on.
 * @throws UserError before there is a folder, for what a user can mend; when the training diverges
 */
export async function train(options: TrainOptions): Promise<TrainOutcome> {
  const { genotype, data, preset: source, out, seed = 0, reporter = silent, signal } = options;
  const named = typeof source === 'string' ? source : source.task;
  const architecture = typeof genotype === 'string' ? parseArchitecture(genotype) : genotype;
  const preset = withTrainChanges(typeof source === 'string' ? await loadTrainPreset(source) : source, architecture, options);
  const text = formatArchitecture(architecture);
  // Opened before the folder is made: a mistake leaves nothing behind.
  const dataset = await openPresetData(data, preset);
  const encoder = await loadEncoder(preset.encoder);
  const card = await checkData(dataset, data, learntRange(preset), { reporter, signal });
  const config: FitConfig = { data: path.resolve(data), genotype: text, seed, preset };
  const folder = await FitFolder.create(out ?? (await freeFolder(`runs/${path.basename(named, '.yaml')}-train`)), config, encoder);
  await writeCard(folder.folder, card);
  return trainIn(folder, config, options);
}

export interface ResumeTrainingOptions extends TrainExecution {
  /** Where the data lies now. */
  readonly data?: string | undefined;
}

/** A training goes on as it was begun. @throws UserError when data, encoder or configuration are not what they were */
export async function resumeTraining(folder: string, options: ResumeTrainingOptions = {}): Promise<TrainOutcome> {
  const opened = await FitFolder.open(folder);
  return trainIn(opened.folder, opened.config, options);
}

async function trainIn(folder: FitFolder, config: FitConfig, execution: ResumeTrainingOptions): Promise<TrainOutcome> {
  const lock = await folder.claim();
  try {
    return await claimedTraining(folder, config, execution);
  } finally {
    await lock.release();
  }
}

async function claimedTraining(folder: FitFolder, config: FitConfig, execution: ResumeTrainingOptions): Promise<TrainOutcome> {
  const { data: given, threads = availableParallelism(), taps, onStart, onStep, onEpoch, reporter = silent, signal } = execution;
  const { preset, seed } = config;
  const data = given === undefined ? config.data : path.resolve(given);
  const dataset = await openPresetData(data, preset);
  const encoder = await folder.readEncoder();
  const now = { version: ownVersion, ...config, data: await dataFingerprint(dataset), encoder: encoderFingerprint(encoder) };
  const begun = await folder.begun();
  const differences = begun ? fitDifferences(begun, now) : [];
  const about = begun && begun.data !== now.data ? ['data'] : [];
  if (differences.length > 0) throw new UserError(`${folder.folder}: cannot go on as it was begun: ${differences.join('; ')}`, { about });
  const genotype = parseArchitecture(config.genotype);
  const device = await chooseDevice(execution.device ?? 'cpu', {
    threads,
    what: 'a training step',
    measure: fullStep(preset, genotype, encoder),
    say: (text) => reporter.print(text),
  });
  // All that could refuse has been asked: from here on the folder is changed.
  if (!begun) await folder.writeBegun(now);
  if (data !== config.data) await folder.writeConfig({ ...config, data });
  onStart?.({ folder: folder.folder, config, dataset });
  const progress = new ProgressFile(folder.folder);
  const pictures = new TrainingPictures(folder.folder);
  const { framing } = preset.train.validation;
  const task = taskOf(preset, framing);
  const result = await fitNetwork(await nodeRuntime({ threads, device }), {
    folder,
    preset,
    genotype,
    dataset,
    encoder,
    random: seededRandom(seed),
    taps: taps && path.join(taps, tapsName(now)),
    onTaps: (done, total) => reporter.show(`the encoder sees sample ${done} of ${total}`),
    onStep: (report) => {
      progress.tell(report);
      onStep?.(report);
    },
    onPictures: (epoch, seen) => pictures.keep(epoch, seen, { dataset, framing, task }),
    onEpoch,
    signal,
  }).finally(() => progress.end());
  return { folder: folder.folder, ...result, network: folder.path('best.safetensors') };
}

/** Other contents have another name. */
function tapsName({ data, encoder, seed, preset }: FitSetting): string {
  const { train: section, ...rest } = preset;
  const { samples, framing } = section.stage1 ?? {};
  const content = JSON.stringify([data, encoder, seed, samples, framing, rest]);
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

type Changes = Pick<TrainOptions, 'epochs' | 'batch' | 'width' | 'sepRepeats' | 'encoder'>;

/** The preset with what is said in its place. */
function withTrainChanges(
  preset: TrainPreset,
  architecture: Architecture,
  { epochs, batch, encoder = preset.encoder, ...size }: Changes,
): TrainPreset {
  const { train: section } = preset;
  const decoder = { ...section.decoder, ...decoderSizeOf(architecture, size, section.decoder) };
  return { ...preset, encoder, train: { ...section, decoder, ...(epochs && { epochs }), ...(batch && { batch }) } };
}
