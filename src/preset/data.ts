// A data folder as a preset describes it.

import { type Dataset, openDataset, openDepthDataset, openPoseDataset } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { measurablePose } from '../task/index.js';
import type { TaskKeys } from './preset.js';

/** @throws DataError naming the folder, list and line that is wrong */
export async function openPresetData(folder: string, preset: TaskKeys): Promise<Dataset> {
  switch (preset.task) {
    case 'segmentation': {
      const { classes, ...meaning } = preset.data;
      return openDataset(folder, { ...meaning, classes: classes.length, names: classes });
    }
    case 'pose':
      return withMeasure(await openPoseDataset(folder, preset.data), preset.reward.metric, folder);
    case 'depth':
      return openDepthDataset(folder, preset.data);
  }
}

/** @throws UserError where the data says too little for the reward */
function withMeasure(dataset: Dataset, metric: 'pck' | 'pckh' | 'oksAP', folder: string): Dataset {
  const { labelling, train, val } = dataset;
  const joints = labelling.kind === 'joints' ? labelling.joints : [];
  const hasHeads = [...train, ...val].some((sample) => 'person' in sample && sample.person.headSize > 0);
  const measurable = measurablePose(joints, hasHeads);
  if (measurable.includes(metric)) return dataset;
  const wants = {
    pck: 'a shoulder and a hip (left_shoulder, right_hip, …)',
    pckh: "heads' sizes in the data, or the joints upper_neck and head_top",
    oksAP: "COCO's joints and no others",
  }[metric];
  throw new UserError(
    `reward.metric ${metric}: cannot be measured on ${folder}: it wants ${wants}; possible is ${measurable.join(', ') || 'none'}`,
  );
}

/** The preset for depth maps in other units. @throws UserError where the preset is not for depth */
export function withDepthScale<P extends TaskKeys>(preset: P, scale: number | undefined): P {
  if (scale === undefined) return preset;
  if (preset.task !== 'depth') throw new UserError(`--depth-scale ${scale}: the preset is for ${preset.task}; leave it out`);
  return { ...preset, data: { ...preset.data, scale } };
}
