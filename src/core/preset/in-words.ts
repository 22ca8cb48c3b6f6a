// What a preset asks for, task by task, for those who need not know which task it is.

import type { DepthRange } from '../data/index.js';
import { metricName } from '../task/index.js';
import type { TaskKeys } from './preset.js';

/** The metres to learn. Undefined where nothing is measured. */
export function learntRange(preset: TaskKeys): DepthRange | undefined {
  return preset.task === 'depth' ? preset.data : undefined;
}

/** Labels that the reward leaves out. */
export function excludedLabels(preset: TaskKeys): readonly number[] {
  return preset.task === 'segmentation' ? preset.reward.excluded : [];
}

/** What a search maximises. */
export function rewardInWords(preset: TaskKeys): string {
  switch (preset.task) {
    case 'segmentation':
      return `the geometric mean of ${['meanIoU', 'frequencyWeightedIoU'].map(metricName).join(', ')} and ${metricName('meanAccuracy')}`;
    case 'pose':
      return metricName(preset.reward.metric);
    case 'depth':
      return preset.reward.metric === 'delta1' ? metricName('delta1') : `1 / (1 + ${metricName('rmse')})`;
  }
}

/** What is not to be learnt is seen here before hours are spent on it. */
export function learntText(preset: TaskKeys): string {
  switch (preset.task) {
    case 'segmentation': {
      const { classes, ignore } = preset.data;
      const told =
        classes.length > mostTold ? `${classes.slice(0, mostTold).join(', ')} and ${classes.length - mostTold} more` : classes.join(', ');
      return `${classes.length} classes by label (${told}); label ${ignore} is ignored`;
    }
    case 'pose':
      return `${preset.data.joints.length} joints, measured by ${metricName(preset.reward.metric)}`;
    case 'depth':
      return `depth from ${preset.data.minDepth} to ${preset.data.maxDepth} m, at ${preset.data.scale} stored units a metre`;
  }
}

/** Names in a line. */
const mostTold = 12;

/** Of a mean over classes: how many, and which are left out of it. Undefined where there are none. */
export function classesText(preset: TaskKeys): string | undefined {
  if (preset.task !== 'segmentation') return undefined;
  const { classes, ignore } = preset.data;
  const left = classes.filter((_, label) => preset.reward.excluded.includes(label) || label === ignore);
  const without = left.length === 0 ? '' : `, without ${left.join(', ')}`;
  return `means over ${classes.length - left.length} of ${classes.length} classes${without}`;
}
