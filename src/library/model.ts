// A trained model at work in a program.

import { availableParallelism } from 'node:os';
import { type Box, readImage, type RgbImage } from '../core/data/index.js';
import { type ModelCard, Predictor } from '../core/model/index.js';
import { type Depiction, type InputSize, peopleOf } from '../core/task/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';

export interface PredictOptions {
  /** At what size the network sees the image: unless it is said, as the model was validated. */
  readonly size?: InputSize | undefined;
  /** Averages over the image and its mirror image. */
  readonly flip?: boolean | undefined;
  /** Of the person whose pose it is, in pixels of the image; without one, somebody who fills it. */
  readonly box?: Box | undefined;
}

/** An open model; `await using model = await openModel(…)`, or `close` it. */
export interface Model extends AsyncDisposable {
  /** What it says of itself: task, classes or joints or range, normalisation. */
  readonly card: ModelCard;
  /**
   * What it sees in a picture, in the picture's pixels: a label a pixel, metres a pixel, or [x, y, score] a joint.
   * @param image a file, or interleaved RGB of 0 … 255
   * @throws DataError when the file cannot be read; UserError when the output is not finite or there is no memory for it
   */
  predict(image: string | RgbImage, options?: PredictOptions): Promise<Depiction>;
  close(): Promise<void>;
}

export interface OpenModelOptions {
  /** Of ONNX Runtime; absent: all processors. */
  readonly threads?: number | undefined;
  /** `webgpu`: a GPU by Vulkan, Direct3D 12 or Metal. */
  readonly device?: 'cpu' | 'webgpu' | undefined;
}

/** @param file an ONNX model that Auxcell exported, or a network's weights as safetensors @throws WeightsError */
export async function openModel(file: string, { threads = availableParallelism(), device }: OpenModelOptions = {}): Promise<Model> {
  const predictor = await Predictor.open(await nodeRuntime({ threads, device }), file);
  const close = (): Promise<void> => predictor.close();
  return {
    card: predictor.card,
    predict: async (image, { size, flip, box } = {}) => {
      const picture = typeof image === 'string' ? await readImage(image, predictor.card.task) : image;
      if (!peopleOf(predictor.card.task)) return predictor.depict(picture, { input: size, flip });
      const { width, height } = picture;
      return { kind: 'joints', width, height, joints: await predictor.joints(picture, box, { flip }) };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
