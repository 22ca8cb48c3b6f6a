// A search from a program: from a folder of images to the best architectures found.

import path from 'node:path';
import type { Dataset } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { writeCard, type DataCard } from '../core/inspect/index.js';
import { loadEncoder, Predictor } from '../core/model/index.js';
import type { EncoderWeights } from '../core/nn/index.js';
import { learntRange, loadPreset, makesChildren, openPresetData, type Preset, shortcutsFit, taskOf } from '../core/preset/index.js';
import { type Limits, requireSameOutputs, type RunConfig, RunFolder } from '../core/search/index.js';
import { channelNames } from '../core/task/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { type DeviceProfile, readDeviceProfile } from './device.js';
import { freeFolder } from './free-folder.js';
import { checkData } from './inspect-data.js';
import { silent } from './reporter.js';
import { runSearch, type SearchExecution, type SearchOutcome } from './run-search.js';
import { trialsToReuse } from './search-setting.js';

export interface SearchOptions extends SearchExecution {
  /** The data folder. */
  readonly data: string;
  /** A shipped preset's name, a file, or a preset. */
  readonly preset: string | Preset;
  /** The run's folder; absent: a new one below `runs`. */
  readonly out?: string | undefined;
  /** In place of the preset's. */
  readonly candidates?: number | undefined;
  readonly strategy?: Preset['strategy'] | undefined;
  /** Of `nsga2`: two or three of them. */
  readonly objectives?: Preset['objectives'] | undefined;
  readonly encoder?: string | undefined;
  /** No candidate is begun later than this many hours after the start. */
  readonly hours?: number | undefined;
  /** Absent: 0. */
  readonly seed?: number | undefined;
  /** A model whose logits are distilled. */
  readonly teacher?: string | undefined;
  /** Architectures beyond these are not evaluated, and do not count as candidates. */
  readonly limits?: Limits | undefined;
  /** A device profile (`profileDevice`) or its file: latency is that device's, predicted without it, and kept with every trial. */
  readonly target?: string | DeviceProfile | undefined;
  /** Milliseconds on the target; rewards are r · (latency / this)^w then (arXiv 1807.11626), w the preset's `latencyExponent`. */
  readonly targetLatency?: number | undefined;
  /** Another run whose rewards count for equal networks. */
  readonly reuseFrom?: string | undefined;
}

/**
 * Searches for architectures and keeps everything in the run's folder, from which `resumeSearch` goes on.
 * @throws UserError for what a user can mend: before there is a folder, or, as SearchStopped, when the machine (disk, memory, network)
 * keeps candidates from being evaluated; nothing that was computed is lost then
 */
export async function search(options: SearchOptions): Promise<SearchOutcome> {
  const {
    data,
    preset: source,
    out,
    candidates,
    strategy,
    objectives,
    encoder,
    hours,
    seed = 0,
    teacher,
    limits = {},
    target,
    targetLatency,
    reuseFrom,
  } = options;
  const named = typeof source === 'string' ? source : source.task;
  const preset = withChanges(typeof source === 'string' ? await loadPreset(source) : source, { candidates, strategy, objectives, encoder });
  if (preset.inheritance && !options.policy && !makesChildren(preset.strategy))
    throw new UserError(`inheritance: ${preset.strategy} makes no architecture from another; evolution, local and predictor do`, {
      about: ['preset', 'strategy'],
    });
  const folder = out ?? (await freeFolder(`runs/${path.basename(named, '.yaml')}-${preset.strategy}`));
  await RunFolder.open(folder).refuseWhereBegun();
  if (targetLatency !== undefined && target === undefined)
    throw new UserError('a target latency needs a target: the profile of the device that it is about');
  const profile = typeof target === 'string' ? await readDeviceProfile(target) : target;
  const set = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  const config: RunConfig = {
    data: path.resolve(data),
    seed,
    preset,
    ...(hours !== undefined && { hours }),
    ...(teacher !== undefined && { teacher: path.resolve(teacher) }),
    ...(set.length > 0 && { limits: Object.fromEntries(set) }),
    ...(profile && { target: profile }),
    ...(targetLatency !== undefined && { targetLatency }),
    ...(reuseFrom !== undefined && { reuseFrom: path.resolve(reuseFrom) }),
  };
  const start = await checkStart(config, options);
  const run = await RunFolder.create(folder);
  return claimed(run, async () => {
    await begin(run, config, start);
    return runSearch(run, config, options);
  });
}

