// `train`: one architecture in full, from a genotype to a network that is ready to be exported.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { dataFingerprint } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { ownVersion } from '../platform/node/files/index.js';
import { type EpochRecord, type FitConfig, FitFolder, fitDifferences, fitNetwork } from '../core/fit/index.js';
import { writeCard } from '../core/inspect/index.js';
import { encoderFingerprint, loadEncoder } from '../core/model/index.js';
import { loadTrainPreset, openPresetData, taskOf, type TrainPreset, withDepthScale } from '../core/preset/index.js';
import { seededRandom } from '../core/random/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { formatGenotype, parseGenotype } from '../core/space/index.js';
import { headline, metricName } from '../core/task/index.js';
import type { FullStepReport } from '../core/train/index.js';
import { checkData } from './data-check.js';
import { requireTask, skippedNote, taskOption } from './model-data.js';
import { freeFolder, parseOptions, positiveNumber, readGenotype, refuseOnResume, wholeNumber } from './options.js';
import { formatDuration, onInterrupt, ProgressLine } from './progress.js';

const schema = z.object({
  task: taskOption.optional(),
  depthScale: positiveNumber.optional(),
  genotype: z.string().optional(),
  data: z.string().optional(),
  preset: z.string().optional(),
  encoderWeights: z.string().optional(),
  epochs: wholeNumber(1).optional(),
  batch: wholeNumber(1).optional(),
  width: wholeNumber(1).optional(),
  sepRepeats: wholeNumber(1).optional(),
  seed: wholeNumber(0).optional(),
  out: z.string().optional(),
  resume: z.string().optional(),
  threads: wholeNumber(1).default(availableParallelism()),
});

type TrainOptions = z.output<typeof schema>;

export async function trainCommand(raw: unknown): Promise<void> {
  const options = parseOptions(schema, raw);
  const { folder, config } = options.resume === undefined ? await begin(options) : await resume(options.resume, options);
  const lock = await folder.claim();
  try {
    await train(folder, config, options);
  } finally {
    await lock.release();
  }
}

async function train(folder: FitFolder, config: FitConfig, options: TrainOptions): Promise<void> {
  const { preset, seed } = config;
  const data = options.data === undefined ? config.data : path.resolve(options.data);
  const genotype = parseGenotype(config.genotype);
  const dataset = await openPresetData(data, preset);
  const encoder = await folder.readEncoder();
  const now = { version: ownVersion(), ...config, data: await dataFingerprint(dataset), encoder: encoderFingerprint(encoder) };
  const begun = await folder.begun();
  const differences = begun ? fitDifferences(begun, now) : [];
  if (differences.length > 0) throw new UserError(`${folder.folder}: cannot go on as it was begun: ${differences.join('; ')}`);
  // All that could refuse has been asked: from here on the folder is changed.
  if (!begun) await folder.writeBegun(now);
  if (data !== config.data) await folder.writeConfig({ ...config, data });
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  const line = new EpochLine(progress, preset.train.epochs, taskOf(preset, preset.train.validation.framing).score);
  try {
    progress.print(`${folder.folder}: ${config.genotype}, ${preset.train.epochs} epochs of ${dataset.train.length} images`);
    if (skippedNote(dataset) !== '') progress.print(skippedNote(dataset));
    const { history, best, interrupted } = await fitNetwork(await nodeRuntime(), {
      folder,
      preset,
      genotype,
      dataset,
      encoder,
      random: seededRandom(seed),
      threads: options.threads,
      onStep: (report) => line.onStep(report),
      onEpoch: (record, top) => line.onEpoch(record, top),
      signal: interrupt.signal,
    });
    progress.end();
    if (interrupted) console.log(`interrupted after epoch ${history.length}; go on with: auxcell train --resume ${folder.folder}`);
    if (best) console.log(`best: epoch ${best.epoch}, ${metricsText(best)}`);
    if (!interrupted)
      console.log([folder.path('best.safetensors'), folder.path('last.safetensors'), folder.path('metrics.jsonl')].join('\n'));
  } finally {
    interrupt.release();
    progress.end();
  }
}

