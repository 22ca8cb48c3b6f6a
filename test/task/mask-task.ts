// Segmentation of so many nameless classes.

import { classNames } from '../../src/core/data/index.js';
import { segmentation, type SegmentationOptions, type TaskDescription } from '../../src/core/task/index.js';

export function maskDescription(classes: number): Extract<TaskDescription, { task: 'segmentation' }> {
  return { task: 'segmentation', classes: classNames({ classes, ignore: 255 }) };
}

export function maskTask(classes: number, options: SegmentationOptions = {}) {
  return segmentation(maskDescription(classes), options);
}
