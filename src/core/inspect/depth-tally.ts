// Depth maps, added up: how much is measured, how far away it is, and whether the unit can be right.

import { type Finding, FindingList } from '../data/index.js';
import { type DepthCard, percent, type SplitName, splitNames } from './data-card.js';
import { binOf, type DepthFacts, depthBin, depthBins, type PictureFacts } from './facts.js';

/** Units that data comes in: millimetres, KITTI's, TUM's, centimetres, metres, tenths of a millimetre. */
const usualScales = [1000, 256, 5000, 100, 1, 10_000];
/** A larger share beyond the range than this is worth a look; with so much, nothing can be learnt. */
const suspicious = 0.05;
const hopeless = 0.9;
/** A median distance between these, in metres, is one that cameras see. */
const nearestUnlikely = 0.02;
const farthestLikely = 200;
/** Less of a split than this is measured: sparse, as from a laser scanner, or wrong. */
const hardlyMeasured = 0.001;

export interface DepthRange {
  readonly minDepth: number;
  readonly maxDepth: number;
}

export class DepthTally {
  readonly #scale: number;
  readonly #range: DepthRange | undefined;
  readonly #pixels = { train: 0, val: 0 };
  readonly #measured = { train: 0, val: 0 };
  readonly #bins = { train: new Float64Array(depthBins), val: new Float64Array(depthBins) };
  readonly #files: Record<SplitName, string[]> = { train: [], val: [] };
  readonly #findings = new FindingList();

  constructor(scale: number, range: DepthRange | undefined) {
    this.#scale = scale;
    this.#range = range;
  }

