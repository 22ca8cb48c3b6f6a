// Of which images, how many, at which size and over which classes a figure is: a line or two.

import { readCard } from '../core/inspect/index.js';
import { classesText, type Preset } from '../core/preset/index.js';
import { type TaskName, taskTraits } from '../core/task/index.js';
import type { DataSplit } from '../library/evaluate.js';

/** How many images score the trials of a search. @param folder the run's, whose card of the data says how many there are */
export async function heldOutImages(folder: string, { data: { metaTrainShare } }: Preset): Promise<number | undefined> {
  const card = await readCard(folder);
  const all = card?.splits.find(({ name }) => name === 'train')?.samples;
  return all === undefined ? undefined : all - Math.round(all * metaTrainShare);
}

/** Of the figures of a search's trials. @param count of images; absent: not known */
export function heldOutFigures(count: number | undefined, preset: Preset): string {
  const { width, height } = preset.validation.framing;
  const things = thingsOf(preset.task, count);
  const told = `figures of ${count === undefined ? things : `${count} ${things}`} held out from the training list, at ${width}×${height}`;
  const classes = classesText(preset);
  return classes === undefined ? told : `${told}\n${classes}`;
}

/** Of what `eval` measures. @param occurring classes of which the truth has a pixel */
export function measuredFigures(images: number, split: DataSplit, task: TaskName, occurring?: number): string {
  const things = thingsOf(task, images);
  const list = { val: 'validation', train: 'training', test: 'test' }[split];
  const means = occurring === undefined ? '' : `\nmeans over the ${occurring} classes that occur there`;
  return `${images} ${things} of the ${list} list${taskTraits[task].isSeenInCrops ? '' : ', at full resolution'}${means}`;
}

function thingsOf(task: Preset['task'], count: number | undefined): string {
  const [one, many] = taskTraits[task].things;
  return count === 1 ? one : many;
}
