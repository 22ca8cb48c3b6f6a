// From a folder to a deployed model, in the time that is given: the data is looked at, a preset is made for it, architectures are searched,
// the best are trained in full, and the one that is kept is written with all that its user needs.

import { readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, type } from 'node:os';
import path from 'node:path';
import { type Dataset, dataFingerprint, exists, openData, requireUnused } from '../../core/data/index.js';
import { latencyPredictor } from '../../core/device/index.js';
import { reasonOf, UserError } from '../../core/errors/index.js';
import type { DataCard } from '../../core/inspect/index.js';
import { loadEncoder, Predictor, readNetwork } from '../../core/model/index.js';
import { evaluateModel } from '../../core/fit/index.js';
import { exportDeployed, cardOfModel } from '../../core/model/index.js';
import {
  learntText,
  loadPreset,
  measuredByBox,
  openPresetData,
  parsePreset,
  parseTrainPreset,
  type Preset,
  taskOf,
} from '../../core/preset/index.js';
import { seededRandom } from '../../core/random/index.js';
import { bestOf, RunFolder, type Trial } from '../../core/search/index.js';
import { formatGenotype, genotypeFromJson, parseArchitecture } from '../../core/space/index.js';
import type { Runtime } from '../../core/runtime/index.js';
import { shareText, type Task, type TaskName } from '../../core/task/index.js';
import { ownVersion, whoHolds } from '../../core/platform/index.js';
import { lockFolder, makeFolder, replaceFile } from '../../platform/node/files/index.js';
import { chooseDevice, type DeviceChoice } from '../../platform/node/device.js';
import { nodeRuntime } from '../../platform/node/runtime.js';
import { type DeviceProfile, readDeviceProfile, settingOf } from '../device.js';
import { formatDuration } from '../duration.js';
import { freeFolder } from '../free-folder.js';
import { checkData } from '../inspect-data.js';
import { fullStep } from '../measured-step.js';
import { type Reporter, silent } from '../reporter.js';
import { resumeSearch, search } from '../search.js';
import { FitClock } from './clock.js';
import { contenders } from './contenders.js';
import { type FitState, holdsFit, readState, type SettledPlan, writeState } from './fit-state.js';
import { presetForData, type WholePreset } from './preset-for-data.js';
import { presetText } from './preset-text.js';
import { fitReport } from './report.js';
import { comparedSamples, type FitFigures, type ResultsOptions, scoreOn, writeResults } from './results.js';
import { measureStepTimes } from './step-times.js';
import { searchSeconds, trainingPlan } from './time-plan.js';
import { firstStage, Trainings } from './trainings.js';

/** How a fit is carried out. */
export interface FitExecution {
  /** Processes that evaluate architectures; absent: as many as there are processors. */
  readonly workers?: number | undefined;
  /** What trains, in the search and after it; absent: the processor. `auto`: what is faster, measured on a step of each. */
  readonly device?: DeviceChoice | undefined;
  readonly reporter?: Reporter | undefined;
  /** Ends it after the step in hand: results are written of the best so far, and it can go on. */
  readonly signal?: AbortSignal | undefined;
  /** Commands with which the report ends, as they work for whoever fitted; absent: it ends before them. */
  readonly waysOn?: ((made: { readonly folder: string; readonly data: string }) => readonly string[]) | undefined;
}

export interface FitOptions extends FitExecution {
  /** The data folder, in any layout that `inspectData` knows. */
  readonly data: string;
  /** Of all of it, from the look at the data to the report. */
  readonly hours: number;
  /** The folder of results; absent: a new one below `runs`. */
  readonly out?: string | undefined;
  /** Where the folder does not tell. */
  readonly task?: TaskName | undefined;
  /** Stored units of depth maps a metre. */
  readonly depthScale?: number | undefined;
  /** Names of the classes by label, where the folder does not name them, or in another order. */
  readonly classes?: readonly string[] | undefined;
  /** The label of masks that is neither learnt nor counted; absent: 255. */
  readonly ignore?: number | undefined;
  /** In place of the preset that is made for the data: a file, or a preset with a section `train`. */
  readonly preset?: string | Preset | undefined;
  readonly encoder?: string | undefined;
  /** Milliseconds for one image on one thread here, or on the target; slower architectures are not trained. */
  readonly maxLatency?: number | undefined;
  /** A device's profile, or its file: latency is predicted for that device. It must be of the preset's sizes. */
  readonly target?: string | DeviceProfile | undefined;
  /** The search ends after so many architectures, also before its share of the time is over; absent: the preset's, or the time alone. */
  readonly candidates?: number | undefined;
  /** Absent: 0. */
  readonly seed?: number | undefined;
}

