// The chart of a fit's report: every point stands at the value that its axes show there.

import { describe, expect, test } from 'vitest';
import { roundTicks, scoreChart } from '../../../src/library/fit/score-chart.js';

const training = (scores: readonly (number | undefined)[]) => ({
  genotype: '[[1,[0,1,2,9]],[[0,1]]]',
  history: scores.map((value, i) => ({
    epoch: i + 1,
    loss: 1,
    seconds: 1,
    ...(value !== undefined && { metrics: { meanIoU: value } }),
  })),
});

interface Label {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

/** A place on an axis as its value, by two of its labels. */
const reading =
  (labels: readonly Label[], of: 'x' | 'y') =>
  (place: number): number => {
    const [a, b] = [labels[0], labels.at(-1)];
    if (!a || !b) throw new Error('the axis has no labels');
    return a.value + ((place - a[of]) * (b.value - a.value)) / (b[of] - a[of]);
  };

describe('scoreChart', () => {
  test('draws what was measured where its labels say', () => {
    const scores = [
      [undefined, 0.31, 0.412, undefined, 0.45],
      [0.2, undefined, 0.333],
    ];
    const svg = scoreChart(scores.map(training), 'meanIoU');
    const labels = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"[^>]*>([^<]*)/g)].map(([, x, y, anchor, text]) => ({
      x: Number(x),
      y: Number(y),
      anchor,
      value: Number(text),
    }));
    // Values stand half a line above their labels' foot.
    const values = labels.filter(({ anchor, value }) => anchor === 'end' && !Number.isNaN(value)).map((at) => ({ ...at, y: at.y - 4 }));
    const epochs = labels.filter(({ anchor }) => anchor === 'middle');
    const [epochAt, valueAt] = [reading(epochs, 'x'), reading(values, 'y')];
    for (const { y, value } of values) expect(valueAt(y)).toBeCloseTo(value, 2);
    const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [epochAt(Number(x)), valueAt(Number(y))]);
    const wanted = scores.flatMap((line) => line.flatMap((value, i) => (value === undefined ? [] : [[i + 1, value]])));
    expect(points).toHaveLength(wanted.length);
    for (const [k, [epoch = 0, value = 0]] of wanted.entries()) {
      expect(points[k]?.[0]).toBeCloseTo(epoch, 1);
      expect(points[k]?.[1]).toBeCloseTo(value, 2);
    }
  });

  test('says so where no epoch was validated', () => {
    expect(scoreChart([training([undefined])], 'meanIoU')).toBe('<p>No epoch was validated.</p>');
  });
});

test.each([
  [0.45, false, [0, 0.1, 0.2, 0.3, 0.4, 0.5]],
  [1, false, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [3, true, [0, 1, 2, 3]],
  [40, true, [0, 10, 20, 30, 40]],
] as const)('ticks up to %f are round', (most, isCounted, wanted) => {
  expect(roundTicks(most, isCounted)).toEqual(wanted);
});