async function begin({ task, genotype, data, preset: name, seed = 0, out, encoderWeights, depthScale, ...changes }: TrainOptions) {
  if (genotype === undefined || data === undefined || name === undefined)
    throw new UserError('--genotype, --data and --preset are needed to begin a training; --resume FOLDER continues one');
  const preset = withDepthScale(changed(await loadTrainPreset(name), { ...changes, encoderWeights }), depthScale);
  requireTask(task, preset.task, `preset ${name}`);
  const text = formatGenotype(await readGenotype(genotype));
  // Opened before the folder is made: a mistake leaves nothing behind.
  const dataset = await openPresetData(data, preset);
  const encoder = await loadEncoder(preset.encoder);
  const card = await checkData(dataset, data, preset.task === 'depth' ? preset.data : undefined);
  const config: FitConfig = { data: path.resolve(data), genotype: text, seed, preset };
  const folder = await FitFolder.create(out ?? (await freeFolder(`runs/${path.basename(name, '.yaml')}-train`)), config, encoder);
  await writeCard(folder.folder, card);
  return { folder, config };
}

/** A training goes on as it was begun; its data may lie elsewhere. */
async function resume(folder: string, options: TrainOptions) {
  const fixed = [
    'task',
    'depthScale',
    'genotype',
    'preset',
    'encoderWeights',
    'epochs',
    'batch',
    'width',
    'sepRepeats',
    'seed',
    'out',
  ] as const;
  refuseOnResume(folder, 'training', options, fixed);
  return FitFolder.open(folder);
}

type Changes = Pick<TrainOptions, 'epochs' | 'batch' | 'width' | 'sepRepeats' | 'encoderWeights'>;

function changed(preset: TrainPreset, { epochs, batch, width, sepRepeats, encoderWeights }: Changes): TrainPreset {
  const { train } = preset;
  const decoder = { ...train.decoder, ...(width && { width }), ...(sepRepeats && { sepRepeats }) };
  return {
    ...preset,
    ...(encoderWeights && { encoder: encoderWeights }),
    train: { ...train, decoder, ...(epochs && { epochs }), ...(batch && { batch }) },
  };
}

function metricsText({ metrics = {} }: EpochRecord): string {
  return headline(metrics)
    .map(({ name, value }) => `${name} ${value.toFixed(4)}`)
    .join(', ');
}

/** The live line: epoch, step, loss, best so far, time left. */
class EpochLine {
  readonly #progress: ProgressLine;
  readonly #epochs: number;
  readonly #score: string;
  readonly #started = performance.now();
  /** Epochs done when this process began, with the share of the one at hand. */
  #begun: number | undefined;
  #best = '';

  constructor(progress: ProgressLine, epochs: number, score: string) {
    this.#score = score;
    this.#progress = progress;
    this.#epochs = epochs;
  }

  onStep({ epoch, step, stepsPerEpoch, loss }: FullStepReport): void {
    const done = epoch + step / stepsPerEpoch;
    this.#begun ??= done - 1 / stepsPerEpoch;
    const rate = (performance.now() - this.#started) / 1000 / (done - this.#begun);
    const left = formatDuration(rate * (this.#epochs - done));
    this.#progress.show(
      `epoch ${epoch + 1} of ${this.#epochs}, step ${step}/${stepsPerEpoch}, loss ${loss.toFixed(3)}${this.#best}, ${left} left`,
    );
  }

  onEpoch(record: EpochRecord, best: EpochRecord | undefined): void {
    if (best) this.#best = `, best ${metricName(this.#score)} ${(best.metrics?.[this.#score] ?? 0).toFixed(4)} (epoch ${best.epoch})`;
    const scored = record.metrics ? `, ${metricsText(record)}` : '';
    this.#progress.print(`epoch ${record.epoch}: loss ${record.loss.toFixed(4)}${scored}${this.#best}  ${record.seconds.toFixed(1)} s`);
  }
}
