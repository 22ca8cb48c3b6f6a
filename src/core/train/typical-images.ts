// The images that say most about a network: its best, a middling one and its worst, each by its own score.

export interface ScoredImage {
  /** Its number in the validation list. */
  readonly image: number;
  /** The task's `score`, of this image alone. */
  readonly score: number;
}

/**
 * The best, the one in the middle and the worst; of fewer images all, best first. Of equal ones the first of the list counts as the
 * better.
 * @param scores by number; undefined for an image in which nothing is counted
 */
export function typicalImages(scores: readonly (number | undefined)[]): ScoredImage[] {
  const ranked = scores
    .flatMap((score, image) => (score === undefined ? [] : [{ image, score }]))
    .toSorted((a, b) => b.score - a.score || a.image - b.image);
  const places = ranked.length <= 3 ? ranked.keys() : [0, Math.floor((ranked.length - 1) / 2), ranked.length - 1];
  return [...places].flatMap((place) => ranked[place] ?? []);
}
