// A fit on generated scenes: what a newcomer sees first, and what tests and measurements use where there is no other data.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../platform/node/files/index.js';
import { generateDemo } from '../../platform/node/demo/generate.js';
import { reasonOf, UserError } from '../../core/errors/index.js';
import { seededRandom } from '../../core/random/index.js';
import type { TaskName } from '../../core/task/index.js';
import { type Reporter, silent } from '../reporter.js';
import { type FitOptions, type FitOutcome, fit as fitTo, refuseTaken } from './fit.js';

/** Names of the scenes' labels. */
export const demoClasses = ['background', 'person', 'animal', 'plant', 'food', 'vehicle', 'building'] as const;

const size = { width: 256, height: 192 } as const;

/** The tasks that scenes are generated for: the folder of their results, and their classes. */
export const sceneTasks = {
  segmentation: { folder: 'demo', classes: demoClasses },
  depth: { folder: 'demo-depth', classes: undefined },
} as const;

export type SceneTask = keyof typeof sceneTasks;

export function isSceneTask(task: TaskName): task is SceneTask {
  return Object.hasOwn(sceneTasks, task);
}

/** How many. */
export interface Scenes {
  readonly train: number;
  /** Of objects that the others do not show. */
  readonly val: number;
}

const usual: Scenes = { train: 260, val: 40 };

export interface ScenesOptions {
  readonly task: SceneTask;
  readonly seed: number;
  /** Absent: 260 and 40. */
  readonly scenes?: Scenes | undefined;
  readonly reporter?: Reporter | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes scenes to train on and scenes of other objects, with their masks or depth maps.
 * @throws UserError where the folder holds something, or it was interrupted
 */
export async function generateScenes(
  folder: string,
  { task, seed, scenes = usual, reporter = silent, signal }: ScenesOptions,
): Promise<void> {
  const there = await readdir(folder).catch((): string[] => []);
  if (there.length > 0) throw new UserError(`${folder}: is not empty (${there[0]}); give another folder`);
  await makeFolder(folder).catch((error: unknown): never => {
    throw new UserError(`${folder}: cannot be written (${reasonOf(error)}); give another folder`);
  });
  reporter.print(`generating scenes in ${folder}`);
  await generateDemo(folder, {
    task,
    ...scenes,
    ...size,
    random: seededRandom(seed).fork('demo'),
    onProgress: (done, total) => {
      if (signal?.aborted) throw new UserError('interrupted while generating scenes; nothing was begun');
      reporter.show(`generating scenes ${done} of ${total}`);
    },
  });
}

export interface FitDemoOptions extends Omit<FitOptions, 'data' | 'task' | 'classes' | 'ignore' | 'depthScale' | 'preset'> {
  readonly task: SceneTask;
  readonly out: string;
  readonly scenes?: Scenes | undefined;
}

/** Generates scenes into the folder of the results and fits to them, within the time. @throws UserError; SearchStopped */
export async function fitDemo({ hours, scenes, ...options }: FitDemoOptions): Promise<FitOutcome> {
  const { task, out, seed = 0, reporter, signal } = options;
  const data = path.join(out, 'data');
  await refuseTaken(out, data);
  const started = performance.now();
  await generateScenes(data, { task, seed, scenes, reporter, signal });
  const left = hours - (performance.now() - started) / 3_600_000;
  return fitTo({ ...options, data, hours: Math.max(left, hours / 10), classes: sceneTasks[task].classes });
}