export interface FitOutcome {
  readonly folder: string;
  /** Of the network that is kept; undefined where it was interrupted before there was any. */
  readonly figures: FitFigures | undefined;
  readonly files: readonly string[];
  /** Some validation photographs, JPEG. */
  readonly pictures: readonly Uint8Array[];
  readonly interrupted: boolean;
  /** Whether the network was trained in full, or is a search's. */
  readonly isTrained: boolean;
  readonly seconds: { readonly given: number; readonly spent: number };
}

/**
 * @throws UserError before there is a folder, for what a user can mend; UnusableData; SearchStopped
 */
export async function fit(options: FitOptions): Promise<FitOutcome> {
  const { data, hours, task, depthScale, classes, ignore, seed = 0, maxLatency, target, encoder, reporter = silent, signal } = options;
  const clock = new FitClock(0, 3600 * hours);
  if (options.out !== undefined) await refuseTaken(options.out, data);
  const dataset = await openData(data, { task, scale: depthScale, names: classes, ignore });
  const card = await checkData(dataset, data, undefined, { reporter, signal });
  const preset = await presetOf(options, card);
  if (dataset.test) reporter.print(`${dataset.test.length} test images are kept for the end: they choose nothing`);
  reporter.print(`learnt: ${learntText(preset)}`);
  const { options: encoderOptions } = await loadEncoder(preset.encoder);
  const profile = typeof target === 'string' ? await readDeviceProfile(target) : target;
  // Refuses one that is of other sizes.
  if (profile) latencyPredictor(profile, { ...settingOf(preset), encoder: encoderOptions }, `the profile of ${profile.device.name}`);
  await requireDevice(options.device);
  const folder = options.out ?? (await freeFolder('runs/fit'));
  const state: FitState = {
    version: ownVersion,
    begun: new Date().toISOString(),
    data: path.resolve(data),
    ...(task !== undefined && { task }),
    ...(depthScale !== undefined && { depthScale }),
    ...(classes !== undefined && { classes: [...classes] }),
    ...(ignore !== undefined && { ignore }),
    seconds: 3600 * hours,
    seed,
    ...(maxLatency !== undefined && { maxLatency }),
    ...(profile && { target: profile }),
    spent: clock.spent,
    searched: false,
    trained: false,
  };
  await refuseTaken(folder, data);
  await makeFolder(folder).catch((error: unknown): never => {
    throw new UserError(`${folder}: cannot be written (${reasonOf(error)}); give another folder`);
  });
  return claimed(folder, async () => {
    await refuseTaken(folder, data);
    await replaceFile(path.join(folder, 'preset.yaml'), presetText(encoder === undefined ? preset : { ...preset, encoder }, card));
    await writeState(folder, state);
    return new Fit(folder, state, clock, options).run(card);
  });
}

export interface FitPresetOptions
  extends Pick<FitOptions, 'data' | 'task' | 'depthScale' | 'classes' | 'ignore' | 'encoder' | 'reporter' | 'signal'> {
  /** Absent: 1; where there is little time, an epoch has more samples and a search more candidates. */
  readonly hours?: number | undefined;
}

/**
 * The preset that `fit` would make for the data, as commented YAML, without beginning anything: to be changed, or to measure a device for.
 * @throws UserError, UnusableData, as `fit` does
 */
export async function fitPreset({ hours = 1, ...options }: FitPresetOptions): Promise<string> {
  const { data, task, depthScale, classes, ignore, encoder, reporter = silent, signal } = options;
  const dataset = await openData(data, { task, scale: depthScale, names: classes, ignore });
  const card = await checkData(dataset, data, undefined, { reporter, signal });
  const preset = await presetOf({ ...options, hours }, card);
  reporter.print(`learnt: ${learntText(preset)}`);
  return presetText(encoder === undefined ? preset : { ...preset, encoder }, card);
}

