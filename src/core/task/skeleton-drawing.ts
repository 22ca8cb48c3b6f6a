// A person's joints and limbs as lines and dots: left ones blue, right ones orange, those in the middle green.

import { sideOf } from '../data/sides.js';
import type { PoseDescription } from './description.js';

export const sideColours = { left: '#3b82f6', right: '#f59e0b', middle: '#22c55e' } as const;

export interface Limb {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly colour: string;
  /** 0 … 1, of how sure the network is. */
  readonly opacity: number;
}

export interface JointDot {
  readonly name: string;
  readonly at: readonly [number, number];
  readonly colour: string;
  readonly opacity: number;
}

/** @param joints [x, y, score] each; a score of 0 is not drawn */
export function skeletonOf(
  joints: Float32Array,
  { joints: names, skeleton }: Pick<PoseDescription, 'joints' | 'skeleton'>,
): { readonly limbs: readonly Limb[]; readonly dots: readonly JointDot[] } {
  const at = (k: number): [number, number] => [joints[3 * k] ?? 0, joints[3 * k + 1] ?? 0];
  const score = (k: number): number => Math.min(1, joints[3 * k + 2] ?? 0);
  const opacity = (s: number): number => Math.min(1, 0.4 + s);
  const limbs = skeleton.flatMap(([a, b]) => {
    const least = Math.min(score(a), score(b));
    if (!(least > 0)) return [];
    return [{ from: at(a), to: at(b), colour: sideColour([names[a] ?? '', names[b] ?? '']), opacity: opacity(least) }];
  });
  const dots = names.flatMap((name, k) =>
    score(k) > 0 ? [{ name, at: at(k), colour: sideColour([name]), opacity: opacity(score(k)) }] : [],
  );
  return { limbs, dots };
}

/** Of one joint, or of the limb between two: with a joint in the middle it has the other's side. */
function sideColour(names: readonly string[]): string {
  const sides = new Set(names.flatMap((name) => sideOf(name) ?? []));
  const [side] = sides;
  return side === undefined || sides.size === 2 ? sideColours.middle : sideColours[side];
}

/** An SVG document of the image's size, transparent but for the person. */
export function drawSkeleton(
  joints: Float32Array,
  description: Pick<PoseDescription, 'joints' | 'skeleton'>,
  width: number,
  height: number,
): string {
  const { limbs, dots } = skeletonOf(joints, description);
  const stroke = Math.max(width, height) / 90;
  const number = (v: number): string => v.toFixed(1);
  const parts = [
    ...limbs.map(
      ({ from: [x1, y1], to: [x2, y2], colour, opacity }) =>
        `<line x1="${number(x1 + 0.5)}" y1="${number(y1 + 0.5)}" x2="${number(x2 + 0.5)}" y2="${number(y2 + 0.5)}" stroke="${colour}" stroke-opacity="${opacity.toFixed(2)}"/>`,
    ),
    ...dots.map(
      ({ at: [x, y], colour, opacity }) =>
        `<circle cx="${number(x + 0.5)}" cy="${number(y + 0.5)}" r="${number(1.2 * stroke)}" fill="${colour}" fill-opacity="${opacity.toFixed(2)}" stroke="#fff" stroke-width="${number(stroke / 4)}"/>`,
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><g stroke-width="${number(stroke)}" stroke-linecap="round">${parts.join('')}</g></svg>\n`;
}
