// MPII as mmpose writes it: a list of {image, joints, joints_vis, center, scale}.

import { z } from 'zod';
import { DataError } from '../errors.js';
import type { ListedPerson } from '../listed-person.js';

/** MPII's joints, by its numbers (http://human-pose.mpi-inf.mpg.de). */
export const mpiiJoints = [
  'right_ankle',
  'right_knee',
  'right_hip',
  'left_hip',
  'left_knee',
  'left_ankle',
  'pelvis',
  'thorax',
  'upper_neck',
  'head_top',
  'right_wrist',
  'right_elbow',
  'right_shoulder',
  'left_shoulder',
  'left_elbow',
  'left_wrist',
] as const;

const pair = z.tuple([z.number(), z.number()]);

export const mpiiSchema = z.array(
  z.object({
    image: z.string(),
    joints: z.array(pair).length(mpiiJoints.length),
    joints_vis: z.array(z.number()).length(mpiiJoints.length),
    center: pair,
    scale: z.number(),
    /** [x1, y1, x2, y2] of the head, where the list was made from the official one. */
    headbox: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  }),
);

/**
 * MPII's scale is the person's height in units of 200 pixels; its box is moved down by 15 pixels a unit, as mmpose does.
 * @param joints to learn
 */
export function readMpii(content: z.infer<typeof mpiiSchema>, file: string, joints: readonly string[]): ListedPerson[] {
  const known: readonly string[] = mpiiJoints;
  const columns = joints.map((name) => {
    const k = known.indexOf(name);
    if (k < 0) throw new DataError(`${file}: has no joint "${name}" but ${known.join(', ')}; correct data.joints in the preset`);
    return k;
  });
  return content.map(({ image, joints: points, joints_vis, center: [cx, cy], scale, headbox }) => {
    const side = 200 * scale;
    const [x1, y1, x2, y2] = headbox ?? [0, 0, 0, 0];
    return {
      image,
      size: undefined,
      // Matlab counts pixels from 1.
      joints: Float32Array.from(
        columns.flatMap((k) => {
          const [x, y] = points[k] ?? [0, 0];
          return [x - 1, y - 1, joints_vis[k] ? 1 : 0];
        }),
      ),
      box: { left: cx - 1 - side / 2, top: cy - 1 + 15 * scale - side / 2, width: side, height: side },
      area: side * side,
      headSize: 0.6 * Math.hypot(x2 - x1, y2 - y1),
    };
  });
}
