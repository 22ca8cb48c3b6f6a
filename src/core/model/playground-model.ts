// What a page needs to run a model: the model itself, and what it says of itself.

import { type ModelCard, readCard } from './model-card.js';
import { modelBytes } from './model-file.js';

export interface PlaygroundModel {
  readonly model: Uint8Array;
  readonly card: ModelCard;
}

/** @param file an ONNX model, or a whole network in safetensors @throws WeightsError */
export async function playgroundModel(file: string): Promise<PlaygroundModel> {
  const model = await modelBytes(file);
  return { model, card: await readCard(model, file) };
}
