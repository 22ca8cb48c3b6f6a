// A data folder for a model: what the model says of its task says how the folder is read.

import { type Dataset, openDataset, openDepthDataset, openPoseDataset, unlabelled } from '../data/index.js';
import type { TaskDescription } from '../task/index.js';

export interface DataMeaning {
  /** The label of masks that is not counted: the model's unless it is said. */
  readonly ignore?: number | undefined;
  /** Stored units of depth maps a metre; without it the layout's own, or 1000. */
  readonly depthScale?: number | undefined;
}

export async function openDataFor(task: TaskDescription, folder: string, { ignore, depthScale }: DataMeaning): Promise<Dataset> {
  const { background } = task;
  switch (task.task) {
    case 'segmentation': {
      const { classes } = task;
      return openDataset(folder, { classes: classes.length, ignore: ignore ?? task.ignore ?? unlabelled, names: classes, background });
    }
    case 'pose':
      return openPoseDataset(folder, task);
    case 'depth': {
      const { minDepth, maxDepth } = task;
      const dataset = await openDepthDataset(folder, { scale: depthScale, background });
      return { ...dataset, labelling: { ...dataset.labelling, range: { minDepth, maxDepth } } };
    }
  }
}
