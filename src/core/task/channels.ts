// The output channels of a task's networks.

import { mirrorOrder } from '../data/sides.js';
import type { TaskDescription, TaskName } from './description.js';

export const taskNames = ['segmentation', 'pose', 'depth'] as const satisfies readonly TaskName[];

/** A name for every channel of the network's output. */
export function channelNames(description: TaskDescription): readonly string[] {
  switch (description.task) {
    case 'segmentation':
      return description.classes;
    case 'pose':
      return description.joints;
    case 'depth':
      return ['depth'];
  }
}

/** The class of what is nothing in particular: in pictures the photograph is seen there. */
export function backgroundLabel(description: TaskDescription): number | undefined {
  const label = channelNames(description).findIndex((name) => /^(_*background_*|bg)$/i.test(name));
  return label < 0 ? undefined : label;
}

/** For every channel the one that has its place in the mirror, or itself. */
export function mirroredChannels(description: TaskDescription): readonly number[] {
  const names = channelNames(description);
  return description.task === 'depth' ? [0] : mirrorOrder(names, description.mirrorPairs);
}
