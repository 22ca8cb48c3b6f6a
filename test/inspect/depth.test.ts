// What depth maps say of their unit and range, from distances that are given.

import { expect, test } from 'vitest';
import { DepthTally } from '../../src/core/inspect/depth-tally.js';
import { binOf, depthBin, depthBins } from '../../src/core/inspect/facts.js';

const range = { minDepth: 0.1, maxDepth: 10 };

/** One map, a pixel for every distance; 0 is not measured. */
function tally(scale: number, train: readonly number[], val: readonly number[] = train): DepthTally {
  const made = new DepthTally(scale, range);
  for (const [split, metres] of [
    ['train', train],
    ['val', val],
  ] as const) {
    const bins = new Array<number>(depthBins).fill(0);
    const measured = metres.filter((m) => m > 0);
    for (const m of measured) bins[binOf(m)] = (bins[binOf(m)] ?? 0) + 1;
    const size = { width: metres.length, height: 1 };
    made.add(split, `${split}.png`, { kind: 'depth', ...size, pixels: metres.length, measured: measured.length, bins }, undefined, 'p.jpg');
  }
  return made;
}

test('a distance lies in its bin', () => {
  for (const m of [0.001, 0.5, 1, 9.99, 80, 655.35]) {
    expect(depthBin(binOf(m))).toBeLessThanOrEqual(m * (1 + 1e-9));
    expect(depthBin(binOf(m) + 1)).toBeGreaterThan(m);
  }
});

test('nothing is found where all lies within the range', () => {
  const made = tally(1000, [0, 0.5, 1, 2, 9]);
  expect(made.findings()).toEqual([]);
  const { train } = made.card();
  expect(train).toMatchObject({ pixels: 5, measured: 4, beyond: 0 });
  expect(train.quantiles?.[1]).toBeCloseTo(1, 0);
});

test('a wrong unit: the share beyond, and the unit with which it fits', () => {
  // Stored in 1/5000 metre, read as millimetres.
  const [finding] = tally(
    1000,
    [1, 1.5, 1.9, 3.2].map((m) => 5 * m),
  ).findings();
  expect(finding).toMatchObject({ grade: 'warning', code: 'beyond-range', count: 1 });
  expect(finding?.cause).toMatch(/25 % of the measured training pixels lie beyond maxDepth 10 m/);
  expect(finding?.remedy).toMatch(/is the scale right\? With data\.scale 5000 or 10000 instead of 1000/);
  const [hopeless] = tally(
    1,
    [1, 2, 3].map((m) => 1000 * m),
  ).findings();
  expect(hopeless).toMatchObject({ grade: 'error', remedy: expect.stringMatching(/data\.scale 1000/) });
});

test('65535 as "not measured" is told as such, with its share', () => {
  const [finding] = tally(1000, [1, 2, 3, 4, 5, 6, 65.535, 65.535]).findings();
  expect(finding).toMatchObject({ grade: 'warning', code: 'beyond-range' });
  expect(finding?.cause).toMatch(/25 % of the measured training pixels/);
  expect(finding?.remedy).toMatch(/65535, seems to stand for "not measured"/);
});

test('what is too near is told apart from what is too far', () => {
  const [finding] = tally(1000, [0.01, 0.02, 1, 2]).findings();
  expect(finding?.cause).toMatch(/^50 % of the measured training pixels are nearer than minDepth 0\.1 m \(the median/);
});

test('nothing measured', () => {
  expect(tally(1000, [0, 0, 0], [1, 2, 3]).findings()).toMatchObject([{ grade: 'error', code: 'nothing-measured', files: ['train.png'] }]);
});

/** One map to train on, of a folder of which nobody says how far it goes. */
function withoutRange(scale: number, metres: readonly number[]): DepthTally {
  const made = new DepthTally(scale, undefined);
  const bins = new Array<number>(depthBins).fill(0);
  for (const m of metres) bins[binOf(m)] = (bins[binOf(m)] ?? 0) + 1;
  const pixels = metres.length;
  made.add('train', 'train.npy', { kind: 'depth', width: pixels, height: 1, pixels, measured: pixels, bins }, undefined, 'p.jpg');
  return made;
}

test('without a range, distances that no camera sees are doubted', () => {
  const [finding, ...more] = withoutRange(1000, [2900, 3100, 2700]).findings();
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ grade: 'warning', code: 'unlikely-unit', cause: expect.stringMatching(/farther than 2\.[89]e\+3 m/) });
});

test('without a range, the largest that 16 bits hold is doubted where it stands alone', () => {
  const [finding, ...more] = withoutRange(1000, [1, 2, 3, 4, 65.535, 65.535]).findings();
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ grade: 'warning', code: 'largest-depth', count: 2 });
  expect(finding?.cause).toMatch(/^33 % of the measured training pixels are 65\.5 m away, the largest that 16 bits hold/);
  expect(withoutRange(256, [1, 2, 3, 255.99]).findings()).toMatchObject([{ code: 'largest-depth', count: 1 }]);
  // A landscape that goes on.
  const landscape = Array.from({ length: 900 }, (_, k) => 10 + k / 10);
  expect(withoutRange(1000, landscape).findings()).toEqual([]);
  expect(withoutRange(1000, [1, 2, 3, 50]).findings()).toEqual([]);
});
