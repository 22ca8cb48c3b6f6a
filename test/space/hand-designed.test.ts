// Hand-designed decoders as architectures: named, written, told and drawn.

import { describe, expect, test } from 'vitest';
import {
  architectureKey,
  architectureToJson,
  canonicalKey,
  decoderSizeOf,
  describeArchitecture,
  drawArchitecture,
  formatArchitecture,
  handDesignedNames,
  isHandDesigned,
  parseArchitecture,
  parseGenotype,
  publishedGenotypes,
} from '../../src/core/space/index.js';
import { handDesignedDiagram } from '../../src/core/space/hand-designed-diagram.js';

test.each(handDesignedNames)('%s is read as it is written, and its key is no genotype’s', (name) => {
  const read = parseArchitecture(name);
  expect(read).toEqual({ kind: name });
  expect(formatArchitecture(read)).toBe(name);
  expect(architectureKey(read)).toBe(name);
});

test('genotypes are what they were, by name and as JSON', () => {
  const arch1 = parseGenotype(publishedGenotypes.arch1);
  for (const text of ['arch1', publishedGenotypes.arch1]) expect(parseArchitecture(text)).toEqual(arch1);
  expect(isHandDesigned(arch1)).toBe(false);
  expect(parseArchitecture(formatArchitecture(arch1))).toEqual(arch1);
  expect(architectureKey(arch1)).toBe(canonicalKey(arch1));
  expect(() => parseArchitecture('toString')).toThrow('genotype is not JSON');
});

describe.each(handDesignedNames)('%s', (kind) => {
  test('in words: its paper, and what the output is made of', () => {
    const [title, ...steps] = describeArchitecture({ kind });
    expect(title).toContain('arXiv');
    expect(steps.at(-1)).toMatch(/^ {2}output = .*at 1\/(4|8)$/);
    for (const tap of [0, 3].filter((i) => !(kind === 'lr-aspp' && i === 0)))
      expect(steps.join()).toMatch(new RegExp(`tap ${tap}|tap\\)|tap 0 …`));
  });

  test('drawn: every box has arrows, and all lead to the head', () => {
    const { boxes, edges, end } = handDesignedDiagram({ kind });
    const ids = new Set(boxes.map(({ id }) => id));
    expect(ids.size).toBe(boxes.length);
    for (const id of edges.flat()) expect(ids.has(id), id).toBe(true);
    // Backwards from the head.
    const reached = new Set([end]);
    for (let size = 0; size < reached.size; ) {
      size = reached.size;
      for (const [from, to] of edges) if (reached.has(to)) reached.add(from);
    }
    expect([...ids].filter((id) => !reached.has(id))).toEqual([]);
    // Only taps have nothing before them.
    const fed = new Set(edges.map(([, to]) => to));
    expect(boxes.filter(({ id }) => !fed.has(id)).every(({ kind: box }) => box === 'tap')).toBe(true);
    const svg = drawArchitecture({ kind });
    for (const { lines } of boxes) for (const line of lines) expect(svg).toContain(`>${line}<`);
    expect(svg).not.toMatch(/NaN|undefined|opacity/);
  });
});

test('each with its paper, its steps, its boxes and its arrows, as they are kept', async () => {
  const told = handDesignedNames.flatMap((kind) => {
    const { boxes, edges } = handDesignedDiagram({ kind });
    return [
      ...describeArchitecture({ kind }),
      ...boxes.map(({ id, kind: box, lines }) => `    ${id} (${box}): ${lines.join(' | ')}`),
      ...edges.map(([from, to]) => `    ${from} → ${to}`),
      '',
    ];
  });
  await expect(told.join('\n')).toMatchFileSnapshot('looks/hand-designed.txt');
});

describe('how wide it is built', () => {
  const genotype = parseGenotype(publishedGenotypes.arch0);
  test("a genotype: what is asked for, else as in the paper's final training, else as is said", () => {
    expect(decoderSizeOf(genotype, {})).toEqual({ width: 64, sepRepeats: 2 });
    expect(decoderSizeOf(genotype, { width: 30 })).toEqual({ width: 30, sepRepeats: 2 });
    expect(decoderSizeOf(genotype, { sepRepeats: 3 })).toEqual({ width: 64, sepRepeats: 3 });
    expect(decoderSizeOf(genotype, { sepRepeats: 3 }, { width: 16, sepRepeats: 1 })).toEqual({ width: 16, sepRepeats: 3 });
  });

  test('one that people designed: a width of its own, of which its inner widths are fractions', () => {
    expect(decoderSizeOf({ kind: 'fpn' }, {}, { width: 16, sepRepeats: 2 })).toEqual({ width: 128, sepRepeats: 1 });
    expect(decoderSizeOf({ kind: 'fpn' }, { width: 30, sepRepeats: 1 })).toEqual({ width: 30, sepRepeats: 1 });
    expect(() => decoderSizeOf({ kind: 'fpn' }, { sepRepeats: 2 })).toThrow(
      'fpn has no cells whose convolutions could be repeated 2 times; leave that out',
    );
    for (const [kind, step] of [
      ['lr-aspp', 1],
      ['deeplabv3plus', 16],
      ['fpn', 2],
      ['unet', 4],
      ['lw-refinenet', 1],
    ] as const) {
      expect(decoderSizeOf({ kind }, { width: 3 * step }).width).toBe(3 * step);
      if (step === 1) continue;
      expect(() => decoderSizeOf({ kind }, { width: 3 * step + 1 })).toThrow(
        `${kind} takes a width that is a multiple of ${step}, not ${3 * step + 1}`,
      );
    }
  });

  test('as JSON: a name, or the nested lists', () => {
    expect(architectureToJson({ kind: 'unet' })).toBe('unet');
    expect(architectureToJson(genotype)).toEqual(JSON.parse(publishedGenotypes.arch0));
  });
});
