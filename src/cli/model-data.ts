// A data folder for a model: what the model says of its task says how the folder is read.

import { z } from 'zod';
import { classNames, cocoJoints } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import type { ModelCard } from '../core/model/index.js';
import {
  inputOfTask,
  type InputSize,
  type TaskDescription,
  type TaskName,
  taskNames,
  type Validated,
  validatedSchema,
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
  if (task.task === 'pose') throw new UserError(`${option}: a pose is seen in crops of ${task.crop.join('×')}; leave it out`);
  return { ...task, validated };
}

/** At what size a model sees images; says so where neither it nor the command line does. @param file for messages */
export function inputOf({ task }: ModelCard, given: InputSize | undefined, file: string): InputSize {
  if (task.task === 'pose') {
    if (given !== undefined) throw new UserError(`--size: a pose is seen in crops of ${task.crop.join('×')}; leave it out`);
    return inputOfTask(task);
  }
  if (given === undefined && task.validated === undefined)
    console.error(`note: ${file} does not say at what size it was validated; images go in as they are. Give that size with --size WxH`);
  return given ?? inputOfTask(task);
}

/** A task of so many output channels, for a network that no data stands behind. */
export function plainTask(task: TaskName, channels: number | undefined): TaskDescription {
  switch (task) {
    case 'segmentation':
      return { task, classes: classNames({ classes: channels ?? 21, ignore: 255 }) };
    case 'pose': {
      const count = channels ?? cocoJoints.length;
      const joints = count === cocoJoints.length ? cocoJoints : Array.from({ length: count }, (_, k) => `joint ${k}`);
      return { task, joints: [...joints], skeleton: [], crop: [192, 256], padding: 1.25, sigma: 2, decoding: 'quarter' };
    }
    case 'depth':
      if (channels !== undefined && channels !== 1)
        throw new UserError(`--classes ${channels}: depth has one output channel; leave it out`);
      return { task, minDepth: 0.1, maxDepth: 10, unit: 'metre' };
  }
}
