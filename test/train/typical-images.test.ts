// Which images are shown of a network.

import { expect, test } from 'vitest';
import { typicalImages } from '../../src/core/train/index.js';

test('the best, the middle and the worst, each with its number and score', () => {
  expect(typicalImages([0.3, 0.9, 0.1, 0.5, 0.7])).toEqual([
    { image: 1, score: 0.9 },
    { image: 3, score: 0.5 },
    { image: 2, score: 0.1 },
  ]);
});

test('of an even number the better of the two in the middle; of equal ones the first of the list is the better', () => {
  expect(typicalImages([0.2, 0.8, 0.8, 0.2]).map(({ image }) => image)).toEqual([1, 2, 3]);
});

test('an image in which nothing is counted is none of them; of three and fewer there are all', () => {
  expect(typicalImages([undefined, 0, 0.4, undefined])).toEqual([
    { image: 2, score: 0.4 },
    { image: 1, score: 0 },
  ]);
  expect(typicalImages([0.1, 0.2, 0.3]).map(({ image }) => image)).toEqual([2, 1, 0]);
  expect(typicalImages([undefined])).toEqual([]);
});
