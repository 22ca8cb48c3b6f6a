// Full training as a run: epochs, validation, checkpoints, the best and the last network.

import { type Dataset, SamplePool } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { joinNetwork } from '../model/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { stageRecipe, taskOf, type TrainPreset } from '../preset/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Architecture } from '../space/index.js';
import { DivergedError, type FullRecipe, type FullStepReport, FullTraining, loadImageSet, validateNetwork } from '../train/index.js';
import type { EpochRecord } from './checkpoint.js';
import type { FitFolder } from './fit-folder.js';

export interface FitOptions {
  readonly folder: FitFolder;
  readonly preset: TrainPreset;
  readonly genotype: Architecture;
  readonly dataset: Dataset;
  readonly encoder: EncoderWeights;
  readonly random: Random;
  readonly onStep?: (report: FullStepReport) => void;
  readonly onEpoch?: (record: EpochRecord, best: EpochRecord | undefined) => void;
  readonly signal?: AbortSignal;
}

export interface FitResult {
  readonly history: readonly EpochRecord[];
  readonly best: EpochRecord | undefined;
  readonly interrupted: boolean;
}

export function fullRecipe({ train }: TrainPreset): FullRecipe {
  const { decoder, encoder, framing, schedule } = train;
  return { ...stageRecipe(train, decoder), encoder, framing, schedule };
}

/** Trains from the folder's checkpoint on, or from the beginning. An interruption is saved; so is every epoch. */
export async function fitNetwork(runtime: Runtime, options: FitOptions): Promise<FitResult> {
  const { folder, preset, genotype, dataset, encoder, random, onStep, onEpoch, signal } = options;
  const { classWeights, validation } = preset.train;
  const recipe = fullRecipe(preset);
  const task = taskOf(preset, validation.framing, { classWeights });
  const { labelling } = dataset;
  const from = await folder.checkpoint();
  const training = await FullTraining.open(
    runtime,
    { genotype, recipe, task, samples: dataset.train, labelling, encoder, random },
    from?.position,
  );
  const pool = new SamplePool();
  try {
    const history = [...(from?.history ?? [])];
    const fixed = dataset.val.map((sample) => ({ sample, seed: 0 }));
    const { width, height } = validation.framing;
    const images = await loadImageSet(pool.stream(fixed, validation.framing, labelling), task, height, width);
    const score = (record: EpochRecord): number => record.metrics?.[task.score] ?? Number.NEGATIVE_INFINITY;
    const best = (): EpochRecord | undefined =>
      history.reduce<EpochRecord | undefined>((top, r) => (r.metrics && (!top || score(r) > score(top)) ? r : top), undefined);
    let seconds = from?.seconds ?? 0;
    while (training.epoch < recipe.epochs) {
      const started = performance.now();
      const elapsed = (): number => seconds + (performance.now() - started) / 1000;
      let loss: number;
      try {
        loss = await training.runEpoch(onStep, signal);
      } catch (error) {
        if (!signal?.aborted || error instanceof DivergedError) throw error;
        await folder.writeCheckpoint({ position: training.position(), history, seconds: elapsed() });
        return { history, best: best(), interrupted: true };
      }
      const record: EpochRecord = { epoch: training.epoch, loss, seconds: elapsed() };
      seconds = 0;
      const parameters = training.parameters();
      const due = training.epoch % validation.every === 0 || training.epoch === recipe.epochs;
      const scored = { genotype, decoder: recipe.decoder, task, parameters };
      const complete = due ? { ...record, metrics: (await validateNetwork(runtime, images, encoder, scored)).metrics } : record;
      const before = best();
      history.push(complete);
      const { width: channels, sepRepeats } = recipe.decoder;
      const network = joinNetwork(encoder, parameters, { genotype, task: task.description, width: channels, sepRepeats });
      await folder.writeNetwork('last', network);
      if (best() !== before) await folder.writeNetwork('best', network);
      await folder.writeMetrics(history);
      // The last to be written: what a killed run has beyond it is made again, the same.
      await folder.writeCheckpoint({ position: training.position(), history, seconds: 0 });
      onEpoch?.(complete, best());
    }
    return { history, best: best(), interrupted: false };
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    throw new UserError(
      `${folder.folder}: after epoch ${training.epoch}: ${error.message}. What was saved is from before; begin anew with lower learning rates (train.learningRate, train.encoder.learningRate) or a smaller clipNorm`,
    );
  } finally {
    await pool.close();
    await training.close();
  }
}
