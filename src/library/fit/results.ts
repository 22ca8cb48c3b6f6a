// What a fit leaves for its user: the network as models that are deployed, its figures, and pictures of what it sees.

import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Dataset, encodeJpeg, frame, type Framing, loadSample, resizeImage, type Sample } from '../../core/data/index.js';
import { evaluateModel, type EvaluationOptions, loadForModel } from '../../core/fit/index.js';
import {
  cardOfModel,
  type NetworkWeights,
  overlayDepiction,
  Predictor,
  readNetwork,
  transformersFiles,
  transformersInput,
  writeTransformersFolder,
} from '../../core/model/index.js';
import { type Random, seededRandom } from '../../core/random/index.js';
import type { Runtime } from '../../core/runtime/index.js';
import { drawPredictions, measureLatency } from '../../core/search/index.js';
import type { Architecture } from '../../core/space/index.js';
import {
  hasClasses,
  inputOfTask,
  inputSizeOf,
  type MapSize,
  type Metrics,
  peopleCropOf,
  type Task,
  type TaskDescription,
} from '../../core/task/index.js';
import { replaceFile } from '../../platform/node/files/index.js';
import { checkedModel } from '../export-model.js';
import { type Reporter, silent } from '../reporter.js';
import { bootstrap, type Interval } from './bootstrap.js';
import { countedFigures } from './figures.js';
import { type Rank, rankedImages } from './ranked-images.js';

/** On a list of images. */
export interface ListFigures {
  readonly metrics: Metrics;
  /** Of the mean, and of each class, joint or range of distances. */
  readonly intervals: readonly (Interval & { readonly name: string })[];
  readonly images: number;
}

/** Of the validation images, which chose the network. */
export interface FitFigures extends ListFigures {
  /** The figure by which networks are compared. */
  readonly score: string;
  /** Of the data's own test split, which chose nothing; absent where there is none, or the fit is not at its end. */
  readonly test?: ListFigures;
  /** Milliseconds of one image on the device that was searched for, by its profile. */
  readonly predicted?: { readonly device: string; readonly milliseconds: number };
  /** Milliseconds of one image of `latencySize`, one thread. */
  readonly latency: number;
  /** At which the network sees an image. */
  readonly latencySize: MapSize;
  readonly parameters: number;
  /** Of model.onnx. */
  readonly bytes: number;
  /** What int8 costs of the score, and its bytes; whether it is kept. */
  readonly int8: { readonly cost: number; readonly bytes: number; readonly isKept: boolean };
}

/** The best, a middling and the worst image: photograph, truth and prediction, JPEG. */
export interface ShownImage {
  readonly rank: Rank;
  readonly file: string;
  /** The figure by which networks are compared (`FitFigures.score`), of this image alone. */
  readonly score: number;
  readonly pictures: readonly Uint8Array[];
}

export interface FitResults {
  readonly files: readonly string[];
  readonly figures: FitFigures;
  readonly shown: readonly ShownImage[];
  readonly network: NetworkWeights;
}

/** An int8 model that costs more of the score is not given. */
const mostCost = 0.01;
/** Images on which int8 is compared. */
const compared = 40;
const shownWidth = 700;

export interface ResultsOptions {
  readonly folder: string;
  /** The network's file. */
  readonly network: string;
  readonly dataset: Dataset;
  /** As it is scored. */
  readonly task: Task;
  /** How images are seen when they are validated. */
  readonly framing: Framing;
  readonly random: Random;
  /** Whether the test split is measured: once, when nothing is left to be chosen. */
  readonly isEnd: boolean;
  /** What an architecture takes on the device that was searched for. */
  readonly predict?: ((architecture: Architecture) => NonNullable<FitFigures['predicted']>) | undefined;
  readonly reporter?: Reporter | undefined;
}

