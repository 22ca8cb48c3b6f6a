// Weights that are not finite make a network that sees the first class everywhere: refused, wherever they come from.

import { nonFiniteInitialiser } from '../graph/index.js';
import type { WeightTensor } from '../nn/index.js';
import { WeightsError } from './safetensors.js';

/** @param file for messages @throws WeightsError naming the tensor */
export function requireFiniteTensors(tensors: ReadonlyMap<string, WeightTensor>, file: string): void {
  for (const [name, { data }] of tensors) {
    let count = 0;
    for (const value of data) if (!Number.isFinite(value)) count++;
    if (count > 0) throw damaged(file, name, count, data.length);
  }
}

/** @param model as ONNX @param own written by us: strangers' models may mask with infinity */
export function requireFiniteModel(model: Uint8Array, own: boolean, file: string): void {
  const found = nonFiniteInitialiser(model, own);
  if (found) throw damaged(file, found.name, found.count, found.values);
}

function damaged(file: string, name: string, count: number, values: number): WeightsError {
  return new WeightsError(
    `${file}: ${count} of ${values} numbers of ${name} are not finite; such weights see nothing: take an earlier file, or train anew`,
  );
}
