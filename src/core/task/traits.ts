// What sets the tasks apart for those who use their models: asked here, so that nobody compares a task's name. A fourth task
// answers here or does not compile.

import type { DepthDescription, PoseDescription, SegmentationDescription, TaskDescription, TaskName } from './description.js';
import type { Depiction } from './task.js';
import type { MapSize, Validated } from './validated.js';

export interface TaskTraits {
  readonly depicts: Depiction['kind'];
  /** What is seen, learnt and counted one by one. */
  readonly things: readonly [one: string, many: string];
  /** The network sees crops of its own size around people, never a whole photograph. */
  readonly isSeenInCrops: boolean;
  /** Of several views, class logits become shares before they are averaged; numbers are averaged as they are. */
  readonly output: 'logits' | 'values';
  /** Every pixel is counted for itself, so that large images can be in strips. */
  readonly isCountedByPixel: boolean;
  /** What is seen in an image resized by some factor is the same. */
  readonly isScaleFree: boolean;
  /** transformers.js has a pipeline for it. */
  readonly isInTransformers: boolean;
  /** Has benchmarks that count a part of the image alone, as KITTI's. */
  readonly hasTestCrops: boolean;
}

export const taskTraits: Readonly<Record<TaskName, TaskTraits>> = {
  segmentation: {
    depicts: 'labels',
    things: ['image', 'images'],
    isSeenInCrops: false,
    output: 'logits',
    isCountedByPixel: true,
    isScaleFree: true,
    isInTransformers: true,
    hasTestCrops: false,
  },
  pose: {
    depicts: 'joints',
    things: ['person', 'people'],
    isSeenInCrops: true,
    output: 'values',
    isCountedByPixel: false,
    isScaleFree: false,
    isInTransformers: false,
    hasTestCrops: false,
  },
  depth: {
    depicts: 'depth',
    things: ['image', 'images'],
    isSeenInCrops: false,
    output: 'values',
    isCountedByPixel: false,
    isScaleFree: false,
    isInTransformers: false,
    hasTestCrops: true,
  },
};

/** Whether the network's output is of classes, which have names and colours. */
export function hasClasses(description: TaskDescription): description is SegmentationDescription {
  return description.task === 'segmentation';
}

/** The metres that were learnt. Undefined where the network does not measure. */
export function learntDepths(description: TaskDescription): DepthDescription | undefined {
  return description.task === 'depth' ? description : undefined;
}

/** The people that a network sees: joints, and the crop around each. Undefined where it sees whole images. */
export function peopleOf(description: TaskDescription): PoseDescription | undefined {
  return description.task === 'pose' ? description : undefined;
}

/** The size of the crops in which a network sees people. Undefined where it sees whole images. */
export function peopleCropOf(description: TaskDescription): MapSize | undefined {
  const [width, height] = peopleOf(description)?.crop ?? [];
  return width === undefined || height === undefined ? undefined : { width, height };
}

/** The same task, validated so; what is seen in crops stays as it is. */
export function withValidated(description: TaskDescription, validated: Validated): TaskDescription {
  return description.task === 'pose' ? description : { ...description, validated };
}