/** Writes everything anew: what lies there of an earlier end is replaced. @param runtime with the threads to use */
export async function writeResults(
  runtime: Runtime,
  { folder, network: source, dataset, task, framing, random, isEnd, predict, reporter = silent }: ResultsOptions,
): Promise<FitResults> {
  const loaded = await readNetwork(source);
  const place = (name: string): string => path.join(folder, name);
  const weights = place('model.safetensors');
  await copyFile(source, weights);
  const shape = { upsample: true, normalise: true, source: weights } as const;
  reporter.show('writing the models');
  const float = await checkedModel(runtime, loaded, 'float32', { form: shape, dataset });
  await replaceFile(place('model.onnx'), float);
  const files = [place('model.onnx')];
  const { labelling } = dataset;
  const { figures, ranked } = await measured(runtime, float, dataset.val, { labelling, task, random, reporter, what: 'validation' });
  // Its cost is measured below, on more images.
  const calibrating = { ...dataset, val: dataset.val.slice(0, 1) };
  const small = await checkedModel(runtime, loaded, 'int8', { form: shape, dataset: calibrating });
  const cost = await costOf(runtime, [float, small], dataset, task, reporter);
  const isKept = cost <= mostCost;
  if (isKept) {
    await replaceFile(place('model-int8.onnx'), small);
    files.push(place('model-int8.onnx'));
  } else await rm(place('model-int8.onnx'), { force: true });
  files.push(weights);
  const { description } = loaded;
  if (hasClasses(description.task)) {
    const plainForm = { inputName: transformersInput, source: weights };
    const plain = await checkedModel(runtime, loaded, 'float32', { form: plainForm, dataset: undefined });
    // Quantised for itself: there the input convention stands outside the model.
    const plainSmall = isKept ? await checkedModel(runtime, loaded, 'int8', { form: plainForm, dataset: calibrating }) : undefined;
    const { task: own, normalisation } = description;
    const folderOf = place('for-transformers.js');
    const models = { float32: plain, ...(plainSmall && { int8: plainSmall }) };
    await writeTransformersFolder(folderOf, { task: own, normalisation }, models);
    if (!plainSmall) await rm(path.join(folderOf, 'onnx', transformersFiles.int8), { force: true });
    files.push(place('for-transformers.js'));
  }
  const rows = ranked.map(async ({ sample }) => {
    return frame(await loadSample(sample, labelling), framing, labelling, seededRandom(0));
  });
  if (rows.length > 0) {
    await drawPredictions(runtime, place('predictions.png'), { model: float, samples: await Promise.all(rows) });
    files.push(place('predictions.png'));
  }
  const { width, height } = seenSize(description.task);
  const { genotype, width: channels, sepRepeats } = description;
  const latency = await measureLatency(runtime.with({ threads: 1 }), {
    genotype,
    task: description.task,
    decoder: { width: channels, sepRepeats },
    inputSize: [height, width],
  });
  let parameters = 0;
  for (const { data } of loaded.tensors.values()) parameters += data.length;
  const { test: kept } = dataset;
  const test =
    isEnd && kept
      ? await measured(runtime, float, kept, { labelling, task, random: random.fork('test'), reporter, what: 'test' })
      : undefined;
  const predicted = predict?.(genotype);
  const complete: FitFigures = {
    ...figures,
    score: task.score,
    ...(test && { test: test.figures }),
    ...(predicted && { predicted }),
    latency,
    latencySize: { width, height },
    parameters,
    bytes: float.length,
    int8: { cost, bytes: small.length, isKept },
  };
  await replaceFile(place('metrics.json'), `${JSON.stringify(complete, null, 2)}\n`);
  files.push(place('metrics.json'));
  return { files, figures: complete, shown: await depicted(runtime, float, ranked, dataset, task), network: loaded };
}

/** At which the network sees an image, where the network says it. */
function seenSize(description: TaskDescription): MapSize {
  return peopleCropOf(description) ?? inputSizeOf(inputOfTask(description), { width: 640, height: 480 });
}

interface Ranked {
  readonly rank: Rank;
  readonly sample: Sample;
  readonly score: number;
}

interface MeasureOptions {
  readonly labelling: Dataset['labelling'];
  readonly task: Task;
  readonly random: Random;
  readonly reporter: Reporter;
  /** Which images, for people. */
  readonly what: string;
}

