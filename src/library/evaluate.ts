// A trained model's figures on a data set.

import { availableParallelism } from 'node:os';
import { evaluateModel } from '../core/fit/index.js';
import { type ModelCard, Predictor } from '../core/model/index.js';
import { type Breakdown, createTask, type DepthCrop, type InputSize, learntDepths, type Metrics } from '../core/task/index.js';
import { chooseDevice, type DeviceChoice } from '../platform/node/device.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { type Dataset, type Sample, skippedNote } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { checkData } from './inspect-data.js';
import { openDataFor } from '../core/preset/index.js';
import { pictureMilliseconds } from './measured-picture.js';
import { type Reporter, silent } from './reporter.js';

export type DataSplit = 'val' | 'train' | 'test';

export interface EvaluateOptions {
  /** An ONNX model that Auxcell exported, or a network's weights as safetensors. */
  readonly model: string;
  readonly data: string;
  /** Absent: `val`. `test` where the folder has one beside it. */
  readonly split?: DataSplit | undefined;
  /** The label of masks that is not counted; absent: the model's. */
  readonly ignore?: number | undefined;
  /** Stored units of depth maps a metre; absent: the layout's own, or 1000. */
  readonly depthScale?: number | undefined;
  /** The part of depth maps that is counted. */
  readonly crop?: DepthCrop | undefined;
  /** At what size the network sees images; absent: as the model was validated. */
  readonly size?: InputSize | undefined;
  /** Factors of that size, averaged over. */
  readonly scales?: readonly number[] | undefined;
  /** Averages over the mirror image too. */
  readonly flip?: boolean | undefined;
  /** Of ONNX Runtime; absent: all processors. */
  readonly threads?: number | undefined;
  /** What computes; absent: the processor. `auto`: what is faster, measured on one picture. */
  readonly device?: DeviceChoice | undefined;
  /** What the model says of itself, before the data is looked at: for checks of one's own. */
  readonly onModel?: ((card: ModelCard) => void) | undefined;
  /** The data can be used, and nothing has been measured yet: a place for results is made here. */
  readonly onStart?: ((card: ModelCard) => void | Promise<void>) | undefined;
  readonly reporter?: Reporter | undefined;
  /** Of measured images. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends it between two images; what was counted is given. */
  readonly signal?: AbortSignal | undefined;
}

export interface EvaluationFigures {
  /** By name, as in a search's trials: `meanIoU`, `pck`, `delta1`, … */
  readonly metrics: Metrics;
  /** Confusion of classes, what was found of every joint, or errors by distance. */
  readonly breakdown: Breakdown;
  /** That were counted; fewer than there are where it was interrupted. */
  readonly images: number;
  readonly interrupted: boolean;
  /** The label of masks that was not counted. */
  readonly ignored: number | undefined;
  readonly card: ModelCard;
}

function samplesOf({ train, val, test }: Dataset, split: DataSplit, folder: string): readonly Sample[] {
  if (split !== 'test') return split === 'val' ? val : train;
  if (!test)
    throw new UserError(`${folder}: has no split for testing beside the one for validation, or its labels are not there; measure val`);
  return test;
}

/** At the resolution of what is known of the images. @throws WeightsError; UnusableData; UserError */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationFigures> {
  const { model, data, split = 'val', ignore, depthScale, crop, size, scales, flip, onProgress, signal } = options;
  const { threads = availableParallelism(), reporter = silent } = options;
  const measure = pictureMilliseconds(model, size);
  const say = (text: string): void => reporter.print(text);
  const device = await chooseDevice(options.device ?? 'cpu', { threads, what: 'a picture', measure, say });
  const predictor = await Predictor.open(await nodeRuntime({ threads, device }), model);
  try {
    const { card } = predictor;
    const { task } = card;
    options.onModel?.(card);
    const dataset = await openDataFor(task, data, { ignore, depthScale });
    if (skippedNote(dataset) !== '') reporter.print(skippedNote(dataset));
    const samples = samplesOf(dataset, split, data);
    const others = split === 'train' ? { val: [] } : { train: [], val: samples };
    const range = learntDepths(task);
    await checkData({ ...dataset, ...others }, data, range, { use: 'measured on', reporter, signal });
    await options.onStart?.(card);
    const { accumulator, images } = await evaluateModel(predictor, samples, {
      labelling: dataset.labelling,
      task: createTask(task, crop && { depth: { crop } }),
      input: size,
      scales,
      flip,
      onProgress: (done) => onProgress?.(done, samples.length),
      ...(signal && { signal }),
    });
    return {
      metrics: accumulator.result(),
      breakdown: accumulator.breakdown(),
      images,
      interrupted: images < samples.length,
      ignored: dataset.labelling.kind === 'masks' ? dataset.labelling.ignore : undefined,
      card,
    };
  } finally {
    await predictor.close();
  }
}