/** What may be another when a search goes on: more candidates, another time limit, and where its files lie now. */
export interface ResumeOptions extends SearchExecution {
  readonly candidates?: number | undefined;
  readonly hours?: number | undefined;
  readonly data?: string | undefined;
  readonly teacher?: string | undefined;
}

/** A search goes on as it was begun. @throws UserError when data, encoder, teacher or preset are not what they were; SearchStopped */
export async function resumeSearch(folder: string, options: ResumeOptions = {}): Promise<SearchOutcome> {
  const run = RunFolder.open(folder);
  const { hours: _, ...kept } = await run.readConfig();
  const { candidates = kept.preset.candidates, hours, data, teacher } = options;
  if (teacher !== undefined && kept.teacher === undefined)
    throw new UserError(`teacher ${teacher}: ${folder} was begun without one; leave it out`, { about: ['teacher'] });
  if (options.candidates !== undefined && (await run.has('search.db'))) {
    const done = (await run.readTrials()).length;
    if (candidates < done)
      throw new UserError(`${candidates} candidates: ${done} architectures are done already; give ${done} or more, or leave it out`, {
        about: ['candidates'],
      });
  }
  const config = {
    ...kept,
    ...(hours !== undefined && { hours }),
    ...(data !== undefined && { data: path.resolve(data) }),
    ...(teacher !== undefined && { teacher: path.resolve(teacher) }),
    preset: { ...kept.preset, candidates },
  };
  return claimed(run, () => runSearch(run, config, options));
}

/** The preset with what is said in its place. */
function withChanges(preset: Preset, changes: Pick<SearchOptions, 'candidates' | 'strategy' | 'objectives' | 'encoder'>): Preset {
  const { candidates = preset.candidates, strategy = preset.strategy, encoder = preset.encoder } = changes;
  const objectives = changes.objectives ?? preset.objectives;
  const changed = { ...preset, candidates, strategy, objectives, encoder };
  const [fault] = shortcutsFit(changed);
  if (fault !== undefined) throw new UserError(fault, { about: ['preset', 'strategy'] });
  return changed;
}

/** Works on a run that nobody else works on meanwhile. */
async function claimed<T>(run: RunFolder, work: () => Promise<T>): Promise<T> {
  const lock = await run.claim();
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

interface Start {
  readonly encoder: EncoderWeights;
  readonly card: DataCard;
}

/** Whatever is wrong with data, encoder, teacher and the run to reuse shows here, before there is a folder. */
async function checkStart(config: RunConfig, { reporter = silent, signal }: SearchExecution): Promise<Start> {
  const { data, preset, teacher, reuseFrom } = config;
  const dataset: Dataset = await openPresetData(data, preset);
  const encoder = await loadEncoder(preset.encoder);
  if (reuseFrom !== undefined) await trialsToReuse(reuseFrom, config);
  if (teacher !== undefined) {
    const predictor = await Predictor.open(await nodeRuntime(), teacher);
    await predictor.close();
    requireSameOutputs({ file: teacher, predictor }, channelNames(taskOf(preset, preset.validation.framing).description).length);
  }
  const card = await checkData(dataset, data, learntRange(preset), { reporter, signal });
  return { encoder, card };
}

async function begin(run: RunFolder, config: RunConfig, { encoder, card }: Start): Promise<void> {
  await run.refuseWhereBegun();
  await run.writeEncoder(encoder);
  await writeCard(run.folder, card);
  await run.writeConfig(config);
}