interface MeasuredList {
  readonly figures: ListFigures;
  readonly ranked: readonly Ranked[];
}

/** All images of a list once, at their own resolution. */
async function measured(
  runtime: Runtime,
  model: Uint8Array,
  list: readonly Sample[],
  { labelling, task, random, reporter, what }: MeasureOptions,
): Promise<MeasuredList> {
  const predictor = await opened(runtime, model);
  try {
    const singles: { sample: Sample; score: number; counts: readonly number[] }[] = [];
    let counted: ReturnType<typeof countedFigures> | undefined;
    const { accumulator, images } = await evaluateModel(predictor, list, {
      labelling,
      task,
      onProgress: (done) => reporter.show(`measuring ${what} image ${done} of ${list.length}`),
      onImage: (sample, alone) => {
        const breakdown = alone.breakdown();
        counted ??= countedFigures(task.description, breakdown);
        singles.push({ sample, score: alone.result()[task.score] ?? Number.NaN, counts: counted.countsOf(breakdown) });
      },
    });
    const metrics = accumulator.result();
    const { names = [], figures = () => [] } = counted ?? {};
    const intervals = bootstrap(
      singles.map(({ counts }) => counts),
      figures,
      random,
    ).map((interval, k) => ({ name: names[k] ?? '', ...interval }));
    return { figures: { metrics, intervals, images }, ranked: rankedImages(singles) };
  } finally {
    await predictor.close();
  }
}

/** By how much the reward of the second model is below the first one's, on the same images. */
async function costOf(
  runtime: Runtime,
  [first, second]: readonly [Uint8Array, Uint8Array],
  dataset: Dataset,
  task: Task,
  reporter: Reporter,
): Promise<number> {
  const { labelling } = dataset;
  const samples = comparedSamples(dataset);
  const onProgress = (done: number): void => reporter.show(`comparing int8, image ${done} of ${samples.length}`);
  const whole = await scoreOn(runtime, first, samples, { labelling, task, onProgress });
  return whole - (await scoreOn(runtime, second, samples, { labelling, task, onProgress }));
}

/** Evenly spaced over the validation list. */
export function comparedSamples({ val }: Dataset): readonly Sample[] {
  const count = Math.min(compared, val.length);
  return Array.from({ length: count }, (_, k) => val[Math.floor((k * val.length) / count)]).flatMap((sample) => sample ?? []);
}

/** A model's reward on some images, at their own resolution. */
export async function scoreOn(
  runtime: Runtime,
  model: Uint8Array,
  samples: readonly Sample[],
  options: EvaluationOptions & { readonly task: Task },
): Promise<number> {
  const predictor = await opened(runtime, model);
  try {
    const { accumulator } = await evaluateModel(predictor, samples, options);
    return options.task.reward(accumulator.result());
  } finally {
    await predictor.close();
  }
}

async function depicted(
  runtime: Runtime,
  model: Uint8Array,
  ranked: readonly Ranked[],
  { labelling }: Dataset,
  task: Task,
): Promise<ShownImage[]> {
  const predictor = await opened(runtime, model);
  const shown: ShownImage[] = [];
  try {
    for (const { rank, sample, score } of ranked) {
      const { image, truth } = await loadForModel(sample, task, labelling);
      const truthOver = await overlayDepiction(image, task.depictTruth(truth), task.description, 0.6);
      const prediction = await overlayDepiction(image, await predictor.depict(image), task.description, 0.6);
      const pictures = await Promise.all(
        [image, truthOver, prediction].map(async (picture) => {
          const width = Math.min(shownWidth, picture.width);
          return encodeJpeg(await resizeImage(picture, width, Math.max(1, Math.round((picture.height * width) / picture.width))));
        }),
      );
      shown.push({ rank, file: sample.image, score, pictures });
    }
    return shown;
  } finally {
    await predictor.close();
  }
}

function opened(runtime: Runtime, model: Uint8Array): Promise<Predictor> {
  return Predictor.of(runtime, model, cardOfModel(model, 'the model'), 'the model');
}
