// What charts and notes say of a search with a handful of architectures or images.

import { expect, test } from 'vitest';
import { imagesText } from '../../web/src/measured-on.js';
import { partLabel } from '../../web/src/part-label.js';

test('up to ten architectures stand singly, more as tenths of the search', () => {
  expect([7, 10, 11].map(partLabel)).toEqual(['architecture', 'architecture', 'tenth of the search']);
});

test('one image is one image', () => {
  const output = { task: 'segmentation' as const, classes: ['a', 'b'] };
  const text = (scoredImages: number | null): string => imagesText({ output, excluded: [], inputSize: [80, 96], scoredImages });
  expect(text(1)).toBe('1 image held out of the training list, seen at 96×80');
  expect(text(2)).toMatch(/^2 images held out/);
  expect(text(null)).toMatch(/^images held out/);
});
