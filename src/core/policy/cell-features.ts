// What a cell does, in numbers. Its paths are told apart by whether they keep places: one through a global pooling gives the same
// everywhere, so it can help a prediction but not draw one. How far the others look is the width of their receptive field.

import { type Cell, type CellOp, cellOps, cellOutput } from '../space/index.js';
import { pathsOf, termsOf } from './term-paths.js';

type Features = readonly (readonly [name: string, value: number])[];

/** Those that do something. */
const ops = cellOps.filter(({ kind }) => kind !== 'skip' && kind !== 'none');
const opsByName = new Map(ops.map((op) => [op.name, op]));
/** Up to this dilation an op looks at its neighbours; beyond it at what is far away, and past most borders of a small map. */
const nearDilation = 3;
/** Longer paths count as of this length. */
const longest = 4;

/** Of the cell as a whole: always the same names in the same order. */
export function generalCellFeatures(cell: Cell): Features {
  const output = cellOutput(cell);
  const paths = opPaths(cell);
  const placed = paths.filter((path) => !path.some(isPool));
  const near = placed.filter((path) => path.length > 0 && path.every(({ dilation }) => dilation <= nearDilation));
  const used = [...termsOf(output)].flatMap(({ label }) => opsByName.get(label) ?? []);
  const reach = placed.map(receptiveField);
  const convs = placed.map((path) => path.filter(isConv).length);
  const separables = placed.map((path) => path.filter(isSeparable).length);
  return [
    ['paths that keep places', Math.log1p(placed.length)],
    ['paths through a pooling', Math.log1p(paths.length - placed.length)],
    ['share of paths that keep places', placed.length / Math.max(1, paths.length)],
    ['near paths', Math.log1p(near.length)],
    ['smallest receptive field', Math.log1p(smallest(reach))],
    ['mean receptive field', Math.log1p(mean(reach))],
    ['mean length', mean(placed.map((path) => path.length))],
    ['convolutions of a path', mean(convs)],
    ['separable convolutions of a path', mean(separables)],
    ['fewest separable convolutions', smallest(separables)],
    ['convolutions', Math.log1p(used.filter(isConv).length)],
    ['separable convolutions', Math.log1p(used.filter(isSeparable).length)],
    ['ops', Math.log1p(used.length)],
    ['kinds of ops', Math.log1p(new Set(used).size)],
  ];
}

/** Of each op. */
export function opFeatures(cell: Cell): Features {
  const paths = opPaths(cell);
  const placed = paths.filter((path) => !path.some(isPool));
  const terms = [...termsOf(cellOutput(cell))];
  const count = (holds: (path: readonly CellOp[]) => boolean): number => Math.log1p(paths.filter(holds).length);
  return [
    ...Array.from({ length: longest + 1 }, (_, n) => [`length ${n}`, count((path) => Math.min(longest, path.length) === n)] as const),
    ...ops.flatMap(
      (op) =>
        [
          [`last ${op.name}`, count(([last]) => last === op)],
          [`first ${op.name}`, count((path) => path.at(-1) === op)],
          [`alone ${op.name}`, count((path) => path.length === 1 && path[0] === op)],
          [`share ${op.name}`, placed.filter((path) => path.includes(op)).length / Math.max(1, placed.length)],
          [`number of ${op.name}`, Math.log1p(terms.filter(({ label }) => label === op.name).length)],
        ] as const,
    ),
  ];
}

/** Of each pair at the end of a path (C. White et al., arXiv 1910.11858: paths truncated to their last two ops). */
export function pairFeatures(cell: Cell): Features {
  const paths = opPaths(cell);
  const count = (last: CellOp, before: CellOp): number => paths.filter((path) => path[0] === last && path[1] === before).length;
  return ops.flatMap((last) => ops.map((before) => [`${last.name} < ${before.name}`, Math.log1p(count(last, before))] as const));
}

/** From the output to the input, without the input itself. */
function opPaths(cell: Cell): CellOp[][] {
  return pathsOf(cellOutput(cell)).map((path) => path.flatMap((label) => opsByName.get(label) ?? []));
}

/** Width in positions of the map. */
function receptiveField(path: readonly CellOp[]): number {
  return path.reduce((width, { kernel, dilation }) => width + (kernel - 1) * dilation, 1);
}

const isPool = ({ kind }: CellOp): boolean => kind === 'pool';
const isConv = ({ kind }: CellOp): boolean => kind === 'conv';
const isSeparable = ({ kind }: CellOp): boolean => kind === 'separable';

/** 0 where there is none. */
function smallest(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.min(...values);
}

/** 0 where there is none. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
