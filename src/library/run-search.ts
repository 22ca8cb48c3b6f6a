// A search at work on a run that this process has claimed: what it needs is opened, candidates are evaluated, the best is kept.

import { createHash } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import path from 'node:path';
import { type Dataset, skippedNote } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { Predictor } from '../core/model/index.js';
import type { EncoderWeights } from '../core/nn/index.js';
import type { Policy } from '../core/policy/index.js';
import { openPresetData, type Preset, taskOf } from '../core/preset/index.js';
import { type Random, seededRandom } from '../core/random/index.js';
import type { Runtime } from '../core/runtime/index.js';
import {
  bestOf,
  concludeSearch,
  createPolicy,
  EarlyStop,
  type Executor,
  photoKeeper,
  machineErrorOf,
  measureLatency,
  modelBytes,
  prepareTaps,
  printableUrl,
  type RunConfig,
  type RunFolder,
  type RunSetting,
  search as searchLoop,
  type SearchObserver,
  SearchPaused,
  type SearchResult,
  type Trial,
  type TrialStore,
  undistinguishedNote,
} from '../core/search/index.js';
import { latencyPredictor, unmeasuredNote } from '../core/device/index.js';
import { chooseDevice, type DeviceChoice } from '../platform/node/device.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { LocalWorkers } from '../platform/node/workers/index.js';
import { settingOf } from './device.js';
import { candidateStep } from './measured-step.js';
import { type Reporter, silent } from './reporter.js';
import { sameAsBegun, trialsToReuse } from './search-setting.js';

/** What is known when candidates are about to be evaluated. */
export interface SearchStart {
  readonly folder: string;
  /** Of earlier sessions. */
  readonly done: number;
  readonly candidates: number;
  readonly hours: number | undefined;
  /** Candidates at once on this machine. */
  readonly workers: number;
}

/** What a strategy of one's own is made from. */
export interface PolicyStart {
  readonly runtime: Runtime;
  readonly space: { readonly blocks: number; readonly rounds: number };
  readonly random: Random;
  /** What `state()` of the same strategy gave in an earlier session. */
  readonly state: unknown;
}

/**
 * How a search is carried out; the same trials come out of it whatever is said here, but for a strategy of one's own, and but for a GPU,
 * whose sums have another order.
 */
export interface SearchExecution {
  /** What trains candidates on this machine; absent: the processor. `auto`: what is faster, measured on one step. */
  readonly device?: DeviceChoice | undefined;
  /** Processes that evaluate candidates; absent: as many as there are processors, and one on a GPU. */
  readonly workers?: number | undefined;
  /** Of ONNX Runtime, a worker; absent: the processors divided by the workers. */
  readonly threads?: number | undefined;
  /** A worker that says nothing for so many minutes hangs; absent: 10. */
  readonly timeout?: number | undefined;
  /** The address of a Redis: workers on any machine evaluate. */
  readonly queue?: string | undefined;
  /** A strategy of one's own, in place of the preset's. */
  readonly policy?: ((start: PolicyStart) => Policy | Promise<Policy>) | undefined;
  /** Where candidates are evaluated, in place of processes on this machine. @param setting what the search is about */
  readonly executor?: ((setting: RunSetting, run: RunFolder) => Executor | Promise<Executor>) | undefined;
  /** Makes what is told of the search as it goes. */
  readonly observe?: ((start: SearchStart) => SearchObserver | Promise<SearchObserver>) | undefined;
  /** @param best so far; undefined while every candidate has failed */
  readonly onTrial?: ((trial: Trial, best: Trial | undefined) => void) | undefined;
  /** Asked before each candidate: whether one more may be begun; absent: until they are done or the time is over. */
  readonly mayBegin?: (() => boolean) | undefined;
  readonly reporter?: Reporter | undefined;
  /** Ends it after the step in hand; everything before is kept. */
  readonly signal?: AbortSignal | undefined;
}

export interface SearchOutcome {
  /** The run: trials, the best network as best.safetensors and best.onnx, its drawing and its predictions. */
  readonly folder: string;
  /** By index, those of earlier sessions too. */
  readonly trials: readonly Trial[];
  /** With the highest reward; undefined where none could be trained. */
  readonly best: Trial | undefined;
  /** What it was searched with. */
  readonly preset: Preset;
  /** False where it was interrupted before any candidate could be evaluated. */
  readonly prepared: boolean;
  readonly interrupted: boolean;
  /** How many proposals were beyond the limits: they took no worker and are no trials. */
  readonly refused: number;
  /** What was written of the best network; nothing where its weights are not this run's. */
  readonly files: readonly string[];
  /** Why the best network's weights are not here, where they ought to be. */
  readonly bestMissing: string | undefined;
}

