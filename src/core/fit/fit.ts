// Full training as a run: epochs, validation, checkpoints, the best and the last network.

import { type Dataset, SamplePool } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { joinNetwork } from '../model/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { taskOf, type TrainPreset } from '../preset/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Architecture } from '../space/index.js';
import {
  DivergedError,
  type EpochTraining,
  evenlyTaken,
  type FullStepReport,
  type JudgedPicture,
  loadImageSet,
  validateNetwork,
} from '../train/index.js';
import type { EpochRecord } from './checkpoint.js';
import type { FitFolder } from './fit-folder.js';
import { trainingStages } from './training-stages.js';

export interface FitOptions {
  readonly folder: FitFolder;
  readonly preset: TrainPreset;
  readonly genotype: Architecture;
  readonly dataset: Dataset;
  readonly encoder: EncoderWeights;
  readonly random: Random;
  /** Where the first stage's taps lie that several trainings of this preset, data and seed share; absent: in the training's folder, while they are used. */
  readonly taps?: string | undefined;
  /** Of making them. */
  readonly onTaps?: ((done: number, total: number) => void) | undefined;
  readonly onStep?: ((report: FullStepReport) => void) | undefined;
  readonly onEpoch?: ((record: EpochRecord, best: EpochRecord | undefined) => void) | undefined;
  /** What the network sees in a few validation images, the same ones in every epoch that is validated; before `onEpoch`. */
  readonly onPictures?: ((epoch: number, pictures: readonly JudgedPicture[]) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Validation images that are looked at over the epochs. */
const shownImages = 4;

export interface FitResult {
  readonly history: readonly EpochRecord[];
  readonly best: EpochRecord | undefined;
  readonly interrupted: boolean;
}

/** Trains from the folder's checkpoint on, or from the beginning. An interruption is saved; so is every epoch. */
export async function fitNetwork(runtime: Runtime, options: FitOptions): Promise<FitResult> {
  const { folder, preset, genotype, dataset, encoder, onStep, onEpoch, onPictures, signal } = options;
  const { classWeights, validation, decoder: size } = preset.train;
  const task = taskOf(preset, validation.framing, { classWeights });
  const from = await folder.checkpoint();
  const stages = trainingStages(runtime, { ...options, task, taps: options.taps ?? folder.taps });
  const begun = from ? stages.findIndex(({ stage }) => stage === from.stage) : 0;
  if (begun < 0)
    throw new UserError(`${folder.path('checkpoint.safetensors')}: is of a stage that config.yaml does not ask for; put that back`);
  const history = [...(from?.history ?? [])];
  const score = (record: EpochRecord): number => record.metrics?.[task.score] ?? Number.NEGATIVE_INFINITY;
  const best = (): EpochRecord | undefined =>
    history.reduce<EpochRecord | undefined>((top, r) => (r.metrics && (!top || score(r) > score(top)) ? r : top), undefined);
  const left = (): FitResult => ({ history, best: best(), interrupted: true });
  const pool = new SamplePool();
  try {
    const fixed = dataset.val.map((sample) => ({ sample, seed: 0 }));
    const { width, height } = validation.framing;
    const images = await loadImageSet(pool.stream(fixed, validation.framing, dataset.labelling), task, height, width);
    let decoder: ReadonlyMap<string, Float32Array> | undefined;
    for (const [k, { stage, epochs, open }] of stages.entries()) {
      if (k < begun) continue;
      if (signal?.aborted && k > begun) return left();
      const resumed = k === begun ? from : undefined;
      if (resumed && resumed.position.epoch >= epochs && k + 1 < stages.length) {
        decoder = await folder.readDecoder();
        continue;
      }
      let training: EpochTraining;
      try {
        training = await open(decoder, resumed?.position);
      } catch (error) {
        if (signal?.aborted) return left();
        throw error;
      }
      const save = (seconds: number): Promise<void> => folder.writeCheckpoint({ stage, position: training.position(), history, seconds });
      /** Of the stages before. */
      const before = history.length - training.epoch;
      try {
        if (k > begun) await save(0);
        // With a checkpoint of the stage behind it, they are not needed again.
        if (stage === undefined) await folder.removeFirstStage(options.taps === undefined);
        let spent = resumed?.seconds ?? 0;
        while (training.epoch < epochs) {
          const started = performance.now();
          const elapsed = (): number => spent + (performance.now() - started) / 1000;
          let loss: number;
          try {
            loss = await training.runEpoch(onStep && ((report) => onStep({ ...report, epoch: before + report.epoch })), signal);
          } catch (error) {
            if (!signal?.aborted || error instanceof DivergedError) throw error;
            await save(elapsed());
            return left();
          }
          const epoch = before + training.epoch;
          const record: EpochRecord = { epoch, ...(stage && { stage }), loss, seconds: elapsed() };
          spent = 0;
          const parameters = training.parameters();
          const due = training.epoch === epochs || (stage === undefined && training.epoch % validation.every === 0);
          const scored = { genotype, decoder: size, task, parameters, pictures: onPictures && evenlyTaken(images.count, shownImages) };
          const validated = due ? await validateNetwork(runtime, images, encoder, scored) : undefined;
          const complete = validated ? { ...record, metrics: validated.metrics } : record;
          if (validated) await onPictures?.(epoch, validated.pictures);
          const top = best();
          history.push(complete);
          const { width: channels, sepRepeats } = size;
          const network = joinNetwork(encoder, parameters, { genotype, task: task.description, width: channels, sepRepeats });
          await folder.writeNetwork('last', network);
          if (best() !== top) await folder.writeNetwork('best', network);
          await folder.writeMetrics(history);
          if (training.epoch === epochs && k + 1 < stages.length) await folder.writeDecoder(decoderOf(parameters));
          // The last to be written: what a killed run has beyond it is made again, the same.
          await save(0);
          onEpoch?.(complete, best());
        }
        decoder = decoderOf(training.parameters());
      } finally {
        await training.close();
      }
    }
    return { history, best: best(), interrupted: false };
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    throw new UserError(
      `${folder.folder}: after epoch ${history.length}: ${error.message}. What was saved is from before; begin anew with lower learning rates (train.learningRate, train.encoder.learningRate) or a smaller clipNorm`,
    );
  } finally {
    await pool.close();
  }
}

function decoderOf(parameters: ReadonlyMap<string, Float32Array>): ReadonlyMap<string, Float32Array> {
  return new Map([...parameters].filter(([name]) => name.startsWith('decoder.')));
}
