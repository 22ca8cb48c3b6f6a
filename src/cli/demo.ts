// `demo`: what `fit` does with a folder, on generated scenes.

import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { fitDemo, generateScenes, isSceneTask, type SceneTask, sceneTasks } from '../library/fit/demo.js';
import { freeFolder } from '../library/free-folder.js';
import { attended } from './fit.js';
import { taskOption } from './model-data.js';
import { parseOptions, positiveNumber, wholeNumber } from './options.js';
import { commandLine } from './program-name.js';
import { onInterrupt, ProgressLine } from './progress.js';

const schema = z.object({
  task: taskOption.default('segmentation'),
  onlyData: z.boolean().default(false),
  encoderWeights: z.string().optional(),
  hours: positiveNumber.default(4.6 / 60),
  workers: wholeNumber(1).optional(),
  seed: wholeNumber(0).default(0),
  out: z.string().optional(),
  dashboard: z.boolean().default(false),
});

export async function demoCommand(raw: unknown): Promise<void> {
  const { task, onlyData, encoderWeights: encoder, hours, workers, seed, dashboard, ...options } = parseOptions(schema, raw);
  if (!isSceneTask(task))
    throw new UserError(`--task ${task}: there are no generated people; use fit with your own: auxcell fit path/to/people --hours 2`);
  const out = options.out ?? (await freeFolder(`runs/${sceneTasks[task].folder}`));
  if (onlyData) return onlyScenes(out, task, seed);
  return attended(out, dashboard, (execution) => fitDemo({ task, hours, encoder, workers, seed, out, ...execution }));
}

async function onlyScenes(folder: string, task: SceneTask, seed: number): Promise<void> {
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  try {
    await generateScenes(folder, { task, seed, reporter: progress, signal: interrupt.signal });
  } finally {
    interrupt.release();
    progress.end();
  }
  const { classes: names } = sceneTasks[task];
  const classes = names ? ['--classes', names.join()] : [];
  console.log(
    `${path.join(folder, 'train.txt')}\n${path.join(folder, 'val.txt')}\n\nnext: ${commandLine('fit', folder, '--hours', '0.1', ...classes)}`,
  );
}
