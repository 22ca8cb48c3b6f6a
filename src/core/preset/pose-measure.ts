// Whether a data set of people says enough for the reward that a preset asks for.

import { type Dataset, type Finding, FindingList, type Sample } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { canBeMeasured, measurablePose, type PoseMeasure } from '../task/index.js';
import type { TaskKeys } from './preset.js';

const wants: Readonly<Record<PoseMeasure, string>> = {
  pck: 'a shoulder and a hip that are both to be seen (left_shoulder, right_hip, …)',
  pckh: "heads' sizes in the data, or the joints upper_neck and head_top, both to be seen",
  pckBox: 'a box with an area',
  oksAP: "COCO's joints and no others, or data.sigmas in the preset",
};

/**
 * Names alone do not say it: somebody of whom no hip is to be seen has no torso to measure by.
 * @throws UserError where nobody, in one of the lists, can be measured
 */
export function checkPoseMeasure(
  { train, val }: Pick<Dataset, 'train' | 'val'>,
  preset: Extract<TaskKeys, { readonly task: 'pose' }>,
  folder: string,
): readonly Finding[] {
  const { metric } = preset.reward;
  const findings = new FindingList();
  const hasHeads = [...train, ...val].some((sample) => 'person' in sample && sample.person.headSize > 0);
  const measurable = measurablePose(preset.data, hasHeads);
  for (const [name, samples] of [
    ['train', train],
    ['val', val],
  ] as const) {
    const without = samples.filter((sample) => !measures(sample, metric, preset.data.joints)).length;
    if (!measurable.includes(metric) || without === samples.length)
      throw new UserError(
        `reward.metric ${metric}: cannot be measured on ${folder}: it wants ${wants[metric]}; possible is ${measurable.filter((m) => m !== metric).join(', ')}`,
      );
    if (without > 0)
      findings.add({
        grade: 2 * without > samples.length ? 'warning' : 'note',
        code: 'people-without-measure',
        cause: `${without} of ${samples.length} people of ${name} are not counted in ${metric}, which wants ${wants[metric]}`,
        count: without,
        remedy: 'reward.metric: pckBox of the preset counts everybody',
      });
  }
  return findings.list();
}

function measures(sample: Sample, metric: PoseMeasure, joints: readonly string[]): boolean {
  return 'person' in sample && canBeMeasured(sample.person, metric, joints);
}

/** The same where nobody shows what the measure needs (names of shoulders and hips, and nobody with both). Undefined where that is no remedy. */
export function measuredByBox<P extends TaskKeys>(preset: P): P | undefined {
  return preset.task === 'pose' && preset.reward.metric !== 'pckBox' ? { ...preset, reward: { metric: 'pckBox' } } : undefined;
}
