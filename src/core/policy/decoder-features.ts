// How a decoder joins the encoder's taps, in numbers: through how few blocks each reaches the head, and how fine the maps are.

import { decoderOutput, type Genotype, outputBlocks, tapCount, type Value } from '../space/index.js';
import { pathsOf, termsOf } from './term-paths.js';

/** Longer paths count as of this length; a tap that is not used counts as one more. */
const longest = 4;

/** Always the same names in the same order. */
export function decoderFeatures(genotype: Genotype): (readonly [name: string, value: number])[] {
  const paths = pathsOf(decoderOutput(genotype)).map((path) => ({
    tap: path.at(-1),
    blocks: path.filter((label) => label === 'block').length,
  }));
  const { sizes, depths } = blocksOf(genotype);
  const ends = outputBlocks(genotype);
  const endSizes = ends.map((end) => sizes[end] ?? 0);
  const used = blocksIn(decoderOutput(genotype));
  return [
    ...Array.from({ length: tapCount }, (_, tap) => {
      const lengths = paths.filter((path) => path.tap === `tap${tap}`).map(({ blocks }) => blocks);
      return [
        [`blocks from tap ${tap}`, lengths.length === 0 ? longest + 1 : Math.min(longest, ...lengths)],
        [`paths from tap ${tap}`, Math.log1p(lengths.length)],
        [`tap ${tap} is used`, lengths.length === 0 ? 0 : 1],
      ] as const;
    }).flat(),
    ['taps', new Set(paths.map(({ tap }) => tap)).size],
    ['ends', ends.length],
    ['finest end', Math.min(...endSizes)],
    ['coarsest end', Math.max(...endSizes)],
    ['depth', Math.max(...ends.map((end) => depths[end] ?? 0))],
    ['blocks', used],
    // Of a block on the finest map; each coarser map has a quarter of its positions.
    ['area', sizes.reduce((sum, size) => sum + 4 ** -size, 0)],
    ['one map twice', genotype.connections.filter(([a, b]) => a === b).length],
  ];
}

/** Of each block: the tap whose size its map has, and how many blocks are on its longest path. */
function blocksOf({ connections }: Genotype): { readonly sizes: readonly number[]; readonly depths: readonly number[] } {
  const sizes = Array.from({ length: tapCount }, (_, tap) => tap);
  const depths = sizes.map(() => 0);
  for (const inputs of connections) {
    sizes.push(Math.min(...inputs.map((input) => sizes[input] ?? 0)));
    depths.push(1 + Math.max(...inputs.map((input) => depths[input] ?? 0)));
  }
  return { sizes: sizes.slice(tapCount), depths: depths.slice(tapCount) };
}

function blocksIn(output: Value): number {
  return [...termsOf(output)].filter(({ label }) => label === 'block').length;
}
