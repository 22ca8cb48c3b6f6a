// `search`: from a folder of images with masks to the best architectures found. `demo`: the same on generated data.

import { createHash } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Dataset, generateDemo } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { loadEncoder, Predictor } from '../model/index.js';
import { loadPreset, openPresetData, type Preset, taskOf, withDepthScale } from '../preset/index.js';
import { seededRandom } from '../random/index.js';
import type { EncoderWeights } from '../nn/index.js';
import type { Runtime } from '../runtime/index.js';
import { nodeRuntime } from '../runtime/node.js';
import {
  bestOf,
  concludeSearch,
  createPolicy,
  dataFingerprint,
  EarlyStop,
  encoderFingerprint,
  type Executor,
  fileHash,
  isAlive,
  keepShownImages,
  LocalWorkers,
  measureLatency,
  ownVersion,
  prepareTaps,
  QueueExecutor,
  type RunConfig,
  RunFolder,
  type RunSetting,
  search,
  type SearchObserver,
  type Trial,
} from '../search/index.js';
import { dashboardBeside } from './dashboard.js';
import { requireTask, skippedNote, taskOption } from './model-data.js';
import { amount, freeFolder, milliseconds, parseOptions, positiveNumber, refuseOnResume, wholeNumber } from './options.js';
import { formatDuration, onInterrupt, ProgressLine } from './progress.js';
import { SearchLog, SearchScreen } from './search-progress.js';
import { trialTable } from './trials.js';

const execution = {
  workers: wholeNumber(1).optional(),
  threads: wholeNumber(1).optional(),
  timeout: positiveNumber.optional(),
  queue: z.string().optional(),
  dashboard: z.boolean().default(false),
  log: z.enum(['text', 'json'], { error: (issue) => `must be text or json, got "${String(issue.input)}"` }).default('text'),
};

const choice = {
  candidates: wholeNumber(1).optional(),
  hours: positiveNumber.optional(),
  seed: wholeNumber(0).optional(),
  out: z.string().optional(),
  encoderWeights: z.string().optional(),
  task: taskOption.optional(),
};

const searchSchema = z.object({
  ...execution,
  ...choice,
  depthScale: positiveNumber.optional(),
  data: z.string().optional(),
  preset: z.string().optional(),
  teacher: z.string().optional(),
  strategy: z
    .enum(['ppo', 'reinforce', 'random', 'evolution'], {
      error: (issue) => `must be ppo, reinforce, random or evolution, got "${String(issue.input)}"`,
    })
    .optional(),
  maxParams: amount.optional(),
  maxMultiplyAdds: amount.optional(),
  maxLatency: milliseconds.optional(),
  reuseFrom: z.string().optional(),
  resume: z.string().optional(),
});

type SearchOptions = z.output<typeof searchSchema>;

