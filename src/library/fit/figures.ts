// A task's figures from counts that add up over images: of all, and of each class, joint or range of distances.

import { type Breakdown, channelNames, type TaskDescription } from '../../core/task/index.js';

export interface CountedFigures {
  /** Of the figures: the mean first. */
  readonly names: readonly string[];
  /** Counts of one image. */
  readonly countsOf: (breakdown: Breakdown) => readonly number[];
  /** NaN where nothing of it was there. */
  readonly figures: (counts: readonly number[]) => readonly number[];
}

/** @param ofImages any image's breakdown, for the ranges of distances */
export function countedFigures(description: TaskDescription, ofImages: Breakdown): CountedFigures {
  switch (ofImages.kind) {
    case 'confusion': {
      const classes = channelNames(description);
      return {
        names: ['mean IoU', ...classes],
        countsOf: (breakdown) => (breakdown.kind === 'confusion' ? breakdown.counts : []),
        figures: (counts) => withMean(intersectionsOverUnions(counts, classes.length)),
      };
    }
    case 'joints': {
      const joints = channelNames(description);
      return {
        names: ['all joints', ...joints],
        countsOf: (breakdown) => (breakdown.kind === 'joints' ? [...breakdown.found, ...breakdown.counted] : []),
        figures: (counts) => shares(counts, joints.length),
      };
    }
    case 'distances': {
      const { edges } = ofImages;
      const ranges = edges.slice(1).map((far, k) => `${metres(edges[k])} to ${metres(far)} m`);
      return {
        names: ['δ < 1.25, all distances', ...ranges],
        countsOf: (breakdown) => (breakdown.kind === 'distances' ? [...breakdown.close, ...breakdown.pixels] : []),
        figures: (counts) => shares(counts, ranges.length),
      };
    }
  }
}

/** @param counts [truth · classes + prediction] */
function intersectionsOverUnions(counts: readonly number[], classes: number): number[] {
  const rows = Array.from({ length: classes }, () => 0);
  const columns = Array.from({ length: classes }, () => 0);
  counts.forEach((count, i) => {
    const [truth, prediction] = [Math.floor(i / classes), i % classes];
    rows[truth] = (rows[truth] ?? 0) + count;
    columns[prediction] = (columns[prediction] ?? 0) + count;
  });
  return rows.map((row, k) => {
    const both = counts[k * classes + k] ?? 0;
    // A class that is nowhere in the truth says nothing.
    return row === 0 ? Number.NaN : both / (row + (columns[k] ?? 0) - both);
  });
}

/** The mean of those that there are, and each. */
function withMean(values: readonly number[]): number[] {
  const known = values.filter((value) => !Number.isNaN(value));
  return [known.reduce((sum, value) => sum + value, 0) / known.length, ...values];
}

/** @param counts how many are right of each kind, then how many there are */
function shares(counts: readonly number[], kinds: number): number[] {
  const [right, all] = [counts.slice(0, kinds), counts.slice(kinds)];
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return [sum(right) / sum(all), ...right.map((count, k) => count / (all[k] ?? 0))];
}

function metres(distance: number | undefined): string {
  return Number((distance ?? 0).toPrecision(2)).toString();
}
