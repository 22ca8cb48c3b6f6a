// A data folder for a model: what the model says of its task says how the folder is read.

import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import type { ModelCard } from '../core/model/index.js';
import {
  inputOfTask,
  type InputSize,
  peopleCropOf,
  type TaskDescription,
  type TaskName,
  taskNames,
  type Validated,
  validatedSchema,
  withValidated,
} from '../core/task/index.js';

/** `--task` */
export const taskOption = z.enum(taskNames, {
  error: (issue) => `must be ${taskNames.slice(0, -1).join(', ')} or ${taskNames.at(-1)}, got "${String(issue.input)}"`,
});

/** What the command line says must be what is there. @param what has the task */
export function requireTask(given: TaskName | undefined, own: TaskName, what: string): void {
  if (given !== undefined && given !== own) throw new UserError(`--task ${given}: ${what} is for ${own}; leave --task out or give another`);
}

/** `--size`: WIDTHxHEIGHT, to which images are stretched; the size of their shorter side, their aspect kept; or `native`. */
export const inputOption = z.string().transform((text, context): InputSize => {
  if (text === 'native') return 'native';
  const [width, height] = /^\d+(x\d+)?$/.test(text) ? text.split('x').map(Number) : [];
  const given = validatedSchema.safeParse(
    height === undefined ? { kind: 'centre', side: width, width, height: width } : { kind: 'resize', width, height },
  );
  if (given.success) return given.data;
  context.addIssue({ code: 'custom', message: `must be WIDTHxHEIGHT, the size of the shorter side, or native, got "${text}"` });
  return z.NEVER;
});

/** `--size` of what is written into a model. */
export const validatedOption = inputOption.transform((input, context): Validated => {
  if (input !== 'native') return input;
  context.addIssue({ code: 'custom', message: 'must be WIDTHxHEIGHT or the size of the shorter side: what the model was validated at' });
  return z.NEVER;
});

/** The task of a model that was validated so. @param option by which it was said */
export function validatedAs(task: TaskDescription, validated: Validated | undefined, option = '--size'): TaskDescription {
  if (validated === undefined) return task;
  refuseSizeOfCrops(task, option);
  return withValidated(task, validated);
}

function refuseSizeOfCrops(task: TaskDescription, option: string): void {
  const crop = peopleCropOf(task);
  if (crop) throw new UserError(`${option}: a pose is seen in crops of ${crop.width}×${crop.height}; leave it out`);
}

/** At what size a model sees images; says so where neither it nor the command line does. @param file for messages */
export function inputOf({ task }: ModelCard, given: InputSize | undefined, file: string): InputSize {
  if (given !== undefined) refuseSizeOfCrops(task, '--size');
  if (given === undefined && !peopleCropOf(task) && inputOfTask(task) === 'native')
    console.error(`note: ${file} does not say at what size it was validated; images go in as they are. Give that size with --size WxH`);
  return given ?? inputOfTask(task);
}
