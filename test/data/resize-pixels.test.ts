// The browser's resizing against sharp's: a network must see the same image in both.

import { describe, expect, test } from 'vitest';
import { resizeImage } from '../../src/core/data/index.js';
import { resizePixels } from '../../src/core/data/resize-pixels.js';
import { seededRandom } from '../../src/core/random/index.js';

const [width, height] = [211, 157];
const random = seededRandom(1);
// Waves and edges, and some noise, as in photographs.
const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
  const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
  return 120 + 70 * Math.sin((x * (c + 1)) / 9) + (y % 40 < 20 ? 30 : -30) + random.integer(20);
});

describe('resizing without sharp', () => {
  test.each([
    [53, 40],
    [96, 72],
    [20, 100],
    [300, 200],
    [211, 157],
    [500, 30],
    [50, 31],
    [23, 17],
  ])('to %i×%i is sharp\'s "linear"', async (w, h) => {
    const ours = resizePixels({ width, height, data }, w, h);
    const theirs = await resizeImage({ width, height, data }, w, h);
    expect([ours.width, ours.height, ours.data.length]).toEqual([w, h, theirs.data.length]);
    const differences = ours.data.map((v, i) => Math.abs(v - (theirs.data[i] ?? 0)));
    const mean = differences.reduce((a, b) => a + b, 0) / differences.length;
    expect(mean).toBeLessThan(0.7);
    expect(differences.reduce((a, b) => Math.max(a, b), 0)).toBeLessThan(8);
  });
});
