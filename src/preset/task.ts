// The task that a preset asks for.

import type { Framing } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { createTask, type Task, type TaskDescription, type TaskOptions, validatedOf } from '../task/index.js';
import type { TaskKeys } from './preset.js';

/** As models are told it. @param framing of the images that are validated */
export function describeTask(preset: TaskKeys, framing: Framing): TaskDescription {
  switch (preset.task) {
    case 'segmentation':
      return { task: 'segmentation', classes: preset.data.classes, validated: validatedOf(framing) };
    case 'pose': {
      const { joints, skeleton } = preset.data;
      const number = (name: string): number => {
        const k = joints.indexOf(name);
        if (k < 0) throw new UserError(`data.skeleton: there is no joint "${name}" in data.joints; correct one of them`);
        return k;
      };
      const limbs = skeleton.map(([a, b]): [number, number] => [number(a), number(b)]);
      const { width, height } = framing;
      const padding = framing.kind === 'person' ? framing.padding : 1;
      return { task: 'pose', joints, skeleton: limbs, crop: [width, height], padding, ...preset.heatmap };
    }
    case 'depth': {
      const { minDepth, maxDepth } = preset.data;
      return { task: 'depth', minDepth, maxDepth, unit: 'metre', validated: validatedOf(framing) };
    }
  }
}

/** Ready to train and to score. @param framing of the images that are validated */
export function taskOf(preset: TaskKeys, framing: Framing, { classWeights }: Pick<TaskOptions, 'classWeights'> = {}): Task {
  const description = describeTask(preset, framing);
  switch (preset.task) {
    case 'segmentation':
      return createTask(description, { excluded: preset.reward.excluded, classWeights });
    case 'pose':
      return createTask(description, { pose: { reward: preset.reward.metric } });
    case 'depth': {
      const { loss, data, reward } = preset;
      return createTask(description, { depth: { loss, reward: reward.metric, crop: data.crop } });
    }
  }
}