/** @throws UserError where a GPU is wanted and there is none; what `auto` means is measured at work */
async function requireDevice(device: DeviceChoice | undefined): Promise<void> {
  if (device !== 'webgpu') return;
  await chooseDevice(device, { threads: 1, what: '', measure: async () => 0, say: () => {} });
}

export interface ResumeFitOptions extends FitExecution {
  /** Where the data lies now. */
  readonly data?: string | undefined;
}

/** A fit goes on where it was left. @throws UserError when it is finished, or data or preset are not what they were; SearchStopped */
export async function resumeFit(folder: string, options: ResumeFitOptions = {}): Promise<FitOutcome> {
  await readState(folder);
  await requireDevice(options.device);
  return claimed(folder, async () => {
    const kept = await readState(folder);
    const state = options.data === undefined ? kept : { ...kept, data: path.resolve(options.data) };
    if (state.finished) throw new UserError(`${folder}: is finished, nothing is left to do; fit with more time in another folder`);
    const clock = new FitClock(state.spent, state.seconds);
    const { data, task, depthScale, classes, ignore } = state;
    const dataset = await openData(data, { task, scale: depthScale, names: classes, ignore });
    const card = await checkData(dataset, data, undefined, options);
    return new Fit(folder, state, clock, options).run(card);
  });
}

/** @param data what is fitted to: it may lie in the folder @throws UserError where the folder holds results, or anything else */
export async function refuseTaken(folder: string, data: string): Promise<void> {
  if (await holdsFit(folder)) throw new UserError(`${folder}: holds a fit already; go on with it, or give another folder`);
  const inside = path.relative(folder, data).split(path.sep)[0] ?? '';
  await requireUnused(folder, inside === '..' ? [] : [inside]);
}

async function claimed<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockFolder(folder);
  if ('heldBy' in lock) throw new UserError(`${folder}: ${whoHolds(lock.heldBy)}`);
  try {
    return await work();
  } finally {
    await lock.lock.release();
  }
}

/** Made for the data, or given. @throws UserError where the data cannot be read with it, or it has no section `train` */
async function presetOf(options: FitOptions, card: DataCard): Promise<WholePreset> {
  const preset = await unboundedPreset(options, card);
  return options.candidates === undefined ? preset : { ...preset, candidates: options.candidates };
}

async function unboundedPreset({ data, hours, preset: given, encoder }: FitOptions, card: DataCard): Promise<WholePreset> {
  if (given !== undefined) {
    const preset = typeof given === 'string' ? await loadPreset(given) : given;
    const whole = withTraining(preset, typeof given === 'string' ? given : 'the preset');
    await openPresetData(data, whole);
    return whole;
  }
  const made = presetForData(card, { encoder, hours });
  try {
    await openPresetData(data, made);
    return made;
  } catch (error) {
    const boxed = measuredByBox(made);
    if (!boxed) throw error;
    await openPresetData(data, boxed);
    return boxed;
  }
}

function withTraining(preset: Preset, source: string): WholePreset {
  const { train: section } = preset;
  if (!section)
    throw new UserError(`${source}: has no section train, by which the best is trained in full; presets/camvid-full.yaml has one to copy`);
  return { ...preset, train: section };
}

/** One fit at work. */
class Fit {
  readonly #folder: string;
  #state: FitState;
  readonly #clock: FitClock;
  readonly #execution: FitExecution;
  readonly #reporter: Reporter;

  constructor(folder: string, state: FitState, clock: FitClock, execution: FitExecution) {
    this.#folder = folder;
    this.#state = state;
    this.#clock = clock;
    this.#execution = execution;
    this.#reporter = execution.reporter ?? silent;
  }

