// What a page needs to run a model: the model itself, the resize of its output to an image, and what it says of itself.

import { readFile } from 'node:fs/promises';
import { reasonOf } from '../errors/index.js';
import { channelNames } from '../task/index.js';
import { exportNetwork } from './export.js';
import { type ModelCard, modelCard } from './model-card.js';
import { readNetwork } from './network-file.js';
import { resizeModel } from './resize-model.js';
import { WeightsError } from './safetensors.js';

export interface PlaygroundModel {
  readonly model: Uint8Array;
  /** `logits` and `like` to `resized` and `probabilities`. */
  readonly resize: Uint8Array;
  readonly card: ModelCard;
}

/** @param file an ONNX model, or a whole network in safetensors @throws WeightsError */
export async function playgroundModel(file: string): Promise<PlaygroundModel> {
  const model = await modelBytes(file);
  const card = await modelCard(model, file);
  return { model, card, resize: resizeModel(channelNames(card.task).length) };
}

/** @throws WeightsError when it cannot be read */
export async function modelBytes(file: string): Promise<Uint8Array> {
  if (file.endsWith('.safetensors')) return exportNetwork(await readNetwork(file), { source: file });
  return readFile(file).catch((error: unknown) => {
    throw new WeightsError(`${file}: cannot be read (${reasonOf(error)})`);
  });
}
