// A canonical key of a genotype: where two are equal, the genotypes describe the same network, up to the names of its weights.
//
// What does not matter: the order of a sum's two terms, of a block's two inputs, of independent rounds and blocks;
// anything that cannot reach the output; skip connections (x is x) and `none` (adds nothing). What does matter is
// sharing (two ops of a kind on the same input have weights of their own), and where the head resizes a map twice.

import { encoderTaps } from './encoder-spec.js';
import { type Cell, type Genotype, looseEnds, outputBlocks, tapCount } from './genotype.js';
import { cellOp } from './ops.js';

/** A node of a network: a labelled function of sums of other nodes' values. */
export interface Term {
  readonly label: string;
  readonly inputs: readonly Value[];
}

/** A sum of terms, with repetition. */
export type Value = readonly Term[];

export function canonicalKey(genotype: Genotype): string {
  return `${canonicalForm(cellOutput(genotype.cell))} | ${canonicalForm(decoderOutput(genotype))}`;
}

/** What a cell gives, of its input `x`: without what cannot reach the output, skip connections and `none`. */
export function cellOutput(cell: Cell): Value {
  const pool: Value[] = [[{ label: 'x', inputs: [] }]];
  const at = (position: number): Value => pool[position] ?? [];
  const apply = (op: number, value: Value): Value => {
    const { kind, name } = cellOp(op);
    if (kind === 'skip') return value;
    if (kind === 'none') return [];
    return [{ label: name, inputs: [value] }];
  };
  pool.push(apply(cell.first, at(0)));
  for (const { positions, ops } of cell.rounds) {
    const a = apply(ops[0], at(positions[0]));
    const b = apply(ops[1], at(positions[1]));
    pool.push(a, b, [...a, ...b]);
  }
  return looseEnds(cell).flatMap(at);
}

/** What the head is given, of `tap0` …: blocks, and the sizes that maps are resized to on the way. */
export function decoderOutput(genotype: Genotype): Value {
  const pool: Value[] = Array.from({ length: tapCount }, (_, i) => [{ label: `tap${i}`, inputs: [] }]);
  const at = (i: number): Value => pool[i] ?? [];
  // Of each map the tap whose size it has: 0 is the largest.
  const size = Array.from({ length: tapCount }, (_, i) => i);
  for (const [i, j] of genotype.connections) {
    pool.push([{ label: 'block', inputs: [at(i), at(j)] }]);
    size.push(Math.min(size[i] ?? 0, size[j] ?? 0));
  }
  const ends = outputBlocks(genotype).map((b) => tapCount + b);
  const sizes = ends.map((end) => size[end] ?? 0);
  return ends.flatMap((end, i) => {
    const between = sizesBetween(sizes, i);
    return between.length === 0 ? at(end) : [{ label: between.map((tap) => `1/${encoderTaps[tap]?.divisor}`).join(), inputs: [at(end)] }];
  });
}

/**
 * The head concatenates pairwise in order, the smaller map resized to the larger: map `i` passes through every size that was the
 * largest so far before the last one, and two resizes are not one. In another order of the ends either these are other sizes, or
 * the network is the same with the columns of the head's weights exchanged.
 */
function sizesBetween(sizes: readonly number[], i: number): number[] {
  const largest = sizes.map((_, k) => Math.min(...sizes.slice(0, k + 1))).slice(i);
  return [...new Set(largest)].filter((size) => size !== sizes[i] && size !== largest.at(-1));
}

/**
 * The smallest text among all ways to write the graph down depth first, each term numbered at its first mention.
 * Terms whose unfolded trees differ are ordered by those; only among equal trees are all orders tried.
 */
function canonicalForm(root: Value): string {
  const trees = new Map<Term, string>();
  const treeOf = (term: Term): string => {
    const known = trees.get(term);
    if (known !== undefined) return known;
    const tree = `${term.label}(${term.inputs.map(treeOfValue).sort().join(';')})`;
    trees.set(term, tree);
    return tree;
  };
  const treeOfValue = (value: Value): string => value.map(treeOf).sort().join('+');

  interface Writing {
    readonly text: string;
    readonly numbers: ReadonlyMap<Term, number>;
  }
  const writeAll = <T>(
    items: readonly T[],
    tree: (item: T) => string,
    write: (writing: Writing, item: T) => Writing[],
    start: Writing[],
  ): Writing[] => {
    if (items.length === 0) return start;
    const smallest = items.map(tree).sort()[0];
    return items.flatMap((item, i) => {
      if (tree(item) !== smallest) return [];
      return writeAll(
        items.toSpliced(i, 1),
        tree,
        write,
        start.flatMap((writing) => write(writing, item)),
      );
    });
  };
  const writeTerm = ({ text, numbers }: Writing, term: Term): Writing[] => {
    const number = numbers.get(term);
    if (number !== undefined) return [{ text: `${text}#${number} `, numbers }];
    const named = new Map(numbers).set(term, numbers.size);
    const opened = { text: `${text}${term.label}(`, numbers: named };
    return writeAll(term.inputs, treeOfValue, writeValue, [opened]).map((w) => ({ ...w, text: `${w.text})` }));
  };
  const writeValue = (writing: Writing, value: Value): Writing[] =>
    writeAll(value, treeOf, writeTerm, [{ ...writing, text: `${writing.text}[` }]).map((w) => ({ ...w, text: `${w.text}]` }));

  const texts = writeValue({ text: '', numbers: new Map() }, root).map(({ text }) => text);
  return texts.sort()[0] ?? '';
}
