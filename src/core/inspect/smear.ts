// Whether the values of masks are those that were drawn, or what compression with loss made of them: a few levels that are far apart,
// as grey levels are, and rarer values crowded around each of them. Labels are no such thing: rare classes lie anywhere.

/** What is on less of the pixels is no level. */
const shareOfLevel = 0.05;
/** Grey levels are farther apart than labels. */
const fewestApart = 24;
/** How far loss moves most values: beside sharp edges a few go farther. */
const reach = 8;
/** Of the pixels between the levels, so many lie as close: labels would be spread. */
const shareAround = 0.6;
/** Fewer values tell nothing, unless they lie beside white, where nobody has labels. */
const fewest = 4;
const white = 255;

export interface Smear {
  readonly drawn: readonly number[];
  /** The most frequent first. */
  readonly around: readonly number[];
}

/** @param values pixels of each value of all masks, ignored ones too; undefined where nothing speaks for it */
export function smearOf(values: ReadonlyMap<number, number>): Smear | undefined {
  const sorted = [...values].toSorted(([a], [b]) => a - b);
  const least = shareOfLevel * pixelsOf(sorted);
  const drawn = sorted.filter(([, pixels]) => pixels >= least).map(([value]) => value);
  const others = sorted.filter(([, pixels]) => pixels < least);
  if (drawn.length < 2 || drawn.some((level, k) => k > 0 && level - (drawn[k - 1] ?? 0) < fewestApart)) return undefined;
  const close = others.filter(([value]) => drawn.some((level) => Math.abs(value - level) <= reach));
  if (pixelsOf(close) < shareAround * pixelsOf(others)) return undefined;
  const isBeside = (level: number, side: 1 | -1): boolean =>
    close.some(([value]) => (value - level) * side > 0 && Math.abs(value - level) <= reach);
  // Where labels begin, a frequent one has others above it as well.
  if (!drawn.every((level) => (level === 0 || isBeside(level, -1)) && (level === white || isBeside(level, 1)))) return undefined;
  if (close.length < fewest && !drawn.includes(white)) return undefined;
  return { drawn, around: close.toSorted((a, b) => b[1] - a[1]).map(([value]) => value) };
}

function pixelsOf(counted: readonly (readonly [value: number, pixels: number])[]): number {
  return counted.reduce((n, [, pixels]) => n + pixels, 0);
}
