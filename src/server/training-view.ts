// A training's folder as the pages see it.

import path from 'node:path';
import { parseJson, UserError } from '../core/errors/index.js';
import { epochSchema, type EpochRecord, type FitConfig, FitFolder, type FitSetting, trainingEpochs } from '../core/fit/index.js';
import { type DataCard, readCard } from '../core/inspect/index.js';
import { files, ownText } from '../core/platform/index.js';
import { excludedLabels, taskOf, type TrainPreset } from '../core/preset/index.js';
import { rateFactor } from '../core/train/index.js';
import { readProgress } from '../library/training-progress.js';
import { TrainingPictures } from '../library/training-pictures.js';
import { isFolderLocked } from '../platform/node/files/index.js';
import { csvText } from '../library/csv.js';
import { orderedMetrics } from '../core/task/index.js';
import type { EpochPoint, ListedRun, RunState, TrainingView } from './api.js';
import { plainFile, type RunPlace } from './run-places.js';
import { thinned } from './thinned.js';

/** What is looked up of a training. */
interface TrainingFacts {
  readonly place: RunPlace;
  readonly folder: FitFolder;
  readonly config: FitConfig;
  readonly card: DataCard | undefined;
  readonly history: readonly EpochRecord[];
  readonly state: RunState;
  /** ISO. */
  readonly begun: string | null;
  readonly setting: FitSetting | undefined;
}

/** @param isOver a fit has ended it, whatever its preset asks for @throws UserError where its configuration cannot be read */
async function trainingFacts(place: RunPlace, isOver: boolean): Promise<TrainingFacts> {
  const { folder, config } = await FitFolder.open(place.folder);
  const history = await readHistory(folder);
  const began = (await plainFile(folder.path('begun.json'))) ?? (await plainFile(folder.path('config.yaml')));
  const isDone = isOver || history.length >= trainingEpochs(config.preset);
  return {
    place,
    folder,
    config,
    history,
    card: await readCard(place.folder),
    state: isFolderLocked(place.folder) === true ? 'running' : isDone ? 'finished' : 'interrupted',
    begun: began ? new Date(began.mtimeMs).toISOString() : null,
    setting: await folder.begun().catch((error: unknown): undefined => {
      if (!(error instanceof UserError)) throw error;
    }),
  };
}

/** A line an epoch; what cannot be read is left out. */
async function readHistory(folder: FitFolder): Promise<EpochRecord[]> {
  const text = (await ownText(files(), folder.path('metrics.jsonl'))) ?? '';
  return text.split('\n').flatMap((line) => epochSchema.safeParse(parseJson(line)).data ?? []);
}

const listedPoints = 100;

export async function listedTraining(place: RunPlace, isOver: boolean): Promise<ListedRun> {
  const { config, card, history, state, begun } = await trainingFacts(place, isOver);
  const { score } = taskOf(config.preset, config.preset.train.validation.framing);
  const scores = history.flatMap(({ metrics }) => metrics?.[score] ?? []);
  const top = bestOf(history, score);
  return {
    kind: 'training',
    run: place.name,
    state,
    begun,
    task: config.preset.task,
    data: config.data,
    images: samplesOf(card)?.train ?? null,
    seconds: secondsOf(history),
    done: history.length,
    total: trainingEpochs(config.preset),
    ending: null,
    best: top ? { name: score, value: top.value } : null,
    curve: thinned(scores.length, listedPoints).map((at) => scores[at] ?? 0),
  };
}

