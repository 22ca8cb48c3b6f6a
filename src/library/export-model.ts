// From a trained network to a model that is deployed, checked against the network before anything is written.

import { availableParallelism } from 'node:os';
import { type Dataset, resizeImage, type RgbImage } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { evaluateModel, loadForModel } from '../core/fit/index.js';
import {
  cardOfModel,
  type ExportOptions as ExportForm,
  exportNetwork,
  type NetworkWeights,
  Predictor,
  quantiseNetwork,
  readNetwork,
} from '../core/model/index.js';
import { seededRandom } from '../core/random/index.js';
import type { Runtime } from '../core/runtime/index.js';
import {
  createTask,
  inputOfTask,
  inputSizeOf,
  type MapSize,
  metricName,
  peopleCropOf,
  shareText,
  withValidated,
} from '../core/task/index.js';
import { replaceFile } from '../platform/node/files/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { openDataFor } from '../core/preset/index.js';
import { type Reporter, silent } from './reporter.js';

export type Precision = 'float32' | 'float16' | 'int8';

export interface ExportModelOptions {
  /** A network's weights as safetensors. */
  readonly network: string;
  /** The ONNX file to be written; one that is there is replaced. Absent: only the bytes are given. */
  readonly output?: string | undefined;
  /** Absent: `float32`. */
  readonly precision?: Precision | undefined;
  /** Logits at the image's size instead of the network's own. */
  readonly upsample?: boolean | undefined;
  /** The model takes raw RGB, 0 … 255. */
  readonly normalise?: boolean | undefined;
  /** The only size of images that the model takes, one at a time; no size is computed in it then. Absent: any size, any number. */
  readonly size?: MapSize | undefined;
  /** Version of ONNX's operators, 11 … 18; absent: 18. */
  readonly opset?: number | undefined;
  /** A data folder: calibrates `int8`, and its validation images say what a precision costs. */
  readonly data?: string | undefined;
  /** Images that calibrate; absent: 32. */
  readonly calibration?: number | undefined;
  readonly threads?: number | undefined;
  readonly reporter?: Reporter | undefined;
}

/** The model's bytes. @throws WeightsError; UserError when it does not agree with the network: nothing is written then */
export async function exportModel(options: ExportModelOptions): Promise<Uint8Array> {
  const {
    network,
    output,
    precision = 'float32',
    upsample = false,
    normalise = false,
    size,
    opset,
    data,
    threads = availableParallelism(),
    ...rest
  } = options;
  if (precision === 'int8' && data === undefined)
    throw new UserError('int8 is calibrated on images: give data, the folder of the training images');
  const loaded = seenAt(await readNetwork(network), size);
  const dataset = data === undefined ? undefined : await openDataFor(loaded.description.task, data, {});
  const model = await checkedModel(await nodeRuntime({ threads }), loaded, precision, {
    ...rest,
    dataset,
    form: { upsample, normalise, size, opset, source: network },
  });
  if (output !== undefined) await replaceFile(output, model);
  return model;
}

/** The network as it is used where images have one size: stretched to that. @throws UserError where a pose's crop is another */
export function seenAt(loaded: NetworkWeights, size: MapSize | undefined): NetworkWeights {
  const { description } = loaded;
  const { task } = description;
  if (size === undefined) return loaded;
  const { width, height } = size;
  const crop = peopleCropOf(task);
  if (!crop) {
    const validated = { kind: 'resize', aspect: 'stretched', width, height } as const;
    return { ...loaded, description: { ...description, task: withValidated(task, validated) } };
  }
  if (crop.width === width && crop.height === height) return loaded;
  throw new UserError(`a model of ${width}×${height}: this network sees people in crops of ${crop.width}×${crop.height}; give that size`);
}

export interface CheckedModelOptions {
  readonly form: ExportForm;
  readonly dataset: Dataset | undefined;
  readonly calibration?: number | undefined;
  readonly reporter?: Reporter | undefined;
}

type Settled = Required<Pick<CheckedModelOptions, 'form' | 'dataset'>> & {
  readonly calibration: number;
  readonly reporter: Reporter;
};