/** The machine kept the search from going on: it can be resumed once that is mended. */
export class SearchStopped extends UserError {
  override readonly name = 'SearchStopped';
  readonly folder: string;

  constructor(reason: string, folder: string) {
    super(reason);
    this.folder = folder;
  }
}

/** @pre the run is claimed */
export async function runSearch(run: RunFolder, config: RunConfig, execution: SearchExecution): Promise<SearchOutcome> {
  try {
    return await workOn(run, config, execution);
  } catch (error) {
    const fault = error instanceof UserError && !(error instanceof SearchPaused) ? undefined : machineErrorOf(error);
    throw fault ? new SearchStopped(fault.message, run.folder) : error;
  }
}

async function workOn(run: RunFolder, config: RunConfig, execution: SearchExecution): Promise<SearchOutcome> {
  const { preset, seed, hours, limits, target, targetLatency } = config;
  const { reporter = silent, signal = new AbortController().signal, queue } = execution;
  const cores = availableParallelism();
  const dataset = await openPresetData(config.data, preset);
  const random = seededRandom(seed);
  const runtime = await nodeRuntime();
  const known = config.reuseFrom === undefined ? undefined : await trialsToReuse(config.reuseFrom, config);
  const { setting, encoder } = await sameAsBegun(run, config, dataset, reporter);
  const pieces = { ...settingOf(preset), encoder: encoder.options };
  const profiled = target && `the profile of ${target.device.name}`;
  const predict = target && profiled && latencyPredictor(target, pieces, profiled);
  const unmeasured = target && profiled && unmeasuredNote(target, pieces, preset.space, profiled, random.fork('unmeasured'));
  if (unmeasured) reporter.print(unmeasured);
  const device = await chooseDevice(queue === undefined && !execution.executor ? (execution.device ?? 'cpu') : 'cpu', {
    threads: cores,
    what: 'a training step',
    measure: candidateStep(preset),
    say: (text) => reporter.print(text),
  });
  const workers = execution.workers ?? (device === 'webgpu' ? 1 : cores);
  const threads = execution.threads ?? Math.max(1, Math.floor(cores / workers));
  // All that could refuse has been asked: from here on the folder is changed.
  await run.writeConfig(config);
  const store = run.openStore();
  store.set('setting', JSON.stringify(setting));
  store.set('pid', String(process.pid));
  let policy: Policy | undefined;
  let executor: Executor | undefined;
  try {
    const saved = store.resume();
    const done = store.trials().length;
    const observer = await execution.observe?.({ folder: run.folder, done, candidates: preset.candidates, hours, workers });
    const where = queue === undefined ? `${workers} worker(s)` : `workers on ${printableUrl(queue)}`;
    reporter.print(
      `${run.folder}: ${execution.mayBegin ? '' : `${preset.candidates} `}architectures by ${preset.strategy}${execution.mayBegin ? ' while there is time' : ''}${done > 0 ? `, ${done} of them done` : ''}, ${dataset.train.length} training images, encoder ${encoder.source}, ${where}`,
    );
    if (skippedNote(dataset) !== '') reporter.print(skippedNote(dataset));
    if (preset.distillation && config.teacher === undefined) reporter.print('note: no teacher is given, so nothing is distilled');
    if (queue === undefined) {
      const prepared = await prepare(runtime.with({ threads: cores }), run, config, { dataset, encoder, random, reporter, signal });
      const nothing = { trials: store.trials(), interrupted: true, refused: 0, bestMissing: undefined };
      if (!prepared) return outcome(run, preset, nothing, { prepared, files: [] });
      executor = execution.executor
        ? await execution.executor(setting, run)
        : new LocalWorkers(
            { preset, data: config.data, seed, encoder: run.path('encoder.safetensors'), taps: run.path('taps'), threads, device },
            { workers, ...(execution.timeout !== undefined && { silenceSeconds: 60 * execution.timeout }) },
          );
    } else {
      // Only here: Redis and its libraries are for those who have a queue.
      const { QueueExecutor } = await import('../platform/redis/index.js');
      executor = await QueueExecutor.open({ url: queue, run: queueId(run), setting, say: (text) => reporter.print(text) });
    }
    const strategy = { runtime, space: preset.space, random: random.fork('policy'), state: saved?.policy };
    policy = execution.policy ? await execution.policy(strategy) : await createPolicy(runtime, preset, strategy.random, strategy.state);
    const { width, height } = preset.validation.framing;
    const shared = { task: taskOf(preset, preset.validation.framing).description, decoder: preset.decoder };
    const result = await searchLoop({
      ...shared,
      keepPhotos: photoKeeper(store, dataset, preset, random),
      run,
      store,
      policy,
      executor,
      stop: new EarlyStop(preset, saved?.stop),
      inheritance: preset.inheritance,
      encoder,
      inputSize: [height, width],
      seed,
      candidates: preset.candidates,
      pending: saved?.pending ?? [],
      ...(known && { known }),
      limits,
      objectives: preset.strategy === 'nsga2' ? preset.objectives : [],
      latencyOf: async (genotype) =>
        predict ? predict(genotype) / 1000 : measureLatency(runtime, { genotype, ...shared, inputSize: [height, width] }),
      timesAll: predict !== undefined,
      softLatency: targetLatency === undefined ? undefined : { target: targetLatency, exponent: preset.latencyExponent },
      bytesOf: (genotype) => modelBytes({ genotype, ...shared }),
      hours,
      mayBegin: execution.mayBegin,
      observer: both(observer, execution.onTrial),
      signal,
    });
    await executor.close();
    const { trials, interrupted, bestMissing } = result;
    const alike = undistinguishedNote(trials);
    if (alike !== undefined) reporter.print(alike);
    const isOurs = bestOf(trials) !== undefined && bestMissing === undefined && (await run.has('best.safetensors'));
    const files = isOurs ? await concludeSearch(runtime.with({ threads: cores }), run, preset, dataset) : [];
    if (!interrupted && trials.length >= preset.candidates) await run.tidy();
    return outcome(run, preset, result, { prepared: true, files });
  } finally {
    await executor?.close();
    await policy?.close();
    leave(store);
  }
}

