// What is drawn of a genotype, box by box and arrow by arrow; and the whole picture as it is kept.

import { describe, expect, test } from 'vitest';
import {
  boxColours,
  cellOp,
  drawGenotype,
  edgePath,
  encoderStages,
  encoderTaps,
  layoutCell,
  layoutDecoder,
  parseGenotype,
  type PlacedDiagram,
} from '../../src/core/space/index.js';

/** Of round 1 only `none` is used: it is pale. Block 1 is used by block 2, tap 1 by nobody. */
const genotype = parseGenotype('[[0, [0,1,4,9], [4,0,10,3], [1,5,8,6]], [[0,3],[4,2]]]');

/** The boxes that an arrow goes between: those nearest to its ends. */
function arrows({ boxes, edges }: PlacedDiagram): string[] {
  const boxAt = ({ x, y }: { readonly x: number; readonly y: number }): string => {
    const outside = (b: (typeof boxes)[number]): number => Math.max(Math.abs(x - b.x) - b.width / 2, Math.abs(y - b.y) - b.height / 2);
    return boxes.reduce((best, b) => (outside(b) < outside(best) ? b : best)).id;
  };
  return edges.map(({ points }) => {
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) throw new Error('an arrow without ends');
    return `${boxAt(first)} → ${boxAt(last)}`;
  });
}

describe('the diagram of a decoder', () => {
  const diagram = layoutDecoder(genotype);

  test('taps, blocks, head', () => {
    expect(diagram.boxes.map(({ id, lines, kind, alive }) => [id, lines, kind, alive])).toEqual([
      ['tap0', ['tap 0: 1/4', '24 channels'], 'tap', true],
      ['tap1', ['tap 1: 1/8', '32 channels'], 'tap', false],
      ['tap2', ['tap 2: 1/16', '96 channels'], 'tap', true],
      ['tap3', ['tap 3: 1/32', '320 channels'], 'tap', true],
      ['block0', ['block 1', 'cell + cell'], 'block', true],
      ['block1', ['block 2', 'cell + cell'], 'block', true],
      ['head', ['head', 'concat, 1×1, 3×3'], 'head', true],
    ]);
    expect(arrows(diagram).toSorted()).toEqual(['block0 → block1', 'block1 → head', 'tap0 → block0', 'tap2 → block1', 'tap3 → block0']);
    expect(diagram.edges.every(({ alive }) => alive)).toBe(true);
  });

  test('runs from left to right, no box on another, all within the frame', () => {
    for (const [i, a] of diagram.boxes.entries()) {
      expect(Math.min(a.x - a.width / 2, a.y - a.height / 2)).toBeGreaterThanOrEqual(-0.5);
      expect(a.x + a.width / 2).toBeLessThanOrEqual(diagram.width + 0.5);
      expect(a.y + a.height / 2).toBeLessThanOrEqual(diagram.height + 0.5);
      for (const b of diagram.boxes.slice(i + 1))
        expect(Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2, `${a.id}, ${b.id}`).toBe(
          true,
        );
    }
    for (const { points } of diagram.edges) expect(points[0]?.x).toBeLessThan(points.at(-1)?.x ?? 0);
  });

  test('a block that takes one map twice has two arrows from it', () => {
    expect(arrows(layoutDecoder(parseGenotype('[[0], [[2,2]]]'))).toSorted()).toEqual(['block0 → head', 'tap2 → block0', 'tap2 → block0']);
  });
});

describe('the diagram of a cell', () => {
  const diagram = layoutCell(genotype);

  test('ops by their positions, sums, the output; what cannot reach it is pale', () => {
    expect(diagram.boxes.map(({ id, lines, kind, alive }) => [id, lines.join(), kind, alive])).toEqual([
      ['p0', 'input', 'input', true],
      ['p1', 'conv1x1', 'conv', true],
      ['p2', 'global_average_pool', 'pool', false],
      ['p3', 'skip_connect', 'skip', false],
      ['p4', '+', 'sum', false],
      ['p5', 'none', 'none', true],
      ['p6', 'sep_conv_5x5', 'separable', true],
      ['p7', '+', 'sum', true],
      ['p8', 'sep_conv_5x5_dil6', 'separable', true],
      ['p9', 'conv3x3_dil12', 'conv', true],
      ['p10', '+', 'sum', true],
      ['out', 'output', 'head', true],
    ]);
    expect(arrows(diagram).toSorted()).toEqual(
      [
        ['p0', 'p1'],
        ['p0', 'p2'],
        ['p1', 'p3'],
        ['p2', 'p4'],
        ['p3', 'p4'],
        ['p0', 'p6'],
        ['p5', 'p7'],
        ['p6', 'p7'],
        ['p1', 'p8'],
        ['p5', 'p9'],
        ['p8', 'p10'],
        ['p9', 'p10'],
        ['p7', 'out'],
        ['p10', 'out'],
      ]
        .map(([from, to]) => `${from} → ${to}`)
        .toSorted(),
    );
    const pale = arrows(diagram).filter((_, i) => !diagram.edges[i]?.alive);
    expect(pale.toSorted()).toEqual(['p0 → p2', 'p1 → p3', 'p2 → p4', 'p3 → p4']);
  });
});

test('the picture as it is kept', async () => {
  await expect(drawGenotype(genotype)).toMatchFileSnapshot('looks/genotype.svg');
});

test('the path of an arrow; a colour a kind', () => {
  expect(
    edgePath([
      { x: 1, y: 2 },
      { x: 3.5, y: 4 },
      { x: 5, y: 6 },
    ]),
  ).toBe('M1 2 L3.5 4 L5 6');
  for (const colour of Object.values(boxColours)) expect(colour).toMatch(/^#[0-9a-f]{6}$/);
});

describe('the encoder and the ops, as the papers list them', () => {
  test('MobileNet-v2, Table 2, without its last 1280 channels', () => {
    const rows = encoderStages.map(({ expansion, channels, repeats, stride }) => [expansion, channels, repeats, stride]);
    expect(rows).toEqual([
      [1, 16, 1, 1],
      [6, 24, 2, 2],
      [6, 32, 3, 2],
      [6, 64, 4, 2],
      [6, 96, 3, 1],
      [6, 160, 3, 2],
      [6, 320, 1, 1],
    ]);
    // A tap is as much smaller as the strides before it, the stem's 2 among them.
    for (const { stage, channels, divisor } of encoderTaps) {
      expect(encoderStages[stage]?.channels).toBe(channels);
      expect(encoderStages.slice(0, stage + 1).reduce((n, { stride }) => n * stride, 2)).toBe(divisor);
    }
  });

  test('eleven ops by their names; there is no twelfth', () => {
    expect(Array.from({ length: 11 }, (_, i) => cellOp(i).name)).toEqual([
      'conv1x1',
      'conv3x3',
      'sep_conv_3x3',
      'sep_conv_5x5',
      'global_average_pool',
      'conv3x3_dil3',
      'conv3x3_dil12',
      'sep_conv_3x3_dil3',
      'sep_conv_5x5_dil6',
      'skip_connect',
      'none',
    ]);
    expect(() => cellOp(11)).toThrow('there is no operation 11: 0 … 10');
  });
});
