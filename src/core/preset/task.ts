// The task that a preset asks for.

import { type Framing, sidePairs } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { createTask, type Task, type TaskDescription, type TaskOptions, validatedOf } from '../task/index.js';
import type { TaskKeys } from './preset.js';

/** As models are told it. @param framing of the images that are validated */
export function describeTask(preset: TaskKeys, framing: Framing): TaskDescription {
  switch (preset.task) {
    case 'segmentation': {
      const { classes, ignore, mirrorPairs } = preset.data;
      return {
        task: 'segmentation',
        classes,
        ignore,
        ...mirrored(classes, mirrorPairs),
        ...laidOver(preset),
        validated: validatedOf(framing),
      };
    }
    case 'pose': {
      const { joints, skeleton, sigmas, mirrorPairs } = preset.data;
      const number = (name: string): number => {
        const k = joints.indexOf(name);
        if (k < 0) throw new UserError(`data.skeleton: there is no joint "${name}" in data.joints; correct one of them`);
        return k;
      };
      const limbs = skeleton.map(([a, b]): [number, number] => [number(a), number(b)]);
      const { width, height } = framing;
      const padding = framing.kind === 'person' ? framing.padding : 1;
      const { sigma, decoding } = preset.heatmap;
      return {
        task: 'pose',
        joints,
        skeleton: limbs,
        crop: [width, height],
        padding,
        sigma,
        decoding,
        ...(sigmas && { sigmas }),
        ...mirrored(joints, mirrorPairs),
        ...laidOver(preset),
      };
    }
    case 'depth': {
      const { minDepth, maxDepth } = preset.data;
      return { task: 'depth', minDepth, maxDepth, unit: 'metre', ...laidOver(preset), validated: validatedOf(framing) };
    }
  }
}

/** Which names change places in the mirror: those that the preset lists, or those that say a side. */
export function mirrorPairsOf(names: readonly string[], listed: readonly (readonly [string, string])[] | undefined): [number, number][] {
  const pairs = listed?.map(([a, b]) => [names.indexOf(a), names.indexOf(b)] as const) ?? sidePairs(names);
  return pairs.map(([a, b]) => [a, b]);
}

/** Left out where there is none and the preset does not say so. */
function mirrored(names: readonly string[], listed: readonly (readonly [string, string])[] | undefined) {
  const mirrorPairs = mirrorPairsOf(names, listed);
  return mirrorPairs.length > 0 || listed ? { mirrorPairs } : {};
}

/** Left out where the preset does not say it. */
function laidOver({ data: { background } }: TaskKeys) {
  return background ? { background } : {};
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
