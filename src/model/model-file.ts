// A model's file as ONNX, whichever of the two kinds it is.

import { readFile } from 'node:fs/promises';
import { reasonOf } from '../errors/index.js';
import { readMetadata } from '../graph/index.js';
import { exportNetwork } from './export.js';
import { requireFiniteModel } from './finite-weights.js';
import { readNetwork } from './network-file.js';
import { WeightsError } from './safetensors.js';

/** @param file an ONNX model, or a whole network in safetensors @throws WeightsError when it cannot be read */
export async function modelBytes(file: string): Promise<Uint8Array> {
  if (file.endsWith('.safetensors')) return exportNetwork(await readNetwork(file), { source: file });
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new WeightsError(`${file}: cannot be read (${reasonOf(error)})`);
  });
  try {
    requireFiniteModel(bytes, Object.hasOwn(readMetadata(bytes), 'genotype'), file);
  } catch (error) {
    throw error instanceof WeightsError ? error : new WeightsError(`${file}: not an ONNX model, or a damaged one`);
  }
  return bytes;
}
