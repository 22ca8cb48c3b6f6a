// Sizes of a tensor's axes: known numbers, or symbols for the axes that a deployed model leaves open.

/**
 * An open axis, in the form the networks here produce: `ceil(symbol / divisor)`. Every strided layer of the encoder
 * halves with rounding up, and ceil(ceil(n/a)/b) = ceil(n/(ab)), so this form is closed under the layers we have.
 */
export interface SymbolicDim {
  readonly symbol: string;
  readonly divisor: number;
}

export type Dim = number | SymbolicDim;
export type Shape = readonly Dim[];
export type StaticShape = readonly number[];

/** A graph was put together wrongly: shapes that do not fit, an op used where it is not defined. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}

export function isStatic(shape: Shape): shape is StaticShape {
  return shape.every((d) => typeof d === 'number');
}

/** The sizes as numbers; a GraphError that names `where` when an axis is open. */
export function staticShape(shape: Shape, where: string): StaticShape {
  if (!isStatic(shape)) throw new GraphError(`${where}: needs known sizes, got ${formatShape(shape)}`);
  return shape;
}

export function sameDim(a: Dim, b: Dim): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return a.symbol === b.symbol && a.divisor === b.divisor;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => sameDim(d, b[i] ?? -1));
}

/** Orders two sizes of the same axis: negative when `a` is the smaller map. */
export function compareDim(a: Dim, b: Dim): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== 'number' && typeof b !== 'number' && a.symbol === b.symbol) return b.divisor - a.divisor;
  throw new GraphError(`sizes ${formatDim(a)} and ${formatDim(b)} cannot be compared`);
}

export function divideDim(d: Dim, by: number): Dim {
  if (typeof d === 'number') return Math.ceil(d / by);
  return { symbol: d.symbol, divisor: d.divisor * by };
}

export function formatDim(d: Dim): string {
  if (typeof d === 'number') return String(d);
  return d.divisor === 1 ? d.symbol : `${d.symbol}/${d.divisor}`;
}

export function formatShape(shape: Shape): string {
  return `[${shape.map(formatDim).join(', ')}]`;
}

export function sizeOf(shape: StaticShape): number {
  return shape.reduce((n, d) => n * d, 1);
}

/** The size of axis `axis`; a GraphError when there is none. */
export function axisOf(shape: StaticShape, axis: number): number {
  const d = shape[axis];
  if (d === undefined) throw new GraphError(`shape ${formatShape(shape)} has no axis ${axis}`);
  return d;
}

/** Checks for a feature map and gives its four sizes [B, C, H, W] with C known. */
export function mapShape(shape: Shape, where: string): readonly [Dim, number, Dim, Dim] {
  const [b, c, h, w] = shape;
  if (shape.length !== 4 || b === undefined || typeof c !== 'number' || h === undefined || w === undefined)
    throw new GraphError(`${where}: needs a map [B, C, H, W], got ${formatShape(shape)}`);
  return [b, c, h, w];
}

/** The four sizes of a feature map, all known. */
export function staticMap(shape: Shape, where: string): readonly [number, number, number, number] {
  const [b, c, h, w] = mapShape(shape, where);
  if (typeof b !== 'number' || typeof h !== 'number' || typeof w !== 'number')
    throw new GraphError(`${where}: needs known sizes, got ${formatShape(shape)}`);
  return [b, c, h, w];
}
