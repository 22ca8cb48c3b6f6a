// What a network sees, as data for other programs: joints by name, depth in whole numbers.

import { learntDepths, type TaskDescription } from '../task/index.js';

/** [x, y, score] by the joint's name, in pixels, to a thousandth. */
export function namedJoints(joints: Float32Array, names: readonly string[]): Record<string, readonly number[]> {
  const rounded = (v: number): number => Math.round(1000 * v) / 1000;
  return Object.fromEntries(names.map((name, k) => [name, [...joints.subarray(3 * k, 3 * k + 3)].map(rounded)]));
}

/** Units a metre in which 16 bits hold what the model sees: millimetres, or where that is too near, KITTI's 1/256 metre. */
export function fittingDepthScale(description: TaskDescription): number {
  const most = learntDepths(description)?.maxDepth ?? 0;
  return 1000 * most < 65_536 ? 1000 : 256;
}
