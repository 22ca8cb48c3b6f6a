// `search`: from a folder of images with masks to the best architectures found. `demo`: the same on generated data.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { generateDemo, openDataset } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { loadEncoder, Predictor } from '../model/index.js';
import { seededRandom } from '../random/index.js';
import { nodeRuntime } from '../runtime/node.js';
import { loadPreset, type Preset } from '../preset/index.js';
import { concludeSearch, createPolicy, prepareSearch, RunFolder, search, type Trial } from '../search/index.js';
import type { StepReport } from '../train/index.js';
import { freeFolder, parseOptions, positiveNumber, wholeNumber } from './options.js';
import { formatDuration, onInterrupt, ProgressLine } from './progress.js';

const common = {
  candidates: wholeNumber(1).optional(),
  hours: positiveNumber.optional(),
  seed: wholeNumber(0),
  out: z.string().optional(),
  threads: wholeNumber(1).default(availableParallelism()),
  encoderWeights: z.string().optional(),
  teacher: z.string().optional(),
};

const searchSchema = z.object({
  ...common,
  data: z.string(),
  preset: z.string(),
  strategy: z
    .enum(['ppo', 'reinforce', 'random'], { error: (issue) => `must be ppo, reinforce or random, got "${String(issue.input)}"` })
    .optional(),
});

export async function searchCommand(raw: unknown): Promise<void> {
  const options = parseOptions(searchSchema, raw);
  const loaded = await loadPreset(options.preset);
  const preset: Preset = {
    ...loaded,
    ...(options.strategy && { strategy: options.strategy }),
    ...(options.candidates && { candidates: options.candidates }),
    ...(options.encoderWeights && { encoder: options.encoderWeights }),
  };
  const run = await RunFolder.create(
    options.out ?? (await freeFolder(`runs/${path.basename(options.preset, '.yaml')}-${preset.strategy}`)),
  );
  await runSearch(preset, run, options);
}

const demoSchema = z.object(common);

export async function demoCommand(raw: unknown): Promise<void> {
  const options = parseOptions(demoSchema, raw);
  const loaded = await loadPreset('demo');
  const preset = {
    ...loaded,
    ...(options.candidates && { candidates: options.candidates }),
    ...(options.encoderWeights && { encoder: options.encoderWeights }),
  };
  const run = await RunFolder.create(options.out ?? (await freeFolder('runs/demo')));
  const data = run.path('data');
  const progress = new ProgressLine();
  progress.print(`generating scenes in ${data}`);
  await generateDemo(data, {
    train: 260,
    val: 40,
    width: 256,
    height: 192,
    random: seededRandom(options.seed).fork('demo'),
    onProgress: (done, total) => progress.show(`generating scenes ${done} of ${total}`),
  });
  progress.end();
  await runSearch(preset, run, { hours: 3.5 / 60, ...options, data });
}

interface RunOptions {
  readonly data: string;
  readonly teacher?: string | undefined;
  readonly hours?: number | undefined;
  readonly seed: number;
  readonly threads: number;
}

