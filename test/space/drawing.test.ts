import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/core/random/index.js';
import {
  type Architecture,
  cellOp,
  describeGenotype,
  drawArchitecture,
  drawGenotype,
  formatArchitecture,
  handDesignedNames,
  isHandDesigned,
  layoutCell,
  layoutDecoder,
  parseGenotype,
  publishedGenotypes,
} from '../../src/core/space/index.js';
import { handDesignedDiagram } from '../../src/core/space/hand-designed-diagram.js';
import { randomGenotype } from './random-genotype.js';

/** Boxes and arrows of each panel of a picture, in the pixels of the whole. */
function panelsOf(svg: string) {
  const panels = svg.split(/<text x="24" y="[\d.]+" font-size="16"/).slice(1);
  return panels.map((body) => {
    const [, left, top] = /<g transform="translate\((\S+) (\S+)\)">/.exec(body) ?? [];
    const [dx, dy] = [Number(left), Number(top)];
    const boxes = [...body.matchAll(/<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)" rx/g)].map(([, x, y, w, h]) => ({
      left: dx + Number(x),
      top: dy + Number(y),
      right: dx + Number(x) + Number(w),
      bottom: dy + Number(y) + Number(h),
    }));
    const texts = [...body.matchAll(/<text x="(\S+)" y="(\S+)" text-anchor="middle">([^<]*)</g)].map(([, x, y, text = '']) => ({
      x: dx + Number(x),
      y: dy + Number(y),
      text,
    }));
    const arrows = [...body.matchAll(/<path d="M(\S+) (\S+) [^"]*L(\S+) (\S+)" fill="none"/g)].map(([, ...ends]) => {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = ends.map(Number);
      return { from: { x: dx + x1, y: dy + y1 }, to: { x: dx + x2, y: dy + y2 } };
    });
    return { boxes, texts, arrows };
  });
}

describe('every picture', () => {
  const random = seededRandom(4);
  const sizes = [
    [1, 1],
    [3, 3],
    [5, 2],
    [2, 6],
  ] as const;
  const architectures: Architecture[] = [
    ...sizes.map(([blocks, rounds]) => randomGenotype(random, blocks, rounds)),
    ...handDesignedNames.map((kind) => ({ kind })),
  ];

  test.each(architectures.map((architecture) => [formatArchitecture(architecture), architecture] as const))('%s', (_, architecture) => {
    const svg = drawArchitecture(architecture);
    const [, width = 0, height = 0] = (/width="(\S+)" height="(\S+)" viewBox/.exec(svg) ?? []).map(Number);
    const panels = panelsOf(svg);
    expect(panels.length).toBe(isHandDesigned(architecture) ? 1 : 2);
    const all = panels.flatMap(({ boxes }) => boxes);
    // No box on another, of no panel, and none beyond the picture's edge.
    for (const [i, a] of all.entries()) {
      expect(Math.min(a.left, a.top, width - a.right, height - a.bottom)).toBeGreaterThanOrEqual(10);
      for (const b of all.slice(i + 1))
        expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top, `${i}: ${JSON.stringify([a, b])}`).toBe(
          true,
        );
    }
    for (const { boxes, texts, arrows } of panels) {
      const outside = (box: (typeof boxes)[number], { x, y }: { x: number; y: number }): number =>
        Math.max(box.left - x, x - box.right, box.top - y, y - box.bottom);
      // Arrows go from the edge of one box to the edge of another one on its right.
      for (const { from, to } of arrows) {
        const starts = boxes.filter((box) => Math.abs(outside(box, from)) < 0.7);
        const ends = boxes.filter((box) => Math.abs(outside(box, to)) < 0.7);
        expect([starts.length, ends.length], JSON.stringify({ from, to })).toEqual([1, 1]);
        expect(starts[0]?.right).toBeLessThan(ends[0]?.left ?? 0);
      }
      // Every line of text is inside one box, in its middle, with room for its letters; lines are a line apart.
      for (const { x, y, text } of texts) {
        const [box, ...more] = boxes.filter((candidate) => outside(candidate, { x, y }) <= 0);
        if (!box) throw new Error(`${text} is in no box`);
        expect(more).toEqual([]);
        expect(Math.abs((box.left + box.right) / 2 - x)).toBeLessThan(0.2);
        expect(box.right - box.left).toBeGreaterThan(6 * text.length);
        const lines = texts.filter((other) => outside(box, other) <= 0);
        const middle = lines.reduce((sum, line) => sum + line.y, 0) / lines.length;
        // The baseline lies below the middle of the letters.
        expect(Math.abs(middle - 4.5 - (box.top + box.bottom) / 2)).toBeLessThan(0.2);
        expect(lines.map((line) => Math.round(line.y - (lines[0]?.y ?? 0)))).toEqual(lines.map((_line, k) => 18 * k));
      }
      expect(texts.length).toBeGreaterThanOrEqual(boxes.length);
    }
    const arrows = panels.flatMap((panel) => panel.arrows).length;
    if (isHandDesigned(architecture)) expect(arrows).toBe(handDesignedDiagram(architecture).edges.length);
    else expect(arrows).toBe(layoutDecoder(architecture).edges.length + layoutCell(architecture).edges.length);
    // One below the other, each under its title.
    const titles = [...svg.matchAll(/<text x="24" y="(\S+)" font-size="16"/g)].map(([, y]) => Number(y));
    for (const [k, { boxes }] of panels.entries()) {
      expect(Math.min(...boxes.map(({ top }) => top))).toBeGreaterThan(titles[k] ?? Number.NaN);
      expect(Math.max(...boxes.map(({ bottom }) => bottom))).toBeLessThan((titles[k + 1] ?? height) - 10);
    }
  });
});

describe('drawing', () => {
  test('names every op, tap and block', () => {
    for (let seed = 0; seed < 10; seed++) {
      const genotype = randomGenotype(seededRandom(seed));
      const svg = drawGenotype(genotype);
      for (const op of [genotype.cell.first, ...genotype.cell.rounds.flatMap(({ ops }) => ops)])
        expect(svg).toContain(`>${cellOp(op).name}<`);
      for (const name of ['tap 0: 1/4', 'tap 3: 1/32', 'block 1', 'block 3', 'head', 'output']) expect(svg).toContain(`>${name}<`);
      expect(svg).not.toMatch(/NaN|undefined/);
    }
  });

  test('in words', () => {
    expect(describeGenotype(parseGenotype(publishedGenotypes.arch1))).toEqual([
      'Decoder',
      '  block 1 = cell(tap 2 (1/16, 96 channels)) + cell(tap 3 (1/32, 320 channels))',
      '  block 2 = cell(tap 3 (1/32, 320 channels)) + cell(tap 1 (1/8, 32 channels))',
      '  block 3 = cell(block 1) + cell(block 1)',
      '  head    = block 2, block 3',
      'Cell',
      '  p1  = sep_conv_3x3(input)',
      '  p2  = sep_conv_5x5(p1)',
      '  p3  = conv3x3_dil12(input)',
      '  p4  = p2 + p3',
      '  p5  = sep_conv_3x3(input)',
      '  p6  = sep_conv_5x5_dil6(p1)',
      '  p7  = p5 + p6',
      '  p8  = conv3x3_dil12(p2)',
      '  p9  = conv3x3(input)',
      '  p10 = p8 + p9',
      '  output = p4 + p7 + p10',
    ]);
  });
});