export async function searchCommand(raw: unknown): Promise<void> {
  const options = parseOptions(searchSchema, raw);
  const { resume } = options;
  if (resume !== undefined) return resumeSearch(resume, options);
  const { data, preset: name, seed = 0, hours, teacher, reuseFrom, maxParams, maxMultiplyAdds, maxLatency } = options;
  if (data === undefined || name === undefined)
    throw new UserError('--data and --preset are needed to begin a search; --resume RUN continues one');
  const preset = withDepthScale(changed(await loadPreset(name), options), options.depthScale);
  requireTask(options.task, preset.task, `preset ${name}`);
  const out = options.out ?? (await freeFolder(`runs/${path.basename(name, '.yaml')}-${preset.strategy}`));
  const run = await RunFolder.create(out);
  const limits = {
    ...(maxParams && { parameters: maxParams }),
    ...(maxMultiplyAdds && { multiplyAdds: maxMultiplyAdds }),
    ...(maxLatency && { latency: maxLatency }),
  };
  await begin(run, {
    data: path.resolve(data),
    seed,
    preset,
    ...(hours !== undefined && { hours }),
    ...(teacher !== undefined && { teacher: path.resolve(teacher) }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(reuseFrom !== undefined && { reuseFrom: path.resolve(reuseFrom) }),
  });
  await runSearch(run, options);
}

/** A search goes on as it was begun; more candidates, another time limit, other workers are welcome. */
async function resumeSearch(folder: string, options: SearchOptions): Promise<void> {
  const fixed = [
    'task',
    'depthScale',
    'data',
    'preset',
    'strategy',
    'seed',
    'out',
    'teacher',
    'encoderWeights',
    'reuseFrom',
    'maxParams',
    'maxMultiplyAdds',
    'maxLatency',
  ] as const;
  refuseOnResume(folder, 'search', options, fixed);
  const run = RunFolder.open(folder);
  const config = await run.readConfig();
  const { candidates = config.preset.candidates, hours } = options;
  const { hours: _, ...kept } = config;
  await run.writeConfig({ ...kept, ...(hours !== undefined && { hours }), preset: { ...config.preset, candidates } });
  await runSearch(run, options);
}

const demoSchema = z.object({ ...execution, ...choice });

export async function demoCommand(raw: unknown): Promise<void> {
  const options = parseOptions(demoSchema, raw);
  const { seed = 0, hours = 3.5 / 60, task = 'segmentation' } = options;
  if (task === 'pose')
    throw new UserError('--task pose: there are no generated people; use search with --preset lspet-pose and your own data');
  const name = task === 'depth' ? 'demo-depth' : 'demo';
  const run = await RunFolder.create(options.out ?? (await freeFolder(`runs/${name}`)));
  const data = run.path('data');
  const progress = new ProgressLine();
  progress.print(`generating scenes in ${data}`);
  await generateDemo(data, {
    task,
    train: 260,
    val: 40,
    width: 256,
    height: 192,
    random: seededRandom(seed).fork('demo'),
    onProgress: (done, total) => progress.show(`generating scenes ${done} of ${total}`),
  });
  progress.end();
  await begin(run, { data: path.resolve(data), seed, hours, preset: changed(await loadPreset(name), options) });
  await runSearch(run, options);
}

type Changes = Pick<SearchOptions, 'candidates' | 'encoderWeights' | 'strategy'>;

function changed(preset: Preset, { strategy, candidates, encoderWeights }: Partial<Changes>): Preset {
  return {
    ...preset,
    ...(strategy && { strategy }),
    ...(candidates && { candidates }),
    ...(encoderWeights && { encoder: encoderWeights }),
  };
}

/** Whatever is wrong shows here, before there is a run. */
async function begin(run: RunFolder, config: RunConfig): Promise<void> {
  await openPresetData(config.data, config.preset);
  await run.writeEncoder(await loadEncoder(config.preset.encoder));
  await run.writeConfig(config);
}

type Execution = Pick<SearchOptions, keyof typeof execution>;

async function runSearch(
  run: RunFolder,
  { workers: wanted, threads: wantedThreads, timeout, queue, dashboard, log }: Execution,
): Promise<void> {
  const config = await run.readConfig();
  const { preset, seed, hours, limits } = config;
  const cores = availableParallelism();
  const workers = wanted ?? cores;
  const threads = wantedThreads ?? Math.max(1, Math.floor(cores / workers));
  const dataset = await openPresetData(config.data, config.preset);
  const encoder = await run.readEncoder();
  const random = seededRandom(seed);
  const runtime = await nodeRuntime();
  const known = config.reuseFrom === undefined ? undefined : await trialsToReuse(config.reuseFrom, config);
  const progress = new ProgressLine();
  // Standard output is for people, or for machines alone.
  const tell = log === 'json' ? console.error : console.log;
  const store = run.openStore();
  const interrupt = onInterrupt(progress);
  claim(run, store);
  let page: Awaited<ReturnType<typeof dashboardBeside>> | undefined;
  let policy: Awaited<ReturnType<typeof createPolicy>> | undefined;
  let executor: Executor | undefined;
  try {
    if (dashboard) {
      page = await dashboardBeside(path.dirname(path.resolve(run.folder)));
      progress.print(`dashboard: ${page.url}#/${encodeURIComponent(path.basename(run.folder))}`);
    }
    const saved = store.resume();
    const goesOn = store.trials().length > 0 ? `, ${store.trials().length} of them done` : '';
    const strategy = `${preset.candidates} architectures by ${preset.strategy}${goesOn}`;
    progress.print(
      `${run.folder}: ${strategy}, ${dataset.train.length} training images, encoder ${encoder.source}, ${queue === undefined ? `${workers} worker(s)` : `workers on ${queue}`}`,
    );
    if (skippedNote(dataset) !== '') progress.print(skippedNote(dataset));
    if (preset.distillation && config.teacher === undefined) progress.print('note: no --teacher is given, so nothing is distilled');
    if (queue === undefined) {
      const preparation = { dataset, encoder, random, threads: cores, progress, signal: interrupt.signal };
      if (!(await prepare(runtime, run, config, preparation))) {
        progress.end();
        tell(`interrupted before the first architecture; go on with: auxcell search --resume ${run.folder}`);
        return;
      }
      executor = new LocalWorkers(
        { preset, data: config.data, seed, encoder: run.path('encoder.safetensors'), taps: run.path('taps'), threads },
        { workers, ...(timeout !== undefined && { silenceSeconds: 60 * timeout }) },
      );
    } else {
      const setting = await runSetting(config, dataset, encoder);
      executor = await QueueExecutor.open({ url: queue, run: queueId(run), setting });
    }
    await keepShownImages(store, dataset, preset, random);
    policy = await createPolicy(runtime, preset, random.fork('policy'), saved?.policy);
    const machines = log === 'json' ? new SearchLog() : undefined;
    const observer: SearchObserver =
      machines ?? new SearchScreen(progress, { total: preset.candidates, done: store.trials().length, hours, workers });
    const { width, height } = preset.validation.framing;
    const task = taskOf(preset, preset.validation.framing);
    const { trials, interrupted } = await search({
      run,
      store,
      policy,
      executor,
      stop: new EarlyStop(preset, saved?.stop),
      encoder,
      task: task.description,
      decoder: preset.decoder,
      inputSize: [height, width],
      seed,
      candidates: preset.candidates,
      pending: saved?.pending ?? [],
      ...(known && { known }),
      limits,
      latencyOf: (genotype) =>
        measureLatency(runtime, { genotype, task: task.description, decoder: preset.decoder, inputSize: [height, width] }),
      hours,
      observer,
      signal: interrupt.signal,
    });
    progress.end();
    if (interrupted) tell(`interrupted after ${trials.length} architectures; go on with: auxcell search --resume ${run.folder}`);
    await executor.close();
    const files = await conclude(runtime, run, preset, dataset, trials, cores, tell);
    machines?.onEnd({ interrupted, trials: trials.length, best: bestOf(trials)?.index ?? null, files });
    if (!interrupted && trials.length >= preset.candidates) await run.tidy();
  } finally {
    page?.stop();
    interrupt.release();
    progress.end();
    await executor?.close();
    await policy?.close();
    leave(store);
  }
}

/** The same whenever the run goes on, and another for every other run. */
function queueId(run: RunFolder): string {
  const place = createHash('sha256')
    .update(`${hostname()}:${path.resolve(run.folder)}`)
    .digest('hex');
  return `${path.basename(run.folder).replace(/[^\w.-]/g, '-')}-${place.slice(0, 8)}`;
}

async function runSetting({ preset, seed, teacher }: RunConfig, dataset: Dataset, encoder: EncoderWeights): Promise<RunSetting> {
  return {
    version: ownVersion(),
    seed,
    preset,
    data: await dataFingerprint(dataset),
    encoder: encoderFingerprint(encoder),
    teacher: teacher === undefined ? null : await fileHash(teacher),
  };
}

/** One process at a time works on a run. */
function claim(run: RunFolder, store: ReturnType<RunFolder['openStore']>): void {
  const pid = Number(store.get('pid') ?? '');
  if (pid > 0 && pid !== process.pid && isAlive(pid)) {
    store.close();
    throw new UserError(`${run.folder}: process ${pid} is working on it; wait for it or stop it`);
  }
  store.set('pid', String(process.pid));
}

/** The run is free again; on a full disk the process's end says the same. */
function leave(store: ReturnType<RunFolder['openStore']>): void {
  try {
    store.set('pid', '');
  } catch {
    // What stopped the search stops this too.
  }
  store.close();
}

interface Preparation {
  readonly dataset: Dataset;
  readonly encoder: Awaited<ReturnType<RunFolder['readEncoder']>>;
  readonly random: ReturnType<typeof seededRandom>;
  readonly threads: number;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
}

/** @returns false when it was interrupted */
async function prepare(runtime: Runtime, run: RunFolder, config: RunConfig, { progress, ...options }: Preparation): Promise<boolean> {
  const { teacher: file, preset } = config;
  const teacher = file === undefined ? undefined : { file, predictor: await Predictor.open(runtime, file, options.threads) };
  try {
    const onProgress = (what: string, done: number, total: number): void => progress.show(`${what} ${done} of ${total}`);
    await prepareTaps(runtime, { ...options, preset, teacher, onProgress }, run.path('taps'));
    return true;
  } catch (error) {
    if (!options.signal.aborted) throw error;
    return false;
  } finally {
    await teacher?.predictor.close();
  }
}

/** Another run's trials, where its rewards mean the same. */
async function trialsToReuse(folder: string, config: RunConfig): Promise<Map<string, { trial: Trial; source: string }>> {
  const other = RunFolder.open(folder);
  const meaning = ({ data, preset, teacher = '' }: RunConfig): Record<string, unknown> => {
    const { stage1, stage2, validation, reward, decoder, distillation, encoder, progressiveStop, halving, data: classes } = preset;
    const own = { ...('heatmap' in preset && { heatmap: preset.heatmap }), ...('loss' in preset && { loss: preset.loss }) };
    const shared = { task: preset.task, data, teacher, stage1, stage2, validation, reward, decoder, distillation, encoder };
    return { ...shared, progressiveStop, halving, classes, ...own };
  };
  const [theirs, ours] = [meaning(await other.readConfig()), meaning(config)];
  const different = Object.keys(ours).filter((key) => JSON.stringify(ours[key]) !== JSON.stringify(theirs[key]));
  if (different.length > 0)
    throw new UserError(`--reuse-from ${folder}: its rewards mean something else: ${different.join(', ')} differ(s) from this search`);
  const trials = (await other.readTrials()).filter(({ error }) => error === undefined);
  return new Map(trials.map((trial) => [trial.key, { trial, source: `${folder}#${trial.index}` }]));
}

async function conclude(
  runtime: Runtime,
  run: RunFolder,
  preset: Preset,
  dataset: Dataset,
  trials: readonly Trial[],
  threads: number,
  tell: (text: string) => void,
): Promise<string[]> {
  if (!bestOf(trials)) {
    if (trials.length === 0) return [];
    throw new UserError(`none of ${trials.length} architectures could be trained; the reasons: auxcell trials ${run.folder}`);
  }
  const isOurs = await run.has('best.safetensors');
  const files = isOurs ? await concludeSearch(runtime, run, preset, dataset, threads) : [];
  tell(trialTable(trials, { best: 5 }));
  if (!isOurs) tell('every reward was taken over, so there is no network here: its weights are in the run it came from');
  if (preset.stage2) tell(stoppedShare(trials));
  const seconds = trials.reduce((n, { seconds: { training, validation } }) => n + training + validation, 0);
  tell(
    ['', ...files, `all ${trials.length}: auxcell trials ${run.folder} (${formatDuration(seconds)} of training and validation)`].join('\n'),
  );
  return files;
}

/** How many the progressive stop kept from their second stage. */
function stoppedShare(trials: readonly Trial[]): string {
  const evaluated = trials.filter(({ error, reusedFrom }) => error === undefined && reusedFrom === undefined);
  const stopped = evaluated.filter(({ stage }) => stage === 1).length;
  return `${stopped} of ${evaluated.length} architectures (${((100 * stopped) / Math.max(1, evaluated.length)).toFixed(0)} %) were stopped after the first stage`;
}
