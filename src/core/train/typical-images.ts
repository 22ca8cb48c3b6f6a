// The images that say most about a network: its best, a middling one and its worst, each by its own score.

export interface ScoredImage {
  /** Its number in the validation list. */
  readonly image: number;
  /** The task's `score`, of this image alone. */
  readonly score: number;
}

/** Those that have a score, in the list's order. */
export function scoredOf(scores: readonly (number | undefined)[]): ScoredImage[] {
  return scores.flatMap((score, image) => (score === undefined ? [] : [{ image, score }]));
}

/** So many of a list, evenly taken. */
export function evenlyTaken(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, k) => Math.floor(((k + 0.5) * count) / taken));
}

/**
 * The best, the one in the middle and the worst; of fewer images all, best first. Of equal ones the first of the list counts as the
 * better.
 * @param scores by number; undefined for an image in which nothing is counted
 */
export function typicalImages(scores: readonly (number | undefined)[]): ScoredImage[] {
  const ranked = scoredOf(scores).toSorted((a, b) => b.score - a.score || a.image - b.image);
  const places = ranked.length <= 3 ? ranked.keys() : [0, Math.floor((ranked.length - 1) / 2), ranked.length - 1];
  return [...places].flatMap((place) => ranked[place] ?? []);
}
