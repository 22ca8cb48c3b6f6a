// `search`: from a folder of images with masks to the best architectures found. `demo`: the same on generated data.

import { createHash } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Dataset, generateDemo } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { loadEncoder, Predictor } from '../core/model/index.js';
import { loadPreset, openPresetData, type Preset, taskOf, withDepthScale } from '../core/preset/index.js';
import { seededRandom } from '../core/random/index.js';
import type { EncoderWeights } from '../core/nn/index.js';
import type { Runtime } from '../core/runtime/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { type DataCard, writeCard } from '../core/inspect/index.js';
import {
  bestOf,
  concludeSearch,
  createPolicy,
  dataFingerprint,
  EarlyStop,
  encoderFingerprint,
  type Executor,
  failureSummary,
  fileHash,
  keepShownImages,
  LocalWorkers,
  machineErrorOf,
  measureLatency,
  ownVersion,
  prepareTaps,
  printableUrl,
  QueueExecutor,
  requireSameOutputs,
  type RunConfig,
  RunFolder,
  type RunSetting,
  search,
  type SearchObserver,
  SearchPaused,
  settingDifferences,
  type Trial,
} from '../core/search/index.js';
import { channelNames } from '../core/task/index.js';
import { dashboardBeside } from './dashboard.js';
import { checkData } from './data-check.js';
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
  await RunFolder.open(out).refuseWhereBegun();
  const limits = {
    ...(maxParams && { parameters: maxParams }),
    ...(maxMultiplyAdds && { multiplyAdds: maxMultiplyAdds }),
    ...(maxLatency && { latency: maxLatency }),
  };
  const config = {
    data: path.resolve(data),
    seed,
    preset,
    ...(hours !== undefined && { hours }),
    ...(teacher !== undefined && { teacher: path.resolve(teacher) }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(reuseFrom !== undefined && { reuseFrom: path.resolve(reuseFrom) }),
  };
  const start = await checkStart(config);
  const run = await RunFolder.create(out);
  await claimed(run, async () => {
    await begin(run, config, start);
    await runSearch(run, config, options);
  });
}

/** Works on a run that nobody else works on meanwhile. */
async function claimed(run: RunFolder, work: () => Promise<void>): Promise<void> {
  const lock = await run.claim();
  try {
    await work();
  } finally {
    await lock.release();
  }
}

/** A search goes on as it was begun; more candidates, another time limit, other workers are welcome, and its files may have moved. */
async function resumeSearch(folder: string, options: SearchOptions): Promise<void> {
  const fixed = [
    'task',
    'depthScale',
    'preset',
    'strategy',
    'seed',
    'out',
    'encoderWeights',
    'reuseFrom',
    'maxParams',
    'maxMultiplyAdds',
    'maxLatency',
  ] as const;
  refuseOnResume(folder, 'search', options, fixed);
  const run = RunFolder.open(folder);
  const { hours: _, ...kept } = await run.readConfig();
  const { candidates = kept.preset.candidates, hours, data, teacher } = options;
  if (teacher !== undefined && kept.teacher === undefined)
    throw new UserError(`--teacher ${teacher}: ${folder} was begun without one; leave it out`);
  const config = {
    ...kept,
    ...(hours !== undefined && { hours }),
    ...(data !== undefined && { data: path.resolve(data) }),
    ...(teacher !== undefined && { teacher: path.resolve(teacher) }),
    preset: { ...kept.preset, candidates },
  };
  await claimed(run, () => runSearch(run, config, options));
}

const demoSchema = z.object({ ...execution, ...choice });

