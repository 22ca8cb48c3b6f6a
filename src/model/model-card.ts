// What a model says of itself: an exported one in its ONNX metadata, a foreign one in a JSON file beside it
// (`model.onnx` → `model.json`), which also overrides single entries.

import { z } from 'zod';
import { reasonOf } from '../errors/index.js';
import { parseJson, readBounded } from '../files/index.js';
import { readMetadata } from '../graph/index.js';
import type { Normalisation } from '../nn/index.js';
import { type TaskDescription, taskDescriptionSchema } from '../task/index.js';
import { parseNormalisation } from './encoder-weights.js';
import { WeightsError } from './safetensors.js';

export interface ModelCard {
  readonly task: TaskDescription;
  /** What the model wants done to values in 0 … 1. */
  readonly normalisation: Normalisation;
  /** Names of the model's input [B, 3, H, W] and of its output [B, channels, h, w]. */
  readonly input: string;
  readonly output: string;
}

const triple = z.tuple([z.number(), z.number(), z.number()]);
const sidecarSchema = z.strictObject({
  /** Short for a task of segmentation. */
  classes: z.array(z.string()).min(1).optional(),
  task: taskDescriptionSchema.optional(),
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
  const sidecar = await readSidecar(beside);
  const { normalisation } = metadata;
  const card = {
    task: sidecar.task ?? (sidecar.classes && classesTask(sidecar.classes)) ?? parseTask(metadata, file),
    normalisation: sidecar.normalisation ?? (normalisation === undefined ? undefined : parseNormalisation(normalisation, file)),
  };
  if (!card.task || !card.normalisation)
    throw new WeightsError(
      `${file}: the model does not say its ${card.task ? 'normalisation' : 'classes'}; write them into ${beside}: {"classes": ["sky", …], "normalisation": {"mean": [r, g, b], "std": [r, g, b]}}`,
    );
  return {
    task: card.task,
    normalisation: card.normalisation,
    input: sidecar.input ?? metadata['input_name'] ?? 'image',
    output: sidecar.output ?? 'logits',
  };
}

/** The task as a file's metadata: `classes` alone too, which other tools read, and earlier files have. */
export function formatTask(task: TaskDescription): Record<string, string> {
  return { task: JSON.stringify(task), ...(task.task === 'segmentation' && { classes: JSON.stringify(task.classes) }) };
}

/** Undefined where the metadata names no task. @param file for messages */
export function parseTask({ task, classes }: Readonly<Record<string, string>>, file: string): TaskDescription | undefined {
  for (const text of [task, classes])
    if (text !== undefined && text.length > mostText)
      throw new WeightsError(`${file}: its task has ${text.length} characters; at most ${mostText} are read`);
  if (task !== undefined) {
    const parsed = taskDescriptionSchema.safeParse(parseJson(task));
    if (!parsed.success)
      throw new WeightsError(`${file}: its task is ${task.slice(0, 200)}; ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
    return parsed.data;
  }
  if (classes === undefined) return undefined;
  const names = z.array(z.string()).min(1).safeParse(parseJson(classes));
  if (!names.success) throw new WeightsError(`${file}: its classes are ${classes.slice(0, 200)}; expected a JSON list of names`);
  return classesTask(names.data);
}

/** Of a description: names of some thousand classes. */
const mostText = 2 ** 20;

function classesTask(classes: string[]): TaskDescription {
  return { task: 'segmentation', classes };
}

async function readSidecar(file: string): Promise<z.infer<typeof sidecarSchema>> {
  const bytes = await readBounded(file, mostText).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error) return undefined;
    throw new WeightsError(`${file}: not a description of a model (${reasonOf(error)})`);
  });
  return bytes === undefined ? {} : parseSidecar(new TextDecoder().decode(bytes), file);
}

function parseSidecar(text: string, file: string): z.infer<typeof sidecarSchema> {
  const sidecar = sidecarSchema.safeParse(parseJson(text));
  if (!sidecar.success)
    throw new WeightsError(`${file}: not a description of a model: ${z.prettifyError(sidecar.error).replaceAll('\n', ' ')}`);
  return sidecar.data;
}
