// A task that no data stands behind: for networks that are measured or begun, not yet trained.

import { classNames, cocoJoints } from '../data/index.js';
import { UserError } from '../errors/index.js';
import type { DepthDescription, TaskDescription, TaskName } from './description.js';

export interface PlainOptions {
  /** Of the channels, where they are known. */
  readonly names?: readonly string[] | undefined;
  /** The metres that occur, where they are known. */
  readonly range?: Pick<DepthDescription, 'minDepth' | 'maxDepth'> | undefined;
}

/** @param channels of the network's output, where they are said @throws UserError where the task has another number */
export function plainTask(task: TaskName, channels?: number, { names, range }: PlainOptions = {}): TaskDescription {
  switch (task) {
    case 'segmentation':
      return { task, classes: [...(names ?? classNames({ classes: channels ?? 21, ignore: 255 }))] };
    case 'pose': {
      const count = channels ?? cocoJoints.length;
      const joints = names ?? (count === cocoJoints.length ? cocoJoints : Array.from({ length: count }, (_, k) => `joint ${k}`));
      return { task, joints: [...joints], skeleton: [], crop: [192, 256], padding: 1.25, sigma: 2, decoding: 'quarter' };
    }
    case 'depth':
      if (channels !== undefined && channels !== 1)
        throw new UserError(`${channels} output channels: depth has one; leave it out`, { about: ['classes'] });
      return { task, ...(range ?? { minDepth: 0.1, maxDepth: 10 }), unit: 'metre' };
  }
}