  async run(card: DataCard): Promise<FitOutcome> {
    const preset = await this.#preset();
    const dataset = await openPresetData(this.#state.data, preset);
    // Search and trainings see for themselves that it is the data they were begun with; one that begins only now would not.
    await this.#requireSameData(dataset);
    let interrupted = await this.#search(preset);
    const trials = await this.#trials();
    if (!interrupted && !bestOf(trials))
      throw new UserError(
        `${this.#folder}: none of ${trials.length} architectures could be trained; the reasons are in ${this.#path('search')}`,
      );
    const plan = this.#state.plan ?? (interrupted ? undefined : await this.#makePlan(preset, dataset, trials));
    const trainings = plan && this.#trainings(preset, plan);
    if (trainings && !interrupted && !this.#state.trained) {
      await trainings.run();
      interrupted = this.#execution.signal?.aborted === true;
      if (!interrupted) await this.#save({ trained: true });
    }
    const outcome = await this.#conclude(card, preset, dataset, trials, trainings);
    await this.#save(this.#state.trained ? { finished: true } : {});
    const { seconds } = this.#state;
    return { folder: this.#folder, ...outcome, interrupted, seconds: { given: seconds, spent: this.#clock.spent } };
  }

  #path(...names: string[]): string {
    return path.join(this.#folder, ...names);
  }

  async #preset(): Promise<WholePreset> {
    const file = this.#path('preset.yaml');
    const text = await readFile(file, 'utf8').catch((error: unknown): never => {
      throw new UserError(`${file}: cannot be read (${reasonOf(error)}); put it back`);
    });
    parseTrainPreset(text, file);
    return withTraining(parsePreset(text, file), file);
  }

  async #save(changes: Partial<FitState>): Promise<void> {
    this.#state = { ...this.#state, ...changes, spent: this.#clock.spent };
    await writeState(this.#folder, this.#state);
  }

  /** When all will be done, if the plan holds. */
  #until(): string {
    return `${formatDuration(Math.max(0, this.#clock.left))} of all left`;
  }

  async #trials(): Promise<readonly Trial[]> {
    const run = RunFolder.open(this.#path('search'));
    return (await run.has('search.db')) ? run.readTrials() : [];
  }

  /** @returns whether it was interrupted */
  async #search(preset: WholePreset): Promise<boolean> {
    if (this.#state.searched) return false;
    const { workers, device, signal } = this.#execution;
    const { data, seed, maxLatency, target } = this.#state;
    const clock = this.#clock;
    const searchUntil = this.#state.searchUntil ?? clock.spent + searchSeconds(clock.left, endingGuess(this.#state.seconds));
    await this.#save({ searchUntil });
    const folder = this.#path('search');
    const over = new AbortController();
    let [begun, longest, scored] = [0, 0, 0];
    const started = new Map<number, number>();
    // What is in hand when the time is over is left, as long as there is something to train.
    const endOnTime = (): void => {
      if (scored > 0 && clock.spent >= searchUntil) over.abort();
    };
    const timer = setInterval(endOnTime, 500);
    const execution = {
      workers,
      device,
      signal: signal ? AbortSignal.any([over.signal, signal]) : over.signal,
      reporter: this.#reporter,
      // One that would end well behind the time is not begun; the first always is.
      mayBegin: () => begun === 0 || clock.spent + 0.8 * longest < searchUntil,
      observe: () => ({
        onCandidate: (index: number) => {
          begun++;
          started.set(index, performance.now());
        },
      }),
      onTrial: (trial: Trial, best: Trial | undefined) => {
        const from = started.get(trial.index);
        if (from !== undefined) longest = Math.max(longest, (performance.now() - from) / 1000);
        if (trial.error === undefined && trial.reward > 0) scored++;
        const told = trial.error === undefined ? `reward ${shareText(trial.reward)}` : 'could not be trained';
        this.#reporter.print(
          `search: architecture ${trial.index}, ${told}, best ${shareText(best?.reward ?? 0)}; ${formatDuration(Math.max(0, searchUntil - clock.spent))} of the search left, ${this.#until()}`,
        );
        void this.#save({}).catch(() => {});
      },
    };
    const limits = { latency: maxLatency };
    const work = (await exists(path.join(folder, 'config.yaml')))
      ? resumeSearch(folder, { data, ...execution })
      : search({ data, preset, out: folder, seed, limits, target, ...execution });
    const outcome = await work.finally(() => clearInterval(timer));
    const interrupted = signal?.aborted === true;
    await this.#save(interrupted ? {} : { searched: outcome.trials.length > 0 });
    // A search that was left keeps them, to go on with.
    if (this.#state.searched) await rm(path.join(folder, 'taps'), { recursive: true, force: true });
    return interrupted;
  }

