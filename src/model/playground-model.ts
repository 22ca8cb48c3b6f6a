// What a page needs to run a model: the model itself, the resize of its output to an image, and what it says of itself.

import { channelNames } from '../task/index.js';
import { type ModelCard, modelCard } from './model-card.js';
import { modelBytes } from './model-file.js';
import { resizeModel } from './resize-model.js';

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
