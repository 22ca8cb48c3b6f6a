// A model's file as ONNX, whichever of the two kinds it is.

import { reasonOf } from '../errors/index.js';
import { files } from '../platform/index.js';
import { modelProblem, readMetadata } from '../graph/index.js';
import { exportNetwork } from './export.js';
import { requireFiniteModel } from './finite-weights.js';
import { readNetwork } from './network-file.js';
import { WeightsError } from './safetensors.js';

/** Protobuf has no larger messages. */
const mostBytes = 2 ** 31 - 1;

/** How the message of an ONNX model may begin: the tags of its fields. */
const beginnings = new Set([0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca]);

/**
 * What an ONNX model contains has been looked at: see `modelProblem`.
 * @param file an ONNX model, or a whole network in safetensors @throws WeightsError when it cannot be read, or may not be opened
 */
export async function modelBytes(file: string): Promise<Uint8Array> {
  if (file.endsWith('.safetensors')) return exportNetwork(await readNetwork(file), { source: file });
  const fail = (error: unknown): never => {
    throw new WeightsError(`${file}: cannot be read (${reasonOf(error)})`);
  };
  // What is something else by its first byte is not read to its end.
  const [first = 0] = await files().readStart(file, 1).catch(fail);
  if (!beginnings.has(first)) throw new WeightsError(`${file}: not an ONNX model, or a damaged one`);
  const bytes = await files().readBounded(file, mostBytes).catch(fail);
  const problem = problemOf(bytes);
  if (problem !== undefined) throw new WeightsError(`${file}: ${problem}`);
  try {
    requireFiniteModel(bytes, Object.hasOwn(readMetadata(bytes), 'genotype'), file);
  } catch (error) {
    throw error instanceof WeightsError ? error : new WeightsError(`${file}: not an ONNX model, or a damaged one`);
  }
  return bytes;
}

function problemOf(bytes: Uint8Array): string | undefined {
  try {
    return modelProblem(bytes);
  } catch {
    return 'not an ONNX model, or a damaged one';
  }
}
