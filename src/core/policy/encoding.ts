// An architecture as numbers, for a network that predicts its reward: how often each path runs through it, in its canonical form, so that equal
// networks have equal codes whatever their genotypes (C. White et al., "BANANAS", arXiv 1910.11858, truncated to the last two ops).

import { cellOps, cellOutput, decoderOutput, type Genotype, tapCount, type Term, type Value } from '../space/index.js';

/** Of the cell's paths, the ops that do something. */
const ops = cellOps.flatMap(({ name, kind }) => (kind === 'skip' || kind === 'none' ? [] : [name]));
/** Longer paths count as of this length. */
const longest = 4;

/** What is general has a larger scale than what is particular: it is what a network learns from few examples. */
const scales = { general: 4, op: 1, pair: 0.25 } as const;

const features: readonly (readonly [name: string, scale: number])[] = [
  ...['ops', 'kinds of ops', 'depth', 'blocks', 'taps'].map((name) => [name, scales.general] as const),
  // The cell's paths by their length, 0 is the input itself; by the op next to the output, and by the two ops next to it.
  ...upTo(longest).map((n) => [`length ${n}`, scales.op] as const),
  ...ops.map((op) => [op, scales.op] as const),
  ...ops.flatMap((last) => ops.map((before) => [`${last} < ${before}`, scales.pair] as const)),
  // How many weights of each op there are.
  ...ops.map((op) => [`number of ${op}`, scales.op] as const),
  // The decoder's paths by the tap that they begin at and the number of blocks that they run through.
  ...upTo(tapCount - 1).flatMap((tap) => upTo(longest).map((n) => [`tap${tap} through ${n}`, scales.op] as const)),
];
const places = new Map(features.map(([name], i) => [name, i]));

export const encodingLength = features.length;

/** log(1 + how often) of each feature by its scale, [encodingLength]. */
export function encodeArchitecture(genotype: Genotype): Float32Array {
  const counts = new Float32Array(encodingLength);
  const count = (name: string, times = 1): void => {
    const place = places.get(name);
    if (place !== undefined) counts[place] = (counts[place] ?? 0) + times;
  };
  const cell = cellOutput(genotype.cell);
  const cellPaths = pathsOf(cell);
  const used = [...termsOf(cell)].map(({ label }) => label).filter((label) => label !== 'x');
  count('ops', used.length);
  count('kinds of ops', new Set(used).size);
  count('depth', Math.max(0, ...cellPaths.map((path) => path.length - 1)));
  for (const path of cellPaths) {
    const [last, before] = path.filter((label) => label !== 'x');
    count(`length ${Math.min(longest, path.length - 1)}`);
    if (last !== undefined) count(last);
    if (before !== undefined) count(`${last} < ${before}`);
  }
  for (const label of used) count(`number of ${label}`);
  const decoder = decoderOutput(genotype);
  const decoderPaths = pathsOf(decoder);
  count('taps', new Set(decoderPaths.map((path) => path.at(-1))).size);
  for (const path of decoderPaths) {
    const blocks = path.filter((label) => label === 'block').length;
    count(`${path.at(-1)} through ${Math.min(longest, blocks)}`);
  }
  for (const { label } of termsOf(decoder)) if (label === 'block') count('blocks');
  return counts.map((times, i) => (features[i]?.[1] ?? 0) * Math.log1p(times));
}

function upTo(last: number): number[] {
  return Array.from({ length: last + 1 }, (_, n) => n);
}

/** Labels from the output to an input, path by path. */
function pathsOf(value: Value): string[][] {
  return value.flatMap(({ label, inputs }) => (inputs.length === 0 ? [[label]] : inputs.flatMap(pathsOf).map((path) => [label, ...path])));
}

function termsOf(value: Value, found = new Set<Term>()): ReadonlySet<Term> {
  for (const term of value) {
    if (found.has(term)) continue;
    found.add(term);
    for (const input of term.inputs) termsOf(input, found);
  }
  return found;
}