  /** @throws UserError where other data would be reported as what the network was made from */
  async #requireSameData(dataset: Dataset): Promise<void> {
    const begun = await RunFolder.open(this.#path('search')).begunSetting();
    if (!begun || (await dataFingerprint(dataset)) === begun.data) return;
    throw new UserError(
      `${this.#folder}: cannot go on as it was begun: the data's files in ${this.#state.data} have other contents: put them back, or say where they lie now`,
      { about: ['data'] },
    );
  }

  /** Which architectures are trained, and for how long: settled once. */
  async #makePlan(preset: WholePreset, dataset: Dataset, trials: readonly Trial[]): Promise<SettledPlan> {
    this.#reporter.show('measuring how long a training takes');
    const ranked = contenders(trials);
    const genotypes = ranked.map(({ genotype }) => formatGenotype(genotypeFromJson(genotype)));
    const [best] = genotypes;
    if (best === undefined) throw new UserError(`${this.#folder}: no architecture of the search has a reward above 0`);
    const encoder = await RunFolder.open(this.#path('search')).readEncoder();
    const random = seededRandom(this.#state.seed).fork('step times');
    const stage1 = firstStage(preset);
    const timed = { ...preset, train: { ...preset.train, stage1 } };
    const genotype = parseArchitecture(best);
    const threads = availableParallelism();
    const device = await chooseDevice(this.#execution.device ?? 'cpu', {
      threads,
      what: 'a training step',
      measure: fullStep(timed, genotype, encoder),
      // The trainings say it.
      say: () => {},
    });
    const times = await measureStepTimes(await nodeRuntime({ threads, device }), timed, { genotype, dataset, encoder, random });
    const ending = await this.#endingSeconds(preset, dataset);
    const left = this.#clock.left - ending;
    const images = dataset.train.length;
    // The others' from what a candidate's training took them, beside that of the one that was measured.
    const networks = ranked.map(({ seconds }) => {
      const decoder = times.decoder * (seconds.training / (ranked[0]?.seconds.training ?? seconds.training));
      return { decoder, epoch: times.epoch + images * (decoder - times.decoder) };
    });
    const plan = trainingPlan({ ...times, left, images, batch: stage1.batch, networks });
    const settled = {
      ending,
      samples: plan.samples,
      networks: plan.networks.map((network, k) => ({ genotype: genotypes[k] ?? '', ...network })),
    };
    if (times.epoch > left)
      this.#reporter.print(
        `note: ${formatDuration(Math.max(0, left))} are left to train, and one epoch takes ${formatDuration(times.epoch)}: give more time`,
      );
    await this.#save({ plan: settled });
    return settled;
  }

  #trainings(preset: WholePreset, plan: SettledPlan): Trainings {
    const { data, seed } = this.#state;
    const { device, signal } = this.#execution;
    return new Trainings({
      folder: this.#folder,
      data,
      seed,
      preset,
      plan,
      clock: this.#clock,
      reporter: this.#reporter,
      device,
      signal,
      onEpoch: () => void this.#save({}).catch(() => {}),
    });
  }

  /** Of what comes after the trainings: models, all validation images, comparison, report. */
  async #endingSeconds(preset: WholePreset, dataset: Dataset): Promise<number> {
    const network = this.#path('search', 'best.safetensors');
    if (!(await exists(network))) return endingGuess(this.#state.seconds);
    const model = exportDeployed(await readNetwork(network));
    const predictor = await Predictor.of(
      await nodeRuntime({ threads: availableParallelism() }),
      model,
      cardOfModel(model, network),
      network,
    );
    const shown = dataset.val.slice(0, 4);
    try {
      const started = performance.now();
      await evaluateModel(predictor, shown, { labelling: dataset.labelling, task: taskOf(preset, preset.validation.framing) });
      const each = (performance.now() - started) / 1000 / Math.max(1, shown.length);
      // Counted twice: in the whole and alone.
      return 14 + each * (1.2 * dataset.val.length + (dataset.test?.length ?? 0) + 2 * Math.min(40, dataset.val.length) + 40);
    } finally {
      await predictor.close();
    }
  }

  /** Whether the search's network, of another recipe, is better than one for which there was next to no time. */
  async #isBetter(
    runtime: Runtime,
    searched: string,
    trained: string,
    { dataset, task, done }: { readonly dataset: Dataset; readonly task: Task; readonly done: number },
  ): Promise<boolean> {
    if (done >= surelyBetter || !(await exists(searched))) return false;
    const scores: number[] = [];
    for (const file of [searched, trained]) {
      const model = exportDeployed(await readNetwork(file));
      scores.push(await scoreOn(runtime, model, comparedSamples(dataset), { labelling: dataset.labelling, task }));
    }
    const [before = 0, after = 0] = scores;
    if (before > after)
      this.#reporter.print(
        `note: ${done} epoch(s) of full training gave ${after.toFixed(3)}, the search's own network has ${before.toFixed(3)} and is kept; give more time`,
      );
    return before > after;
  }

  async #prediction(preset: WholePreset): Promise<ResultsOptions['predict']> {
    const { target } = this.#state;
    if (!target) return undefined;
    const { options: encoder } = await RunFolder.open(this.#path('search')).readEncoder();
    const predict = latencyPredictor(target, { ...settingOf(preset), encoder }, `the profile of ${target.device.name}`);
    return (architecture) => ({ device: target.device.name, milliseconds: predict(architecture) / 1000 });
  }

  /** Results of the best network that there is. */
  async #conclude(
    card: DataCard,
    preset: WholePreset,
    dataset: Dataset,
    trials: readonly Trial[],
    trainings: Trainings | undefined,
  ): Promise<Pick<FitOutcome, 'figures' | 'files' | 'pictures' | 'isTrained'>> {
    const { framing } = preset.train.validation;
    const task = taskOf(preset, framing);
    const histories = (await trainings?.soFar()) ?? [];
    const best = trainings?.bestOf(histories) ?? 0;
    const trained = path.join(trainings?.folderOf(best) ?? this.#folder, 'best.safetensors');
    const searched = this.#path('search', 'best.safetensors');
    const runtime = await nodeRuntime({ threads: availableParallelism() });
    const isTrained =
      (await exists(trained)) &&
      !(await this.#isBetter(runtime, searched, trained, { dataset, task, done: histories[best]?.history.length ?? 0 }));
    const network = isTrained ? trained : searched;
    if (!(await exists(network))) return { figures: undefined, files: [], pictures: [], isTrained: false };
    const { seed, seconds } = this.#state;
    const random = seededRandom(seed).fork('bootstrap');
    const results = await writeResults(runtime, {
      folder: this.#folder,
      network,
      dataset,
      task,
      framing,
      random,
      isEnd: this.#state.trained,
      predict: await this.#prediction(preset),
      reporter: this.#reporter,
    });
    const report = this.#path('report.html');
    const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} threads, ${type()}`;
    const spent = this.#clock.spent;
    const html = fitReport({
      waysOn: this.#execution.waysOn?.({ folder: this.#folder, data: card.folder }) ?? [],
      version: ownVersion,
      date: new Date().toISOString().slice(0, 10),
      machine,
      // Without the place of the schema, which is this machine's.
      preset: presetText(preset, card).replace(/^# yaml-language-server.*\n/, ''),
      card,
      seed,
      seconds: { given: seconds, spent },
      trials,
      trainings: histories,
      results,
    });
    await replaceFile(report, html);
    const pictures = results.shown.flatMap(({ pictures: [photograph] }) => photograph ?? []);
    return { figures: results.figures, files: [...results.files, report], pictures, isTrained };
  }
}

/** After so many epochs a full training is beyond a candidate's. */
const surelyBetter = 10;

/** Until it can be measured. */
function endingGuess(seconds: number): number {
  return Math.min(90, 0.1 * seconds);
}
