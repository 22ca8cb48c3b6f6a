// What depth maps say of their unit and range, from distances that are given.

import { expect, test } from 'vitest';
import { isFarthest } from '../../src/core/data/index.js';
import { DepthTally } from '../../src/core/inspect/depth-tally.js';
import { binOf, depthBin, depthBins, type DepthFacts } from '../../src/core/inspect/facts.js';

const range = { minDepth: 0.1, maxDepth: 10 };

/** What is the same of all maps here: whole numbers, of which some are the largest. */
function ofWhole(scale: number, metres: readonly number[]): Pick<DepthFacts, 'kind' | 'isWhole' | 'farthest' | 'negative'> {
  return { kind: 'depth', isWhole: true, farthest: metres.filter((m) => isFarthest(m, true, scale)).length, negative: 0 };
}

/** One map, a pixel for every distance; 0 is not measured. */
function tally(scale: number, train: readonly number[], val: readonly number[] = train): DepthTally {
  const made = new DepthTally({ scale }, range);
  for (const [split, metres] of [
    ['train', train],
    ['val', val],
  ] as const) {
    const bins = new Array<number>(depthBins).fill(0);
    const measured = metres.filter((m) => m > 0);
    for (const m of measured) bins[binOf(m)] = (bins[binOf(m)] ?? 0) + 1;
    const size = { width: metres.length, height: 1 };
    made.add(
      split,
      `${split}.png`,
      { ...ofWhole(scale, metres), ...size, pixels: metres.length, measured: measured.length, bins },
      undefined,
      'p.jpg',
    );
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
  expect(finding?.remedy).toMatch(/65535 of 16 bits or what renderers write, seems to stand for "not measured"/);
});

test('what is too near is told apart from what is too far', () => {
  const [finding] = tally(1000, [0.01, 0.02, 1, 2]).findings();
  expect(finding?.cause).toMatch(/^50 % of the measured training pixels are nearer than minDepth 0\.1 m \(the median/);
});

test('nothing measured', () => {
  expect(tally(1000, [0, 0, 0], [1, 2, 3]).findings()).toMatchObject([{ grade: 'error', code: 'nothing-measured', files: ['train.png'] }]);
});

/** One map to train on, of a folder of which nobody says how far it goes. */
function withoutRange(scale: number, metres: readonly number[], facts: Partial<DepthFacts> = {}, isAssumed = false): DepthTally {
  const made = new DepthTally({ scale, isAssumed }, undefined);
  const bins = new Array<number>(depthBins).fill(0);
  for (const m of metres) bins[binOf(m)] = (bins[binOf(m)] ?? 0) + 1;
  const pixels = metres.length;
  const all = { ...ofWhole(scale, metres), width: pixels, height: 1, pixels, measured: pixels, bins, ...facts };
  made.add('train', 'train.npy', all, undefined, 'p.jpg');
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
  // Some write a number just below it.
  expect(withoutRange(1000, [1, 2, 3, 65.534]).findings()).toMatchObject([{ code: 'largest-depth', count: 1 }]);
  expect(withoutRange(256, [1, 2, 3, 65_535 / 256]).findings()).toMatchObject([{ code: 'largest-depth', count: 1 }]);
  // A landscape that goes on.
  const landscape = Array.from({ length: 900 }, (_, k) => 10 + k / 10);
  expect(withoutRange(1000, landscape).findings()).toEqual([]);
  expect(withoutRange(1000, [1, 2, 3, 50]).findings()).toEqual([]);
});

test('holes are no distances: the quantiles leave them out, within a range as without one', () => {
  const { train } = withoutRange(1000, [1, 2, 3, 4, 65.535, 65.535]).card();
  expect(train.holes).toBe(2);
  expect(train.quantiles?.[2]).toBeLessThan(4.5);
  const wide = new DepthTally({ scale: 1000 }, { minDepth: 0.1, maxDepth: 80 });
  const bins = new Array<number>(depthBins).fill(0);
  for (const m of [1, 2, 65.535]) bins[binOf(m)] = 1;
  wide.add('train', 'a.png', { ...ofWhole(1000, [1, 2, 65.535]), width: 3, height: 1, pixels: 3, measured: 3, bins }, undefined, 'p.jpg');
  expect(wide.findings()).toMatchObject([{ grade: 'warning', code: 'largest-depth', count: 1 }]);
});

test("a renderer's sky is a hole", () => {
  const sky = withoutRange(1000, [1, 2, 3, 65_504], { isWhole: false, farthest: 1 });
  expect(sky.findings()).toMatchObject([{ code: 'largest-depth', cause: expect.stringMatching(/^25 % .* 10 km away or farther/) }]);
  expect(sky.card().train.quantiles?.[2]).toBeLessThan(4);
});

test("a unit that nobody said is told: as a warning where the distances are no sensor's of millimetres", () => {
  const far = withoutRange(1000, [6, 18, 23], {}, true).findings();
  expect(far).toMatchObject([{ grade: 'warning', code: 'unit-assumed', remedy: expect.stringMatching(/a depth scale of 1000 .* 5000/) }]);
  expect(far[0]?.cause).toMatch(
    /1000 to the metre are taken, millimetres: they are then \S+ to 23 m, half of them nearer than 18 m, farther/,
  );
  expect(withoutRange(1000, [1, 2, 3], {}, true).findings()).toMatchObject([{ grade: 'note', code: 'unit-assumed' }]);
  expect(withoutRange(1000, [6, 18, 23], { isWhole: false }, true).findings()).toEqual([]);
});

test('depths below 0 and depths as shares are told', () => {
  expect(withoutRange(1000, [1, 2, 3], { negative: 5, pixels: 10 }).findings()).toMatchObject([
    { grade: 'warning', code: 'negative-depth', count: 5, cause: expect.stringMatching(/^50 % of the training pixels are below 0/) },
  ]);
  expect(withoutRange(1000, [0.1, 0.5, 0.9], { isWhole: false }).findings()).toMatchObject([{ code: 'depths-as-shares' }]);
  expect(withoutRange(1000, [0.1, 0.5, 0.9]).findings()).toEqual([]);
});

test('one distance all over is nothing to learn', () => {
  expect(withoutRange(1000, [1.5, 1.5, 1.5]).findings()).toMatchObject([{ grade: 'error', code: 'one-depth-only', count: 3 }]);
  expect(
    withoutRange(1000, [1.5, 1.5, 1.5, 65.535])
      .findings()
      .map(({ code }) => code),
  ).toEqual(['one-depth-only', 'largest-depth']);
  expect(withoutRange(1000, [1.5, 1.5, 1.9]).findings()).toEqual([]);
});
