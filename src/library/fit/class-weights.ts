// Weights of classes in the loss, where some are rare.

export interface ClassShare {
  readonly pixels: number;
  readonly isIgnored: boolean;
}

/** No class counts more than so many times another. */
const mostWeight = 4;
/** Below this the loss is left as it is. */
const worthIt = 1.5;

/**
 * The root of how much rarer than the median class each is, from 1 to 4: half way, on a logarithmic scale, between counting pixels alike and
 * median frequency balancing (Eigen and Fergus, arXiv 1411.4734), which costs the frequent classes too much.
 * @returns a weight a class; undefined where no class is rare
 */
export function rareClassWeights(classes: readonly ClassShare[]): number[] | undefined {
  const counts = classes.flatMap(({ pixels, isIgnored }) => (pixels > 0 && !isIgnored ? [pixels] : [])).toSorted((a, b) => a - b);
  const middle = Math.floor(counts.length / 2);
  const upper = counts[middle] ?? 0;
  const median = counts.length % 2 === 1 ? upper : (upper + (counts[middle - 1] ?? upper)) / 2;
  const weights = classes.map(({ pixels, isIgnored }) => {
    if (pixels === 0 || isIgnored) return 1;
    return Math.round(100 * Math.min(mostWeight, Math.max(1, Math.sqrt(median / pixels)))) / 100;
  });
  return weights.some((weight) => weight >= worthIt) ? weights : undefined;
}
