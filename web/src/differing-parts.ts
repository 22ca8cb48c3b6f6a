// In what two architectures differ, box by box of their drawings: an op that is another one, or takes its input from elsewhere.

import type { Genotype } from '../../src/core/space/genotype.js';
import { cellBoxes, decoderBoxes, type DrawnParts } from '../../src/core/space/drawing.js';

export interface DifferingParts {
  readonly decoder: ReadonlySet<string>;
  readonly cell: ReadonlySet<string>;
}

/** Ids of the boxes of the first that the second has not, or not so. */
export function differingParts(one: Genotype, other: Genotype): DifferingParts {
  return { decoder: differing(decoderBoxes(one), decoderBoxes(other)), cell: differing(cellBoxes(one), cellBoxes(other)) };
}

function differing(one: DrawnParts, other: DrawnParts): ReadonlySet<string> {
  const signature = ({ boxes, edges }: DrawnParts): ReadonlyMap<string, string> =>
    new Map(
      boxes.map(({ id, lines }) => {
        const inputs = edges.flatMap(([from, to]) => (to === id ? [from] : [])).toSorted();
        return [id, JSON.stringify([lines, inputs])];
      }),
    );
  const [mine, theirs] = [signature(one), signature(other)];
  return new Set([...mine].flatMap(([id, text]) => (theirs.get(id) === text ? [] : [id])));
}
