// A run's database as the pages see it.

import type { LatencyMeasurement } from '../core/device/index.js';
import { UserError } from '../core/errors/index.js';
import { parseJson } from '../core/errors/index.js';
import { readCard } from '../core/inspect/index.js';
import { excludedLabels, rewardInWords, taskOf } from '../core/preset/index.js';
import { liveCandidates, type RunConfig, type RunFolder, runState, scoredImages, type TrialStore } from '../core/search/index.js';
import type { RunNews, RunView, Timing, TrialPage, TrialQuery, TrialView } from './api.js';
import { nearestPreset } from './nearest-preset.js';
import type { TrialColumns } from './trial-columns.js';
import { rowOf, storedTrial } from './stored-trial.js';

const shownEvents = 50;

/** An opened run, with all that is looked up of it. */
export interface RunSource {
  readonly name: string;
  readonly id: string;
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly store: TrialStore;
  /** A fit has ended it, whatever its preset asks for. */
  readonly isOver: boolean;
}

export async function runView(source: RunSource): Promise<RunView> {
  const { name, config, store } = source;
  const { preset, seed } = config;
  const { width, height } = preset.validation.framing;
  const task = taskOf(preset, preset.validation.framing);
  const card = await readCard(source.folder.folder);
  return {
    kind: 'search',
    run: name,
    folder: source.folder.folder,
    data: config.data,
    candidates: preset.candidates,
    strategy: preset.strategy,
    seed,
    begun: store.begun() || null,
    version: await versionOf(source.folder),
    encoder: preset.encoder,
    limits: limitsOf(config),
    device: deviceOf(store),
    target: config.target?.device.name ?? null,
    preset: (await nearestPreset(preset)) ?? null,
    images: card?.splits.find((split) => split.name === 'train')?.samples ?? null,
    task: preset.task,
    output: task.description,
    score: task.score,
    decoder: preset.decoder,
    inputSize: [height, width],
    reward: rewardInWords(preset),
    stages: preset.stage2 ? 2 : 1,
    scoredImages: scoredImages(store) ?? null,
    excluded: excludedLabels(preset),
    findings: card?.findings ?? [],
    timings: (await source.folder.readMeasurements().catch(unlessDamaged)).flatMap(timingsOf),
    ...(await runNews(source)),
  };
}

function timingsOf({ device, runtime, networks }: LatencyMeasurement): Timing[] {
  return networks.map(({ trial = null, architecture, predicted = null, measured }) => ({
    ...{ trial, architecture, predicted, measured },
    device: `${device.adapter ?? device.name}, ${runtime.backend}`,
  }));
}

export async function runNews({ id, folder, config, store, isOver }: RunSource): Promise<RunNews> {
  const done = store.finishedCount();
  const { candidates } = config.preset;
  const state = runState(store, done, isOver ? done : candidates);
  const [begun, ended] = [store.begun(), store.ended()];
  const perHour = store.perHour();
  const own = (await folder.has('best.safetensors')) ? store.bestIndex(true) : undefined;
  return {
    id,
    state,
    ending: isOver && state === 'finished' && done < candidates ? 'time' : null,
    perHour,
    seconds: begun === '' || ended === '' ? null : (Date.parse(ended) - Date.parse(begun)) / 1000,
    secondsLeft: state === 'running' && perHour ? (3600 * Math.max(0, candidates - done)) / perHour : null,
    done,
    best: store.bestIndex() ?? null,
    model: own?.index ?? null,
    live: state === 'running' ? liveCandidates(store) : [],
    events: store.lastEvents(shownEvents),
  };
}

/** Undefined in runs of earlier versions. */
async function versionOf(folder: RunFolder): Promise<string | null> {
  return folder.begunSetting().then(
    (setting) => setting?.version ?? null,
    () => null,
  );
}

function limitsOf({ limits, hours, target, targetLatency }: RunConfig): string[] {
  return [
    ...(limits?.parameters === undefined ? [] : [`${(limits.parameters / 1e6).toFixed(2)} M parameters`]),
    ...(limits?.multiplyAdds === undefined ? [] : [`${(limits.multiplyAdds / 1e9).toFixed(2)} G multiply-adds`]),
    ...(limits?.latency === undefined ? [] : [`${limits.latency} ms${target ? ` on ${target.device.name}` : ''}`]),
    ...(targetLatency === undefined ? [] : [`rewards fall beyond ${targetLatency} ms`]),
    ...(hours === undefined ? [] : [`${hours} h`]),
  ];
}

/** By the best one that was trained here. */
function deviceOf(store: TrialStore): string | null {
  const best = store.bestIndex(true);
  const row = best && store.row(best.index);
  return (row && storedTrial(row).device) ?? null;
}

/** A page of a table. */
export async function trialPage(
  { config, store, columns }: RunSource & { readonly columns: TrialColumns },
  query: TrialQuery,
  from: number,
  most: number,
): Promise<TrialPage> {
  const { score } = taskOf(config.preset, config.preset.validation.framing);
  const indices = await columns.select(query);
  const rows = indices.slice(from, from + most).flatMap((index) => store.row(index) ?? []);
  return { rows: rows.map((row) => rowOf(row, score)), count: indices.length };
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

/** What is damaged beside a run hides nothing of it; whoever asks for it by command is told. */
function unlessDamaged(error: unknown): [] {
  if (error instanceof UserError) return [];
  throw error;
}
