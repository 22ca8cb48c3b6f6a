// `train`: one architecture in full, from a genotype to a network that is ready to be exported.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { skippedNote } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { type EpochRecord, trainingEpochs } from '../core/fit/index.js';
import { loadTrainPreset, taskOf, type TrainPreset, withDepthScale } from '../core/preset/index.js';
import { headline, metricName, shareText } from '../core/task/index.js';
import type { FullStepReport } from '../core/train/index.js';
import { formatDuration } from '../library/duration.js';
import { freeFolder } from '../library/free-folder.js';
import { resumeTraining, train, type TrainExecution, type TrainOutcome, type TrainStart } from '../library/train.js';
import { EventFile } from '../library/tensorboard/event-file.js';
import { epochScalars } from '../library/tensorboard/search-events.js';
import { inspectNamed } from './data-check.js';
import { requireTask, taskOption } from './model-data.js';
import { deviceOption, parseOptions, positiveNumber, readGenotype, refuseOnResume, wholeNumber } from './options.js';
import { afterTraining } from './next-steps.js';
import { commandLine } from './program-name.js';
import { onInterrupt, ProgressLine } from './progress.js';

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
  device: deviceOption.optional(),
  tensorboard: z.string().optional(),
});

/** Said when the training was begun. */
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

export async function trainCommand(raw: unknown): Promise<void> {
  const options = parseOptions(schema, raw);
  const { resume, genotype, data, preset: name, encoderWeights: encoder, threads, device, tensorboard } = options;
  if (resume !== undefined) {
    refuseOnResume(resume, 'training', options, fixed);
    return attended(tensorboard, (execution) => resumeTraining(resume, { data, threads, device, ...execution }));
  }
  if (genotype === undefined || data === undefined || name === undefined)
    throw new UserError('--genotype, --data and --preset are needed to begin a training; --resume FOLDER continues one');
  const preset = withDepthScale(await loadTrainPreset(name), options.depthScale);
  requireTask(options.task, preset.task, `preset ${name}`);
  const architecture = await readGenotype(genotype);
  const out = options.out ?? (await freeFolder(`runs/${path.basename(name, '.yaml')}-train`));
  return attended(tensorboard, (execution) => train({ ...options, ...execution, genotype: architecture, data, preset, encoder, out }));
}

/** With a live line, an end by Ctrl-C, and what came of it. */
async function attended(tensorboard: string | undefined, work: (execution: TrainExecution) => Promise<TrainOutcome>): Promise<void> {
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  let line: EpochLine | undefined;
  let place = '';
  const events = tensorboard === undefined ? undefined : new EventFile(tensorboard);
  const onStart = ({ folder, config: { genotype, preset, data }, dataset }: TrainStart): void => {
    place = data;
    progress.print(`${folder}: ${genotype}, ${stagesText(preset)}${preset.train.epochs} epochs of ${dataset.train.length} images`);
    if (skippedNote(dataset) !== '') progress.print(skippedNote(dataset));
    line = new EpochLine(progress, trainingEpochs(preset), taskOf(preset, preset.train.validation.framing).score);
  };
  try {
    const { folder, history, best, interrupted } = await work({
      onStart,
      onStep: (report) => line?.onStep(report),
      onEpoch: (record, top) => {
        line?.onEpoch(record, top);
        events?.add({ step: record.epoch, scalars: epochScalars(record) });
      },
      reporter: progress,
      signal: interrupt.signal,
    }).catch(inspectNamed);
    progress.end();
    if (interrupted) console.log(`interrupted after epoch ${history.length}; go on with: ${commandLine('train', '--resume', folder)}`);
    if (best) console.log(`best: epoch ${best.epoch}, ${metricsText(best)}`);
    const files = ['best.safetensors', 'last.safetensors', 'metrics.jsonl'];
    if (!interrupted) console.log([...files.map((file) => path.join(folder, file)), '', ...afterTraining(folder, place)].join('\n'));
  } finally {
    interrupt.release();
    progress.end();
  }
}

function stagesText({ train: { stage1 } }: TrainPreset): string {
  return stage1 ? `${stage1.epochs} epochs of the decoder alone on ${stage1.samples} samples, ` : '';
}

function metricsText({ metrics = {} }: EpochRecord): string {
  return headline(metrics)
    .map(({ name, value }) => `${name} ${shareText(value)}`)
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
    if (best) this.#best = `, best ${metricName(this.#score)} ${shareText(best.metrics?.[this.#score] ?? 0)} (epoch ${best.epoch})`;
    const scored = record.metrics ? `, ${metricsText(record)}` : '';
    this.#progress.print(`epoch ${record.epoch}: loss ${record.loss.toFixed(3)}${scored}${this.#best}  ${record.seconds.toFixed(1)} s`);
  }
}
