// The time that predict tells: without what the first picture costs, and at what size.

import { expect, test } from 'vitest';
import { pictureTimesText } from '../../src/cli/picture-times.js';

const size = { width: 96, height: 80 };
const times = [90, 3, 5, 4].map((milliseconds) => ({ milliseconds, size }));

test('the median leaves the warm-up out, and says the size', () => {
  expect(pictureTimesText(times)).toBe('median 4.0 ms an image of 96×80, without the first');
  expect(pictureTimesText(times.slice(0, 2))).toBe('median 3.0 ms an image of 96×80, without the first');
  expect(pictureTimesText(times.slice(0, 1))).toBe('90.0 ms an image of 96×80, warm-up in it');
  expect(pictureTimesText([...times, { milliseconds: 6, size: { width: 80, height: 96 } }])).toContain('an image of 2 sizes');
});
