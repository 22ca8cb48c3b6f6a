// What the page marks where two architectures stand side by side.

import { describe, expect, test } from 'vitest';
import { parseGenotype } from '../../src/core/space/index.js';
import { differingParts } from '../../web/src/differing-parts.js';

const base = '[[8,[0,0,5,2],[0,2,8,8],[0,5,1,4]],[[3,3],[3,2],[3,0]]]';
const differing = (other: string) => {
  const { decoder, cell } = differingParts(parseGenotype(base), parseGenotype(other));
  return { decoder: [...decoder], cell: [...cell] };
};

describe('parts that differ', () => {
  test('none between equal ones', () => {
    expect(differing(base)).toEqual({ decoder: [], cell: [] });
  });
  test('another op: its box alone', () => {
    expect(differing('[[8,[0,0,5,2],[0,2,8,8],[0,5,1,3]],[[3,3],[3,2],[3,0]]]')).toEqual({ decoder: [], cell: ['p9'] });
  });
  test('another input of a block: that block, and nothing of the cell', () => {
    expect(differing('[[8,[0,0,5,2],[0,2,8,8],[0,5,1,4]],[[3,3],[3,1],[3,0]]]')).toEqual({ decoder: ['block1'], cell: [] });
  });
});
