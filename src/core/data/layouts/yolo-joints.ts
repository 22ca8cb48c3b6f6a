// What YOLO's `data.yaml` says of joints (https://docs.ultralytics.com/datasets/pose/): how many, with or without visibility, which
// change places in the mirror, and in newer files their names.

import { cocoJoints } from '../coco-joints.js';
import { sidePairs } from '../sides.js';

export interface YoloJoints {
  readonly names: readonly string[];
  /** Numbers of a joint: x, y, and whether it is visible. */
  readonly numbers: 2 | 3;
  /** Where nobody says the names. */
  readonly namedBy: 'file' | 'coco' | 'mirror' | 'number';
}

interface Said {
  readonly kpt_shape: readonly [number, number];
  readonly flip_idx?: readonly number[] | undefined;
  /** Of each class, the same. */
  readonly kpt_names?: readonly string[] | undefined;
}

export function yoloJoints({ kpt_shape: [count, dimensions], flip_idx: flip, kpt_names: names }: Said): YoloJoints {
  const numbers = dimensions === 2 ? 2 : 3;
  if (names?.length === count) return { names, numbers, namedBy: 'file' };
  if (count === cocoJoints.length && (flip === undefined || isFlip(cocoJoints, flip)))
    return { names: cocoJoints, numbers, namedBy: 'coco' };
  const plain = Array.from({ length: count }, (_, k) => `joint ${k}`);
  if (flip?.length !== count) return { names: plain, numbers, namedBy: 'number' };
  // Whichever is the left one: what must be known of them is that they change places.
  const sided = plain.map((name, k) => {
    const other = flip[k] ?? k;
    return other === k ? name : `joint ${Math.min(k, other)} ${k < other ? 'left' : 'right'}`;
  });
  return { names: sided, numbers, namedBy: 'mirror' };
}

/** Whether the names say the same pairs as the numbers. */
function isFlip(names: readonly string[], flip: readonly number[]): boolean {
  const own = names.map((_, k) => k);
  for (const [a, b] of sidePairs(names)) [own[a], own[b]] = [b, a];
  return own.every((k, i) => k === flip[i]);
}
