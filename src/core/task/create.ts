// The task that a description names.

import { type DepthOptions, depthTask } from './depth.js';
import type { TaskDescription } from './description.js';
import { type PoseOptions, poseTask } from './pose.js';
import { segmentation } from './segmentation.js';
import type { Task } from './task.js';

/** What a task needs beside its description, to be trained and scored. */
export interface TaskOptions {
  /** Segmentation: labels that the reward leaves out. */
  readonly excluded?: readonly number[] | undefined;
  /** Segmentation: of each class in the loss. */
  readonly classWeights?: readonly number[] | undefined;
  readonly pose?: PoseOptions | undefined;
  readonly depth?: DepthOptions | undefined;
}

export function createTask(description: TaskDescription, { excluded = [], classWeights, pose, depth }: TaskOptions = {}): Task {
  switch (description.task) {
    case 'segmentation':
      return segmentation(description, { excluded, classWeights });
    case 'pose':
      return poseTask(description, pose);
    case 'depth':
      return depthTask(description, depth);
  }
}
