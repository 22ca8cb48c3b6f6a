// A data folder as a preset describes it.

import { type Dataset, openDataset, openDepthDataset, openPoseDataset } from '../data/index.js';
import { UserError } from '../errors/index.js';
import type { TaskKeys } from './preset.js';
import { checkPoseMeasure } from './pose-measure.js';
import { sideFindings } from './side-findings.js';
import { mirrorPairsOf } from './task.js';

/** @throws DataError naming the folder, list and line that is wrong */
export async function openPresetData(folder: string, preset: TaskKeys): Promise<Dataset> {
  switch (preset.task) {
    case 'segmentation': {
      const { classes, mirrorPairs, ...meaning } = preset.data;
      const dataset = await openDataset(folder, { ...meaning, classes: classes.length, names: classes });
      const labelling = { ...dataset.labelling, mirrorPairs: mirrorPairsOf(classes, mirrorPairs) };
      return { ...dataset, labelling, findings: [...dataset.findings, ...sideFindings(preset, classes, labelling.mirrorPairs)] };
    }
    case 'pose': {
      const { joints, mirrorPairs } = preset.data;
      const dataset = await openPoseDataset(folder, preset.data);
      const measured = checkPoseMeasure(dataset, preset, folder);
      const labelling = { ...dataset.labelling, mirrorPairs: mirrorPairsOf(joints, mirrorPairs) };
      const findings = [...dataset.findings, ...measured, ...sideFindings(preset, joints, labelling.mirrorPairs)];
      return { ...dataset, labelling, findings };
    }
    case 'depth': {
      const { minDepth, maxDepth } = preset.data;
      const dataset = await openDepthDataset(folder, preset.data);
      return { ...dataset, labelling: { ...dataset.labelling, range: { minDepth, maxDepth } } };
    }
  }
}

/** The preset for depth maps in other units. @throws UserError where the preset is not for depth */
export function withDepthScale<P extends TaskKeys>(preset: P, scale: number | undefined): P {
  if (scale === undefined) return preset;
  if (preset.task !== 'depth')
    throw new UserError(`${scale} units a metre: the preset is for ${preset.task}, not for depth; leave it out`, {
      about: ['depthScale'],
    });
  return { ...preset, data: { ...preset.data, scale } };
}