export async function trainingView(place: RunPlace, isOver: boolean): Promise<Omit<TrainingView, 'ending'>> {
  const { folder, config, card, history, state, begun, setting } = await trainingFacts(place, isOver);
  const { preset, genotype, seed, data } = config;
  const { train } = preset;
  const { width, height } = train.validation.framing;
  const task = taskOf(preset, train.validation.framing);
  const progress = state === 'running' ? await readProgress(place.folder) : undefined;
  const live = progress && progress.epoch >= history.length ? progress : undefined;
  return {
    kind: 'training',
    run: place.name,
    folder: place.folder,
    state,
    begun,
    version: setting?.version ?? null,
    data,
    images: samplesOf(card) ?? null,
    task: preset.task,
    output: task.description,
    score: task.score,
    excluded: excludedLabels(preset),
    genotype,
    genotypeJson: parseJson(genotype) ?? null,
    encoder: preset.encoder,
    decoder: { width: train.decoder.width, sepRepeats: train.decoder.sepRepeats },
    inputSize: [height, width],
    seed,
    batch: train.batch,
    epochs: trainingEpochs(preset),
    history: history.map((record) => pointOf(record, preset)),
    best: bestOf(history, task.score) ?? null,
    live: live ? { epoch: live.epoch + 1, step: live.step, steps: live.stepsPerEpoch, loss: live.loss } : null,
    seconds: secondsOf(history),
    secondsLeft: state === 'running' ? secondsLeft(history, preset, live ? live.step / live.stepsPerEpoch : 0) : null,
    seen: await new TrainingPictures(place.folder).index(),
    hasModel: (await plainFile(folder.path('best.safetensors'))) !== undefined,
    findings: card?.findings ?? [],
  };
}

/** What would have to change before there is news; undefined where it cannot be told. */
export async function trainingStamp(place: RunPlace): Promise<string> {
  const names = ['config.yaml', 'metrics.jsonl', 'progress.json', 'best.safetensors'];
  const stamps = await Promise.all(names.map((name) => plainFile(path.join(place.folder, name))));
  return [isFolderLocked(place.folder), ...stamps.map((stamp) => `${stamp?.ino} ${stamp?.mtimeMs}`)].join(' ');
}

function pointOf({ epoch, stage, loss, seconds, metrics }: EpochRecord, { train }: TrainPreset): EpochPoint {
  const first = train.stage1?.epochs ?? 0;
  if (stage === 1)
    return {
      epoch,
      stage: 1,
      loss,
      seconds,
      learningRate: train.stage1?.learningRate ?? 0,
      encoderLearningRate: null,
      metrics: metrics ?? null,
    };
  const factor = rateFactor(train.schedule, epoch - first - 1, 1, train.epochs);
  const [learningRate, encoderLearningRate] = [factor * train.learningRate, factor * train.encoder.learningRate];
  return { epoch, stage: 2, loss, seconds, learningRate, encoderLearningRate, metrics: metrics ?? null };
}

/** The first of equal ones, as the training keeps it. */
function bestOf(history: readonly EpochRecord[], score: string): { readonly epoch: number; readonly value: number } | undefined {
  let best: { readonly epoch: number; readonly value: number } | undefined;
  for (const { epoch, metrics } of history) {
    const value = metrics?.[score];
    if (value !== undefined && (best === undefined || value > best.value)) best = { epoch, value };
  }
  return best;
}

function secondsOf(history: readonly EpochRecord[]): number {
  return history.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** By the last epochs of the stage at hand; null while none of it is done. @param share of the epoch at hand that is done */
function secondsLeft(history: readonly EpochRecord[], preset: TrainPreset, share: number): number | null {
  const first = preset.train.stage1?.epochs ?? 0;
  const stage = history.length < first ? 1 : undefined;
  const last = history.filter((record) => record.stage === stage).slice(-3);
  // Of the whole network nothing is known while the decoder is trained alone.
  if (last.length === 0 || stage === 1) return null;
  return Math.max(0, (trainingEpochs(preset) - history.length - share) * (secondsOf(last) / last.length));
}

function samplesOf(card: DataCard | undefined): { readonly train: number; readonly val: number } | undefined {
  const of = (name: string): number => card?.splits.find((split) => split.name === name)?.samples ?? 0;
  return card && { train: of('train'), val: of('val') };
}

/** An epoch a line, with all that is known of it. */
export function epochsCsv({ history }: Pick<TrainingView, 'history'>): string {
  const metrics = [...new Set(history.flatMap(({ metrics }) => Object.keys(metrics ?? {})))];
  const ordered = orderedMetrics(Object.fromEntries(metrics.map((name) => [name, 0]))).map(([name]) => name);
  const head = ['epoch', 'stage', 'loss', 'seconds', 'learningRate', 'encoderLearningRate', ...ordered];
  const rows = history.map(({ epoch, stage, loss, seconds, learningRate, encoderLearningRate, metrics }) => [
    epoch,
    stage,
    loss,
    seconds,
    learningRate,
    encoderLearningRate,
    ...ordered.map((name) => metrics?.[name]),
  ]);
  return `${csvText([head, ...rows])}\n`;
}
