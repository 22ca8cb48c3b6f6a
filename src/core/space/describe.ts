// A genotype in words.

import { encoderTaps } from './encoder-spec.js';
import { type Genotype, looseEnds, outputBlocks, positionsBefore, tapCount } from './genotype.js';
import { cellOp } from './ops.js';

/** Lines of text: the blocks with their inputs, the cell with its ops. */
export function describeGenotype(genotype: Genotype): string[] {
  const { cell, connections } = genotype;
  const map = (i: number): string => {
    const tap = encoderTaps[i];
    return tap ? `tap ${i} (1/${tap.divisor}, ${tap.channels} channels)` : `block ${i - tapCount + 1}`;
  };
  const position = (p: number): string => (p === 0 ? 'input' : `p${p}`);
  const ends = looseEnds(cell).map(position);
  return [
    'Decoder',
    ...connections.map(([i, j], b) => `  block ${b + 1} = cell(${map(i)}) + cell(${map(j)})`),
    `  head    = ${outputBlocks(genotype)
      .map((b) => `block ${b + 1}`)
      .join(', ')}`,
    'Cell',
    `  p1  = ${cellOp(cell.first).name}(input)`,
    ...cell.rounds.flatMap(({ positions, ops }, r) => {
      const base = positionsBefore(r);
      const term = (k: 0 | 1): string => `${`  p${base + k}`.padEnd(6)}= ${cellOp(ops[k]).name}(${position(positions[k])})`;
      return [term(0), term(1), `${`  p${base + 2}`.padEnd(6)}= p${base} + p${base + 1}`];
    }),
    `  output = ${ends.join(' + ')}`,
  ];
}