  add(split: SplitName, file: string, facts: DepthFacts, picture: PictureFacts | undefined, image: string): void {
    const { width, height } = facts;
    if (picture && Math.abs(picture.width * height - picture.height * width) > Math.max(picture.width, picture.height))
      this.#findings.add({
        grade: 'error',
        code: 'depth-of-another-shape',
        cause: 'depth maps are of another shape than their pictures',
        files: [`${file} is ${width}×${height}, ${image} is ${picture.width}×${picture.height}`],
        remedy: 'they may be paired wrongly: correct the list, or the files',
      });
    this.#pixels[split] += facts.pixels;
    this.#measured[split] += facts.measured;
    facts.bins.forEach((n, k) => {
      this.#bins[split][k] = (this.#bins[split][k] ?? 0) + n;
    });
    if (this.#files[split].length < 3) this.#files[split].push(file);
  }

  /** How many of the measured pixels lie within the range, were the unit `scale`. */
  #within(split: SplitName, scale: number, { minDepth, maxDepth }: DepthRange): number {
    const factor = this.#scale / scale;
    return this.#bins[split].reduce((n, pixels, k) => {
      const metres = factor * Math.sqrt(depthBin(k) * depthBin(k + 1));
      return n + (metres > minDepth && metres < maxDepth ? pixels : 0);
    }, 0);
  }

  #quantile(split: SplitName, share: number): number {
    let left = share * this.#measured[split];
    for (let k = 0; k < depthBins; k++) {
      left -= this.#bins[split][k] ?? 0;
      if (left <= 0) return Math.sqrt(depthBin(k) * depthBin(k + 1));
    }
    return depthBin(depthBins);
  }

  #beyond(split: SplitName): number | null {
    if (!this.#range || this.#measured[split] === 0) return null;
    return 1 - this.#within(split, this.#scale, this.#range) / this.#measured[split];
  }

  card(): DepthCard {
    const split = (name: SplitName): DepthCard['train'] => ({
      pixels: this.#pixels[name],
      measured: this.#measured[name],
      quantiles: this.#measured[name] === 0 ? null : [this.#quantile(name, 0.01), this.#quantile(name, 0.5), this.#quantile(name, 0.99)],
      beyond: this.#beyond(name),
    });
    const range: DepthCard['range'] = this.#range ? [this.#range.minDepth, this.#range.maxDepth] : null;
    return { kind: 'depth', scale: this.#scale, range, train: split('train'), val: split('val') };
  }

  findings(): Finding[] {
    for (const split of splitNames) {
      if (this.#pixels[split] === 0) continue;
      this.#findUnmeasured(split);
      this.#findBeyond(split);
    }
    return this.#findings.list();
  }

  #findUnmeasured(split: SplitName): void {
    const [measured, pixels] = [this.#measured[split], this.#pixels[split]];
    if (measured >= hardlyMeasured * pixels) return;
    const where = splitWord(split);
    this.#findings.add({
      grade: measured === 0 ? 'error' : 'warning',
      code: measured === 0 ? 'nothing-measured' : 'hardly-measured',
      cause:
        measured === 0
          ? `no pixel of the ${where} depth maps is measured: all are 0, or no number`
          : `only ${percent(measured, pixels)} of the ${where} pixels are measured`,
      count: pixels,
      files: this.#files[split],
      remedy: 'look at the maps: 0, NaN and infinity stand for what is not measured',
    });
  }

  #findBeyond(split: SplitName): void {
    const [range, beyond] = [this.#range, this.#beyond(split)];
    if (!range) {
      this.#findLargest(split);
      return this.#findUnlikely(split);
    }
    if (beyond === null || beyond < suspicious) return;
    const { minDepth, maxDepth } = range;
    const measured = this.#measured[split];
    const far = this.#within(split, this.#scale, { minDepth: maxDepth, maxDepth: Number.POSITIVE_INFINITY }) / measured;
    const median = this.#quantile(split, 0.5).toPrecision(2);
    const parts = [
      ...(far > 0 ? [`${percent(far, 1)} of the measured ${splitWord(split)} pixels lie beyond maxDepth ${maxDepth} m`] : []),
      ...(beyond > far
        ? [`${percent(beyond - far, 1)} of the measured ${splitWord(split)} pixels are nearer than minDepth ${minDepth} m`]
        : []),
    ];
    this.#findings.add({
      grade: beyond > hopeless ? 'error' : 'warning',
      code: 'beyond-range',
      cause: `${parts.join(' and ')} (the median is ${median} m): they are neither learnt nor counted`,
      count: Math.round(beyond * measured),
      files: this.#files[split],
      remedy: this.#remedyFor(split, range, far * measured),
    });
  }

  /** Nobody says how far depths go, and some are as far as 16 bits go. */
  #findLargest(split: SplitName): void {
    const measured = this.#measured[split];
    const [bins, largest] = [this.#bins[split], largestBin(this.#scale)];
    const pixels = bins[largest] ?? 0;
    // Where a landscape goes on to the horizon, its neighbours have nearly as many.
    const beside = Math.max(bins[largest - 1] ?? 0, bins[largest + 1] ?? 0);
    if (measured === 0 || pixels < hardlyMeasured * measured || pixels < 4 * beside) return;
    this.#findings.add({
      grade: 'warning',
      code: 'largest-depth',
      cause: `${percent(pixels, measured)} of the measured ${splitWord(split)} pixels are ${(65_535 / this.#scale).toPrecision(3)} m away, the largest that 16 bits hold: it often stands for "not measured"`,
      count: pixels,
      files: this.#files[split],
      remedy: 'store 0 there, or give a preset with a data.maxDepth below it: what lies beyond is neither learnt nor counted',
    });
  }

  /** Nobody says what range is meant, but no camera sees the half of its picture as far or as near as this. */
  #findUnlikely(split: SplitName): void {
    if (this.#measured[split] === 0) return;
    const median = this.#quantile(split, 0.5);
    if (median > nearestUnlikely && median < farthestLikely) return;
    this.#findings.add({
      grade: 'warning',
      code: 'unlikely-unit',
      cause: `half of the measured ${splitWord(split)} pixels are ${median > 1 ? 'farther' : 'nearer'} than ${median.toPrecision(2)} m`,
      count: this.#measured[split],
      files: this.#files[split],
      remedy: `is the unit right? Whole numbers are taken as ${this.#scale} to the metre (the depth scale), floats as metres`,
    });
  }

  #remedyFor(split: SplitName, range: DepthRange, far: number): string {
    if (far > 0 && (this.#bins[split][largestBin(this.#scale)] ?? 0) > 0.9 * far)
      return 'the largest stored value, 65535, seems to stand for "not measured" here: then nothing is to be done';
    const better = usualScales.filter((scale) => this.#within(split, scale, range) > (1 - suspicious) * this.#measured[split]);
    return better.length > 0
      ? `is the scale right? With data.scale ${better.join(' or ')} instead of ${this.#scale} they lie within`
      : 'is the scale right? Correct data.scale, or data.minDepth and data.maxDepth, in the preset';
  }
}

/** Where 65535 is counted. */
function largestBin(scale: number): number {
  return binOf(65_535 / scale);
}

function splitWord(split: SplitName): string {
  return split === 'train' ? 'training' : 'validation';
}