function outcome(
  { folder }: RunFolder,
  preset: Preset,
  { trials, interrupted, refused, bestMissing }: SearchResult,
  rest: Pick<SearchOutcome, 'prepared' | 'files'>,
): SearchOutcome {
  return { folder, preset, trials, best: bestOf(trials), interrupted, refused, bestMissing, ...rest };
}

/** The observer, and who only wants trials. */
function both(observer: SearchObserver | undefined, onTrial: SearchExecution['onTrial']): SearchObserver {
  if (!onTrial) return observer ?? {};
  return {
    onCandidate: (...news) => observer?.onCandidate?.(...news),
    onStep: (...news) => observer?.onStep?.(...news),
    onValidation: (...news) => observer?.onValidation?.(...news),
    onEvent: (...news) => observer?.onEvent?.(...news),
    onTrial: (...news) => {
      observer?.onTrial?.(...news);
      onTrial(...news);
    },
  };
}

/** The same whenever the run goes on, and another for every other run. */
function queueId(run: RunFolder): string {
  const place = createHash('sha256')
    .update(`${hostname()}:${path.resolve(run.folder)}`)
    .digest('hex');
  return `${path.basename(run.folder).replace(/[^\w.-]/g, '-')}-${place.slice(0, 8)}`;
}

/** The run is free again; on a full disk the process's end says the same. */
function leave(store: TrialStore): void {
  try {
    store.set('pid', '');
  } catch {
    // What stopped the search stops this too.
  }
  store.close();
}

interface Preparation {
  readonly dataset: Dataset;
  readonly encoder: EncoderWeights;
  readonly random: Random;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** @returns false when it was interrupted */
async function prepare(runtime: Runtime, run: RunFolder, config: RunConfig, { reporter, ...options }: Preparation): Promise<boolean> {
  const { teacher: file, preset } = config;
  const teacher = file === undefined ? undefined : { file, predictor: await Predictor.open(runtime, file) };
  try {
    const onProgress = (what: string, done: number, total: number): void => reporter.show(`${what} ${done} of ${total}`);
    const onNote = (text: string): void => reporter.print(`note: ${text}`);
    await prepareTaps(runtime, { ...options, preset, teacher, onProgress, onNote }, run.path('taps'));
    return true;
  } catch (error) {
    if (!options.signal.aborted) throw error;
    return false;
  } finally {
    await teacher?.predictor.close();
  }
}
