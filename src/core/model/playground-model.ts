// What a page needs to run a model: the model itself, and what it says of itself.

import { readMetadata } from '../graph/index.js';
import { type ModelCard, readCard } from './model-card.js';
import { modelBytes } from './model-file.js';

export interface PlaygroundModel {
  readonly model: Uint8Array;
  readonly card: ModelCard;
  /** Trainable values; undefined where the model does not say it. */
  readonly parameters: number | undefined;
}

/** @param file an ONNX model, or a whole network in safetensors @throws WeightsError */
export async function playgroundModel(file: string): Promise<PlaygroundModel> {
  const model = await modelBytes(file);
  const card = await readCard(model, file);
  return { model, card, parameters: parametersOf(readMetadata(model)) };
}

function parametersOf({ parameters }: Readonly<Record<string, string>>): number | undefined {
  const count = Number(parameters ?? Number.NaN);
  return Number.isSafeInteger(count) && count > 0 ? count : undefined;
}
