/** Places 0 to `count` − 1, evenly thinned out to `most`; the last one among them. */
export function thinned(count: number, most: number): number[] {
  const kept = Math.min(count, most);
  return Array.from({ length: kept }, (_, i) => Math.floor(((i + 1) * count) / kept) - 1);
}
