// Values of depth maps that stand for "not measured" or "infinitely far" without being 0, NaN or infinity.

/** The largest that 16 bits hold: as whole numbers, in stored units. */
export const largestStored = 65_535;

/** Some write a number just below it. */
const nearlyLargest = 65_530;

/** Metres, of maps of floats: no camera measures so far. Renderers write 1e10 (Blender) or the largest half (65504) for the sky. */
export const farthestFloat = 10_000;

/** @param scale stored units of a metre, of whole numbers */
export function isFarthest(metres: number, isWhole: boolean, scale: number): boolean {
  const stored = Math.round(metres * scale);
  return isWhole ? stored >= nearlyLargest && stored <= largestStored : metres >= farthestFloat;
}

/** Metres within which no hole is, whole numbers or floats. */
export function nearestHole(scale: number): number {
  return Math.min(largestStored / scale, farthestFloat);
}

/** A smaller share of what is measured may be chance, and is harmless. */
const worthAWord = 0.001;

/** The one answer to whether such pixels are holes: to `inspect`, before a search, a training or an evaluation, and to `fit`. */
export function areHoles(farthest: number, measured: number): boolean {
  return farthest > 0 && farthest >= worthAWord * measured;
}