export async function demoCommand(raw: unknown): Promise<void> {
  const options = parseOptions(demoSchema, raw);
  const { seed = 0, hours = 3.5 / 60, task = 'segmentation' } = options;
  if (task === 'pose')
    throw new UserError('--task pose: there are no generated people; use search with --preset lspet-pose and your own data');
  const name = task === 'depth' ? 'demo-depth' : 'demo';
  const preset = changed(await loadPreset(name), options);
  await loadEncoder(preset.encoder);
  const run = await RunFolder.create(options.out ?? (await freeFolder(`runs/${name}`)));
  await claimed(run, async () => {
    await run.refuseWhereBegun();
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
    const config = { data: path.resolve(data), seed, hours, preset };
    await begin(run, config, await checkStart(config));
    await runSearch(run, config, options);
  });
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

interface Start {
  readonly encoder: EncoderWeights;
  readonly card: DataCard;
}

/** Whatever is wrong with data, encoder, teacher and the run to reuse shows here, before there is a folder. */
async function checkStart(config: RunConfig): Promise<Start> {
  const { data, preset, teacher, reuseFrom } = config;
  const dataset = await openPresetData(data, preset);
  const encoder = await loadEncoder(preset.encoder);
  if (reuseFrom !== undefined) await trialsToReuse(reuseFrom, config);
  if (teacher !== undefined) {
    const predictor = await Predictor.open(await nodeRuntime(), teacher, 1);
    await predictor.close();
    requireSameOutputs({ file: teacher, predictor }, channelNames(taskOf(preset, preset.validation.framing).description).length);
  }
  return { encoder, card: await checkData(dataset, data, preset.task === 'depth' ? preset.data : undefined) };
}

async function begin(run: RunFolder, config: RunConfig, { encoder, card }: Start): Promise<void> {
  await run.refuseWhereBegun();
  await run.writeEncoder(encoder);
  await writeCard(run.folder, card);
  await run.writeConfig(config);
}

type Execution = Pick<SearchOptions, keyof typeof execution>;

/** @pre the run is claimed */
async function runSearch(run: RunFolder, config: RunConfig, options: Execution): Promise<void> {
  try {
    await workOn(run, config, options);
  } catch (error) {
    const fault = error instanceof UserError && !(error instanceof SearchPaused) ? undefined : machineErrorOf(error);
    throw fault ? new UserError(`${fault.message}: auxcell search --resume ${run.folder}`) : error;
  }
}

async function workOn(
  run: RunFolder,
  config: RunConfig,
  { workers: wanted, threads: wantedThreads, timeout, queue, dashboard, log }: Execution,
): Promise<void> {
  const { preset, seed, hours, limits } = config;
  const cores = availableParallelism();
  const workers = wanted ?? cores;
  const threads = wantedThreads ?? Math.max(1, Math.floor(cores / workers));
  const dataset = await openPresetData(config.data, config.preset);
  const random = seededRandom(seed);
  const runtime = await nodeRuntime();
  const known = config.reuseFrom === undefined ? undefined : await trialsToReuse(config.reuseFrom, config);
  const progress = new ProgressLine();
  // Standard output is for people, or for machines alone.
  const tell = log === 'json' ? console.error : console.log;
  const { setting, encoder } = await sameAsBegun(run, config, dataset, progress);
  // All that could refuse has been asked: from here on the folder is changed.
  await run.writeConfig(config);
  const store = run.openStore();
  store.set('setting', JSON.stringify(setting));
  const interrupt = onInterrupt(progress);
  store.set('pid', String(process.pid));
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
      `${run.folder}: ${strategy}, ${dataset.train.length} training images, encoder ${encoder.source}, ${queue === undefined ? `${workers} worker(s)` : `workers on ${printableUrl(queue)}`}`,
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
      executor = await QueueExecutor.open({ url: queue, run: queueId(run), setting, say: (text) => progress.print(text) });
    }
    await keepShownImages(store, dataset, preset, random);
    policy = await createPolicy(runtime, preset, random.fork('policy'), saved?.policy);
    const machines = log === 'json' ? new SearchLog() : undefined;
    const observer: SearchObserver =
      machines ?? new SearchScreen(progress, { total: preset.candidates, done: store.trials().length, hours, workers });
    const { width, height } = preset.validation.framing;
    const task = taskOf(preset, preset.validation.framing);
    const { trials, interrupted, bestMissing } = await search({
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
    const files = await conclude(runtime, run, preset, dataset, trials, cores, bestMissing, tell);
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

async function runSetting(
  { preset, seed, teacher }: RunConfig,
  dataset: Dataset,
  encoder: string,
  progress: ProgressLine,
): Promise<RunSetting> {
  const data = await dataFingerprint(dataset, (done, total) => {
    if (done % 100 === 0) progress.show(`reading the data ${done} of ${total}`);
  });
  return { version: ownVersion(), seed, preset, data, encoder, teacher: teacher === undefined ? null : await fileHash(teacher) };
}

/**
 * What a search was begun with, and its encoder.
 * @throws UserError when it is not what there is now: trials would be mixed that do not mean the same
 */
async function sameAsBegun(
  run: RunFolder,
  config: RunConfig,
  dataset: Dataset,
  progress: ProgressLine,
): Promise<{ readonly setting: RunSetting; readonly encoder: EncoderWeights }> {
  const begun = await run.begunSetting();
  const encoder = await ownEncoder(run, config.preset.encoder, begun?.encoder, progress);
  const now = await runSetting(config, dataset, encoderFingerprint(encoder), progress);
  if (!begun) {
    if (await run.has('search.db')) progress.print('note: it was not kept what this search was begun with; from now on it is');
    return { setting: now, encoder };
  }
  const differences = settingDifferences(begun, now);
  if (differences.length > 0) throw new UserError(`${run.folder}: cannot go on as it was begun: ${differences.join('; ')}`);
  if (begun.version !== now.version) progress.print(`note: begun by version ${begun.version}, this is ${now.version}`);
  return { setting: { ...begun, preset: now.preset }, encoder };
}

/** The run's encoder; where its file is damaged, from where it came, if that is the same still. */
async function ownEncoder(
  run: RunFolder,
  source: string,
  fingerprint: string | undefined,
  progress: ProgressLine,
): Promise<EncoderWeights> {
  let fault: unknown;
  try {
    const encoder = await run.readEncoder();
    if (fingerprint === undefined || encoderFingerprint(encoder) === fingerprint) return encoder;
    fault = new UserError(`${run.path('encoder.safetensors')}: has other weights than the search was begun with; put the file back`);
  } catch (error) {
    fault = error;
  }
  const again = fingerprint === undefined ? undefined : await loadEncoder(source).catch(() => undefined);
  if (!again || encoderFingerprint(again) !== fingerprint) throw fault;
  progress.print(`note: ${run.path('encoder.safetensors')} was damaged; it is written anew from ${source}`);
  await run.writeEncoder(again);
  return again;
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
    const onNote = (text: string): void => progress.print(`note: ${text}`);
    await prepareTaps(runtime, { ...options, preset, teacher, onProgress, onNote }, run.path('taps'));
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
  bestMissing: string | undefined,
  tell: (text: string) => void,
): Promise<string[]> {
  const failures = failureSummary(trials);
  if (!bestOf(trials)) {
    if (trials.length === 0) return [];
    if (failures !== undefined) tell(failures);
    throw new UserError(`none of ${trials.length} architectures could be trained; the reasons: auxcell trials ${run.folder}`);
  }
  const isOurs = bestMissing === undefined && (await run.has('best.safetensors'));
  const files = isOurs ? await concludeSearch(runtime, run, preset, dataset, threads) : [];
  tell(trialTable(trials, { best: 5 }));
  if (failures !== undefined) tell(failures);
  if (bestMissing !== undefined)
    tell(`the best network is not here: ${bestMissing}; resume the search to have it evaluated again, or train it in full`);
  else if (!isOurs) tell('every reward was taken over, so there is no network here: its weights are in the run it came from');
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
