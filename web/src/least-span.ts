// An axis that is never so narrow that noise looks like a difference, and that has more than one value to read.

/** Of shares: rewards, IoU, accuracies. Two trainings that differ in their seed only are further apart than a tick of it. */
export const leastOfShares = 0.05;

/** @param least how far its ends are apart at least @returns its ends, nothing where there are no values */
export function spanOf(values: Iterable<number>, least: number): { readonly domain?: [number, number] } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return {};
  const more = Math.max(0, least - (high - low)) / 2;
  return { domain: [low - more, high + more] };
}

/** What has a unit, or none that is known: a tenth of it. */
export function leastOf(values: readonly number[]): number {
  return 0.1 * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}
