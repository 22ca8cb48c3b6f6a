import { describe, expect, test } from 'vitest';
import { parseArchitecture, parseGenotype } from '../../src/core/space/index.js';
import { inheritedValues } from '../../src/core/train/index.js';

// Ops 5 and 6 are a separable 3×3 with dilation 3 and 6 in the paper's list or not: what matters is that they differ.
const parent = parseGenotype('[[1,[0,0,5,2],[0,2,8,8]],[[3,3],[3,2]]]');
const parameter = (name: string, ...shape: number[]) => ({ name, shape });
const weights = new Map([
  ['decoder.adapt1.0.weight', Float32Array.of(1, 2)],
  ['decoder.cells.0.op_1._ops.0.0.weight', Float32Array.of(3, 4)],
  ['decoder.cells.0.op_1._ops.1.0.weight', Float32Array.of(5, 6)],
  ['decoder.cells.0.op_1._ops.4.0.weight', Float32Array.of(7, 8)],
]);
const names = (child: string, parameters = [...weights.keys()].map((name) => parameter(name, 2, 1))): string[] =>
  [...inheritedValues(parameters, parseGenotype(child), { genotype: parent, weights }).keys()].map((name) =>
    name.replace('decoder.', '').replace('.0.weight', ''),
  );

describe('what a child takes of its parent', () => {
  test('everything, where nothing differs', () => {
    const taken = inheritedValues([parameter('decoder.adapt1.0.weight', 2, 1)], parent, { genotype: parent, weights });
    expect([...taken]).toEqual([['decoder.adapt1.0.weight', Float32Array.of(1, 2)]]);
  });

  test.each([
    ['another first op', '[[2,[0,0,5,2],[0,2,8,8]],[[3,3],[3,2]]]', ['adapt1', 'cells.0.op_1._ops.1', 'cells.0.op_1._ops.4']],
    ['another op in the first round', '[[1,[0,0,6,2],[0,2,8,8]],[[3,3],[3,2]]]', ['adapt1', 'cells.0.op_1._ops.0', 'cells.0.op_1._ops.4']],
    ['another op in the second round', '[[1,[0,0,5,2],[0,2,7,8]],[[3,3],[3,2]]]', ['adapt1', 'cells.0.op_1._ops.0', 'cells.0.op_1._ops.1']],
    [
      'another input of an op, which stays where it is',
      '[[1,[0,0,5,2],[1,2,8,8]],[[3,3],[3,2]]]',
      ['adapt1', 'cells.0.op_1._ops.0', 'cells.0.op_1._ops.1', 'cells.0.op_1._ops.4'],
    ],
  ])('%s', (_name, child, expected) => {
    expect(names(child)).toEqual(expected);
  });

  test('nothing of another size, nothing that is not there, nothing for a decoder of another kind', () => {
    expect(
      names('[[1,[0,0,5,2],[0,2,8,8]],[[3,3],[3,2]]]', [parameter('decoder.adapt1.0.weight', 3), parameter('decoder.new', 2)]),
    ).toEqual([]);
    expect(inheritedValues([parameter('decoder.adapt1.0.weight', 2)], parseArchitecture('fpn'), { genotype: parent, weights }).size).toBe(
      0,
    );
  });
});