async function runSearch(preset: Preset, run: RunFolder, { data, teacher: teacherFile, hours, seed, threads }: RunOptions): Promise<void> {
  const progress = new ProgressLine();
  const dataset = await openDataset(data, { classes: preset.data.classes.length, ignore: preset.data.ignore, names: preset.data.classes });
  const encoder = await loadEncoder(preset.encoder);
  if (preset.distillation && teacherFile === undefined) progress.print('note: no --teacher is given, so nothing is distilled');
  const random = seededRandom(seed);
  const runtime = await nodeRuntime();
  const teacher =
    teacherFile === undefined ? undefined : { file: teacherFile, predictor: await Predictor.open(runtime, teacherFile, threads) };
  await run.writeConfig({
    data: path.resolve(data),
    seed,
    ...(teacherFile !== undefined && { teacher: path.resolve(teacherFile) }),
    ...(hours !== undefined && { hours }),
    preset,
  });

  const { signal, release } = onInterrupt(progress);
  try {
    progress.print(
      `${run.folder}: ${preset.candidates} architectures by ${preset.strategy}, ${dataset.train.length} training images, encoder ${encoder.source}`,
    );
    const context = await prepareSearch(runtime, {
      preset,
      dataset,
      encoder,
      teacher,
      random,
      threads,
      onProgress: (what, done, total) => progress.show(`${what} ${done} of ${total}`),
      signal,
    }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (!context) {
      progress.end();
      console.log('interrupted before the first architecture');
      return;
    }
    await teacher?.predictor.close();
    const policy = await createPolicy(runtime, preset, random.fork('policy'));
    const line = new CandidateLine(progress, preset.candidates, hours);
    const { trials, interrupted } = await search({
      context,
      policy,
      run,
      encoder,
      classes: dataset.classes,
      candidates: preset.candidates,
      ...(hours !== undefined && { hours }),
      random,
      observer: line,
      signal,
    });
    await policy.close();
    progress.end();
    if (interrupted) console.log(`interrupted; ${trials.length} architectures are in ${run.path('trials.jsonl')}`);
    const done = trials.filter(({ error }) => error === undefined);
    if (done.length === 0) {
      if (trials.length > 0)
        throw new UserError(`none of ${trials.length} architectures could be trained; the reasons are in ${run.path('trials.jsonl')}`);
      return;
    }
    const files = await concludeSearch(runtime, run, preset, dataset, threads);
    console.log(table(done));
    if (preset.stage2) console.log(stoppedShare(done));
    console.log(['', ...files, run.path('trials.jsonl')].join('\n'));
  } finally {
    release();
    progress.end();
  }
}

/** The live line: which architecture, which stage, loss, reward, best so far, time left. */
class CandidateLine {
  readonly #progress: ProgressLine;
  readonly #total: number;
  readonly #limitSeconds: number;
  readonly #started = performance.now();
  #finished = 0;
  #best = '';
  #last = '';

  constructor(progress: ProgressLine, total: number, hours: number | undefined) {
    this.#progress = progress;
    this.#total = total;
    this.#limitSeconds = (hours ?? Number.POSITIVE_INFINITY) * 3600;
  }

  onCandidate(index: number): void {
    this.#show(index, 'building');
  }

  onStep(index: number, { stage, step, steps, epoch, loss }: StepReport): void {
    this.#show(index, `stage ${stage}, epoch ${epoch + 1}, step ${step}/${steps}, loss ${loss.toFixed(3)}`, step / steps);
  }

  onValidation(index: number): void {
    this.#show(index, 'validation', 1);
  }

  onTrial(trial: Trial, best: Trial | undefined): void {
    this.#finished = trial.index;
    this.#last = `, last reward ${trial.reward.toFixed(4)}`;
    if (best) this.#best = `, best ${best.reward.toFixed(4)} (#${best.index})`;
    const { training, validation } = trial.seconds;
    const outcome = trial.error === undefined ? `reward ${trial.reward.toFixed(4)}` : `failed: ${trial.error}`;
    this.#progress.print(
      `#${trial.index} ${JSON.stringify(trial.genotype)}  ${outcome}${this.#best}  ${(training + validation).toFixed(1)} s`,
    );
  }

  #show(index: number, what: string, share = 0): void {
    const elapsed = (performance.now() - this.#started) / 1000;
    const done = this.#finished + share * 0.95;
    const remaining = done > 0.2 ? Math.min((elapsed / done) * (this.#total - done), Math.max(0, this.#limitSeconds - elapsed)) : undefined;
    const left = remaining === undefined ? '' : `, ${formatDuration(remaining)} left`;
    this.#progress.show(`architecture ${index} of ${this.#total}: ${what}${this.#last}${this.#best}${left}`);
  }
}

/** How many the progressive stop kept from their second stage. */
function stoppedShare(trials: readonly Trial[]): string {
  const stopped = trials.filter(({ stage }) => stage === 1).length;
  return `${stopped} of ${trials.length} architectures (${((100 * stopped) / trials.length).toFixed(0)} %) were stopped after the first stage`;
}

/** The best architectures, best first. */
function table(trials: readonly Trial[]): string {
  const best = trials.toSorted((a, b) => b.reward - a.reward).slice(0, 5);
  const rows = [
    ['', 'reward', 'mIoU', 'pixel acc.', 'params', 'mult-adds', 'genotype'],
    ...best.map(({ index, reward, metrics, parameters, multiplyAdds, genotype }) => [
      `#${index}`,
      reward.toFixed(4),
      (metrics['meanIoU'] ?? 0).toFixed(4),
      (metrics['pixelAccuracy'] ?? 0).toFixed(4),
      `${(parameters / 1e6).toFixed(2)} M`,
      `${(multiplyAdds / 1e9).toFixed(2)} G`,
      JSON.stringify(genotype),
    ]),
  ];
  const widths = rows[0]?.map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, c) => (c === row.length - 1 ? cell : cell.padEnd(widths[c] ?? 0))).join('  ')).join('\n');
}
