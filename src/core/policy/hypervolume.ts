// The hypervolume of a front: the volume that its points dominate, up to a reference point. All objectives are minimised.

import { dominates } from './non-dominated-sorting.js';

/**
 * Exact: slices along the last objective, each as thick as to the next point, with the hypervolume of the points so far in the
 * others. What is not better than the reference in everything adds nothing.
 * @param reference one number an objective
 */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const inside = points.filter((point) => point.every((value, m) => value < (reference[m] ?? Number.NEGATIVE_INFINITY)));
  const front = inside.filter((point, i) => !inside.some((other, j) => dominates(other, point) || (j < i && sameAs(other, point))));
  return volume(front, reference);
}

function volume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const last = reference.length - 1;
  const end = reference[last] ?? 0;
  const sorted = points.toSorted((a, b) => (a[last] ?? 0) - (b[last] ?? 0));
  const [best] = sorted;
  if (!best) return 0;
  if (last === 0) return end - (best[0] ?? end);
  return sorted.reduce((sum, point, k) => {
    const thickness = (sorted[k + 1]?.[last] ?? end) - (point[last] ?? end);
    if (thickness === 0) return sum;
    const slice = sorted.slice(0, k + 1).map((p) => p.slice(0, last));
    return sum + thickness * volume(slice, reference.slice(0, last));
  }, 0);
}

function sameAs(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, m) => value === b[m]);
}
