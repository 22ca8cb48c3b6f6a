// What people are told of a fit's figures: which images are shown, and what an interval is of.

import { expect, test } from 'vitest';
import { rankedImages } from '../../../src/library/fit/ranked-images.js';
import { toldFigures } from '../../../src/library/fit/told-figures.js';

test.each([
  [[], []],
  [[0.4], ['only 0.4']],
  [
    [0.1, 0.6],
    ['best 0.6', 'worst 0.1'],
  ],
  [
    [0.3, 0.1, 0.6],
    ['best 0.6', 'median 0.3', 'worst 0.1'],
  ],
  [
    [0.3, 0.1, 0.6, 0.2, 0.5],
    ['best 0.6', 'median 0.3', 'worst 0.1'],
  ],
  // One in which nothing counts.
  [
    [Number.NaN, 0.1, 0.6],
    ['best 0.6', 'worst 0.1'],
  ],
])('of images with %j none is shown twice, and the worst always', (scores, shown) => {
  expect(rankedImages(scores.map((score) => ({ score }))).map(({ rank, score }) => `${rank} ${score}`)).toEqual(shown);
});

const interval = { name: 'mean IoU', value: 0.435, low: 0.333, high: 0.494 };

test('an interval stands behind its own figure', () => {
  const figures = { metrics: { pixelAccuracy: 0.884, meanIoU: 0.435 }, intervals: [interval], images: 40 };
  expect(toldFigures(figures, 'validation images')).toBe(
    'mean IoU 0.435 (95 %: 0.333 to 0.494), pixel accuracy 0.884 on 40 validation images',
  );
  const depth = { metrics: { rmse: 1.5, delta1: 0.435 }, intervals: [{ ...interval, name: 'δ < 1.25, all distances' }], images: 40 };
  expect(toldFigures(depth, 'images')).toBe('δ < 1.25 0.435 (95 %: 0.333 to 0.494), RMSE (m) 1.500 on 40 images');
});

test('an interval of another figure brings its name', () => {
  const figures = { metrics: { oksAP: 0.2 }, intervals: [{ ...interval, name: 'all joints' }], images: 40 };
  expect(toldFigures(figures, 'images')).toBe('OKS AP 0.200, all joints 0.435 (95 %: 0.333 to 0.494) on 40 images');
});

test('of few images it is said that the interval means little', () => {
  const figures = { metrics: { meanIoU: 0.435 }, intervals: [interval], images: 2 };
  expect(toldFigures(figures, 'images')).toContain('to 0.494, too few images for it to mean much)');
});
