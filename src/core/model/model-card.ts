// What a model says of itself: an exported one in its ONNX metadata, a foreign one in a JSON file beside it
// (`model.onnx` → `model.json`), which also overrides single entries.

import { z } from 'zod';
import { parseJson, reasonOf } from '../errors/index.js';
import { files } from '../platform/index.js';
import { readMetadata } from '../graph/index.js';
import type { Normalisation } from '../nn/index.js';
import {
  backgroundSchema,
  hasClasses,
  type TaskDescription,
  taskDescriptionSchema,
  validatedSchema,
  withValidated,
} from '../task/index.js';
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
  /** How the images were framed that the model was validated on. */
  validated: validatedSchema.optional(),
  /** [r, g, b] that transparent photographs are laid over. */
  background: backgroundSchema,
  normalisation: z.strictObject({ mean: triple, std: triple }).optional(),
  input: z.string().optional(),
  output: z.string().optional(),
});

/** What a file beside a model says of it. */
export type Sidecar = z.infer<typeof sidecarSchema>;

/**
 * What a model's metadata says, where a file beside it does not say otherwise.
 * @param source of the model, for messages
 * @throws WeightsError when neither says how images go in and what comes out
 */
export function cardOf(metadata: Readonly<Record<string, string>>, source: string, sidecar: Sidecar = {}): ModelCard {
  const { normalisation: own } = metadata;
  const task = sidecar.task ?? (sidecar.classes && classesTask(sidecar.classes)) ?? parseTask(metadata, source);
  const normalisation = sidecar.normalisation ?? (own === undefined ? undefined : parseNormalisation(own, source));
  if (!task || !normalisation)
    throw new WeightsError(
      `${source}: the model does not say its ${task ? 'normalisation' : 'classes'}; write them into ${sidecarName(source)}: {"classes": ["sky", …], "normalisation": {"mean": [r, g, b], "std": [r, g, b]}}`,
    );
  const { validated, background, input, output = 'logits' } = sidecar;
  const seen = background ? { ...task, background } : task;
  return {
    task: validated ? withValidated(seen, validated) : seen,
    normalisation,
    input: input ?? metadata['input_name'] ?? 'image',
    output,
  };
}

/** Of a model that is no file. @param source for messages */
export function cardOfModel(model: Uint8Array, source: string): ModelCard {
  return cardOf(metadataOf(model, source), source);
}

/** Of a model's file and the one beside it. @throws WeightsError as `cardOf` does, and where the file beside it is none */
export async function readCard(model: Uint8Array, file: string): Promise<ModelCard> {
  return cardOf(metadataOf(model, file), file, await readSidecar(sidecarName(file)));
}

function metadataOf(model: Uint8Array, source: string): Record<string, string> {
  try {
    return readMetadata(model);
  } catch {
    throw new WeightsError(`${source}: not an ONNX model, or a damaged one`);
  }
}

/** `model.onnx` → `model.json` */
export function sidecarName(file: string): string {
  return `${file.replace(/\.onnx$/, '')}.json`;
}

/** The task as a file's metadata: `classes` alone too, which other tools read, and earlier files have. */
export function formatTask(task: TaskDescription): Record<string, string> {
  return { task: JSON.stringify(task), ...(hasClasses(task) && { classes: JSON.stringify(task.classes) }) };
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

async function readSidecar(file: string): Promise<Sidecar> {
  const bytes = await files()
    .readBounded(file, mostText)
    .catch((error: unknown) => {
      if (error instanceof Error && 'code' in error) return undefined;
      throw new WeightsError(`${file}: not a description of a model (${reasonOf(error)})`);
    });
  return bytes === undefined ? {} : parseSidecar(new TextDecoder().decode(bytes), file);
}

function parseSidecar(text: string, file: string): Sidecar {
  const sidecar = sidecarSchema.safeParse(parseJson(text));
  if (!sidecar.success)
    throw new WeightsError(`${file}: not a description of a model: ${z.prettifyError(sidecar.error).replaceAll('\n', ' ')}`);
  return sidecar.data;
}
