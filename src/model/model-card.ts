// What a model says of itself: an exported one in its ONNX metadata, a foreign one in a JSON file beside it
// (`model.onnx` → `model.json`), which also overrides single entries.

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readMetadata } from '../graph/index.js';
import type { Normalisation } from '../nn/index.js';
import { parseNormalisation } from './encoder-weights.js';
import { WeightsError } from './safetensors.js';

export interface ModelCard {
  /** Names of the classes, one per output channel. */
  readonly classes: readonly string[];
  /** What the model wants done to values in 0 … 1. */
  readonly normalisation: Normalisation;
  /** Names of the model's input [B, 3, H, W] and of its logits [B, classes, h, w]. */
  readonly input: string;
  readonly output: string;
}

const triple = z.tuple([z.number(), z.number(), z.number()]);
const sidecarSchema = z.strictObject({
  classes: z.array(z.string()).min(1).optional(),
  normalisation: z.strictObject({ mean: triple, std: triple }).optional(),
  input: z.string().optional(),
  output: z.string().optional(),
});

/** @throws WeightsError when neither the model nor a file beside it says how images go in and what comes out */
export async function modelCard(model: Uint8Array, file: string): Promise<ModelCard> {
  let metadata: Readonly<Record<string, string>>;
  try {
    metadata = readMetadata(model);
  } catch {
    throw new WeightsError(`${file}: not an ONNX model, or a damaged one`);
  }
  const beside = `${file.replace(/\.onnx$/, '')}.json`;
  const text = await readFile(beside, 'utf8').catch(() => undefined);
  const sidecar = text === undefined ? {} : parseSidecar(text, beside);
  const { classes: names, normalisation } = metadata;
  const card = {
    classes: sidecar.classes ?? (names === undefined ? undefined : parseClasses(names, file)),
    normalisation: sidecar.normalisation ?? (normalisation === undefined ? undefined : parseNormalisation(normalisation, file)),
  };
  if (!card.classes || !card.normalisation)
    throw new WeightsError(
      `${file}: the model does not say its ${card.classes ? 'normalisation' : 'classes'}; write them into ${beside}: {"classes": ["sky", …], "normalisation": {"mean": [r, g, b], "std": [r, g, b]}}`,
    );
  return {
    classes: card.classes,
    normalisation: card.normalisation,
    input: sidecar.input ?? metadata['input_name'] ?? 'image',
    output: sidecar.output ?? 'logits',
  };
}

/** @param file for messages */
export function parseClasses(text: string, file: string): string[] {
  const names = z.array(z.string()).min(1).safeParse(parseJson(text));
  if (!names.success) throw new WeightsError(`${file}: its classes are ${text}; expected a JSON list of names`);
  return names.data;
}

function parseSidecar(text: string, file: string): z.infer<typeof sidecarSchema> {
  const sidecar = sidecarSchema.safeParse(parseJson(text));
  if (!sidecar.success)
    throw new WeightsError(`${file}: not a description of a model: ${z.prettifyError(sidecar.error).replaceAll('\n', ' ')}`);
  return sidecar.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
