// The output channels of a task's networks.

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