/** The network as a model in one precision, and how far it is from the network. @throws UserError where that is too far */
export async function checkedModel(
  runtime: Runtime,
  loaded: NetworkWeights,
  precision: Precision,
  { calibration = 32, reporter = silent, ...options }: CheckedModelOptions,
): Promise<Uint8Array> {
  const settled = { ...options, calibration, reporter };
  const { dataset, form } = options;
  const model =
    precision === 'int8' && dataset
      ? await quantised(runtime, loaded, dataset, settled)
      : exportNetwork(loaded, { ...form, half: precision === 'float16' });
  await compare(runtime, loaded, model, precision, settled);
  return model;
}

function quantised(
  runtime: Runtime,
  loaded: NetworkWeights,
  dataset: Dataset,
  { form, calibration, reporter }: Settled,
): Promise<Uint8Array> {
  const step = Math.max(1, Math.floor(dataset.train.length / calibration));
  const chosen = dataset.train.filter((_, i) => i % step === 0).slice(0, calibration);
  async function* images(): AsyncGenerator<RgbImage> {
    const task = createTask(loaded.description.task);
    for (const sample of chosen) {
      const { image: read } = await loadForModel(sample, task, dataset.labelling);
      yield await asValidated(read, loaded);
    }
  }
  const onProgress = (done: number): void => reporter.show(`calibrating: image ${done} of ${chosen.length}`);
  return quantiseNetwork(runtime, loaded, images(), { ...form, onProgress });
}

/** An image as the network will see it. */
async function asValidated(image: RgbImage, { description: { task } }: NetworkWeights): Promise<RgbImage> {
  const { width, height } = inputSizeOf(inputOfTask(task), image);
  return resizeImage(image, width, height);
}

/** Says how far the model is from the trained network: in its logits, and where there are labels in mean IoU. */
async function compare(
  runtime: Runtime,
  loaded: NetworkWeights,
  model: Uint8Array,
  precision: Precision,
  { form, dataset, reporter }: Settled,
): Promise<void> {
  const open = (bytes: Uint8Array, source: string): Promise<Predictor> => Predictor.of(runtime, bytes, cardOfModel(bytes, source), source);
  const trained = await open(
    exportNetwork(loaded, { ...form, size: undefined, opset: undefined, norm: 'inference' }),
    'the trained network',
  );
  const exported = await open(model, 'the exported model');
  try {
    const [first] = dataset?.val ?? [];
    const image =
      dataset && first ? await asValidated((await loadForModel(first, trained.task, dataset.labelling)).image, loaded) : noise(form.size);
    const [a, b] = [await trained.logitsAt(image, image), await exported.logitsAt(image, image)];
    const largest = a.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    const difference = a.reduce((m, v, i) => Math.max(m, Math.abs(v - (b[i] ?? Number.NaN))), 0);
    const tolerance = { float32: 1e-3, float16: 0.05, int8: Number.POSITIVE_INFINITY }[precision];
    if (!(difference <= tolerance * Math.max(largest, 1e-6)))
      throw new UserError(
        `the ${precision} model does not agree with the trained network: logits differ by ${difference.toPrecision(2)} where the largest is ${largest.toPrecision(3)}; nothing was written`,
      );
    reporter.print(`${precision}: logits within ${difference.toPrecision(2)} of the trained network's (largest ${largest.toPrecision(3)})`);
    if (dataset && precision !== 'float32') {
      const scores: number[] = [];
      const { score } = trained.task;
      for (const predictor of [trained, exported]) {
        const { accumulator } = await evaluateModel(predictor, dataset.val, { labelling: dataset.labelling });
        scores.push(accumulator.result()[score] ?? 0);
      }
      const [before = 0, after = 0] = scores;
      const share = (value: number): string => shareText(value, dataset.val.length);
      reporter.print(
        `${precision}: ${metricName(score)} ${share(after)} on ${dataset.val.length} validation images, ${share(before)} as trained (${share(after - before)})`,
      );
    }
  } finally {
    await trained.close();
    await exported.close();
  }
}

/** An image where there is no other. */
function noise({ width, height }: MapSize = { width: 128, height: 96 }): RgbImage {
  const random = seededRandom(0);
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, () => random.integer(256)) };
}
