// A run's database as the pages see it.

import type { LatencyMeasurement } from '../core/device/index.js';
import { parseJson } from '../core/errors/index.js';
import { readCard } from '../core/inspect/index.js';
import { taskOf } from '../core/preset/index.js';
import {
  liveCandidates,
  type RowOrder,
  type RunConfig,
  type RunFolder,
  runState,
  scoredImages,
  type TrialStore,
} from '../core/search/index.js';
import type { RunNews, RunView, Timing, TrialPage, TrialView } from './api.js';
import { rowOf, storedTrial } from './stored-trial.js';

const shownEvents = 50;

/** An opened run, with all that is looked up of it. */
export interface RunSource {
  readonly name: string;
  readonly id: string;
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly store: TrialStore;
}

export async function runView(source: RunSource): Promise<RunView> {
  const { name, config, store } = source;
  const { preset, seed } = config;
  const { width, height } = preset.validation.framing;
  const task = taskOf(preset, preset.validation.framing);
  return {
    kind: 'search',
    run: name,
    folder: source.folder.folder,
    data: config.data,
    candidates: preset.candidates,
    strategy: preset.strategy,
    seed,
    task: preset.task,
    output: task.description,
    score: task.score,
    decoder: preset.decoder,
    inputSize: [height, width],
    stages: preset.stage2 ? 2 : 1,
    scoredImages: scoredImages(store) ?? null,
    excluded: preset.task === 'segmentation' ? preset.reward.excluded : [],
    findings: (await readCard(source.folder.folder))?.findings ?? [],
    timings: (await source.folder.readMeasurements()).flatMap(timingsOf),
    ...(await runNews(source)),
  };
}

function timingsOf({ device, runtime, networks }: LatencyMeasurement): Timing[] {
  return networks.map(({ trial = null, architecture, predicted = null, measured }) => ({
    ...{ trial, architecture, predicted, measured },
    device: `${device.adapter ?? device.name}, ${runtime.backend}`,
  }));
}

export async function runNews({ id, folder, config, store }: RunSource): Promise<RunNews> {
  const done = store.finishedCount();
  const state = runState(store, done, config.preset.candidates);
  const own = (await folder.has('best.safetensors')) ? store.bestIndex(true) : undefined;
  return {
    id,
    state,
    perHour: store.perHour(),
    done,
    best: store.bestIndex() ?? null,
    model: own?.index ?? null,
    live: state === 'running' ? liveCandidates(store) : [],
    events: store.lastEvents(shownEvents),
  };
}

export function trialPage({ config, store }: RunSource, from: number, most: number, order: RowOrder): TrialPage {
  const { score } = taskOf(config.preset, config.preset.validation.framing);
  return { rows: store.rowsFrom(from, most, order).map((row) => rowOf(row, score)) };
}

/** @returns undefined when there is no such finished trial */
export function trialView({ config, store }: RunSource, index: number): TrialView | undefined {
  const row = store.row(index);
  if (!row) return undefined;
  const { score } = taskOf(config.preset, config.preset.validation.framing);
  return {
    trial: { ...rowOf(row, score), metrics: storedTrial(row).metrics, genotypeJson: parseJson(row.genotype) ?? row.genotype },
    epochs: store.epochs(index),
    breakdown: breakdownOf(store, index),
    pictures: store.pictures(index),
  };
}

function breakdownOf(store: TrialStore, index: number): TrialView['breakdown'] {
  try {
    return store.breakdown(index) ?? null;
  } catch {
    // Of another version: the rest is shown.
    return null;
  }
}
