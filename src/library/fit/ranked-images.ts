// Which validation images stand for all of them: the best, the middling and the worst, as far as there are so many.

/** Of two there is no middling one; one alone is neither. */
export type Rank = 'best' | 'median' | 'worst' | 'only';

const ranksOf: readonly (readonly Rank[])[] = [[], ['only'], ['best', 'worst'], ['best', 'median', 'worst']];

/** Each image at most once, the best first. @param images one whose score is no number, since nothing in it counts, stands for none */
export function rankedImages<T extends { readonly score: number }>(images: readonly T[]): (T & { readonly rank: Rank })[] {
  const sorted = images.filter(({ score }) => Number.isFinite(score)).toSorted((a, b) => b.score - a.score);
  const ranks = ranksOf[Math.min(sorted.length, 3)] ?? [];
  return ranks.flatMap((rank, k) => {
    const image = sorted[ranks.length === 1 ? 0 : Math.floor((k * (sorted.length - 1)) / (ranks.length - 1))];
    return image ? [{ ...image, rank }] : [];
  });
}
