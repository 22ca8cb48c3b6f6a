// Depth maps, added up: how much is measured, how far away it is, and whether the unit can be right.

import { areHoles, type DepthLabelling, type Finding, farthestFloat, FindingList, largestStored } from '../data/index.js';
import { type DepthCard, percent, type SplitName, splitNames } from './data-card.js';
import { type DepthFacts, depthBin, depthBins, type PictureFacts } from './facts.js';

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
/** Metres that a camera with millimetres for a unit reaches. */
const sensorReach = 10;

export interface DepthRange {
  readonly minDepth: number;
  readonly maxDepth: number;
}

export class DepthTally {
  readonly #scale: number;
  readonly #isAssumed: boolean;
  readonly #range: DepthRange | undefined;
  readonly #pixels = { train: 0, val: 0 };
  readonly #measured = { train: 0, val: 0 };
  readonly #farthest = { train: 0, val: 0 };
  readonly #negative = { train: 0, val: 0 };
  #wholeMaps = 0;
  readonly #bins = { train: new Float64Array(depthBins), val: new Float64Array(depthBins) };
  readonly #files: Record<SplitName, string[]> = { train: [], val: [] };
  readonly #findings = new FindingList();

  constructor({ scale, isAssumed = false }: Pick<DepthLabelling, 'scale' | 'isAssumed'>, range: DepthRange | undefined) {
    this.#scale = scale;
    this.#isAssumed = isAssumed;
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
    this.#farthest[split] += facts.farthest;
    this.#negative[split] += facts.negative;
    if (facts.isWhole) this.#wholeMaps++;
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

  /** As far away as can be stored, where that stands for "not measured". */
  #holes(split: SplitName): number {
    return areHoles(this.#farthest[split], this.#measured[split]) ? this.#farthest[split] : 0;
  }

  /** Of all but the holes, which lie behind them. */
  #quantile(split: SplitName, share: number): number {
    let left = Math.max(1, share * (this.#measured[split] - this.#holes(split)));
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
      holes: this.#holes(name),
      quantiles:
        this.#measured[name] === this.#holes(name)
          ? null
          : [this.#quantile(name, 0.01), this.#quantile(name, 0.5), this.#quantile(name, 0.99)],
      beyond: this.#beyond(name),
    });
    const range: DepthCard['range'] = this.#range ? [this.#range.minDepth, this.#range.maxDepth] : null;
    return { kind: 'depth', scale: this.#scale, range, train: split('train'), val: split('val') };
  }

  findings(): Finding[] {
    for (const split of splitNames) {
      if (this.#pixels[split] === 0) continue;
      this.#findUnmeasured(split);
      this.#findNegative(split);
      this.#findBeyond(split);
      this.#findHoles(split);
    }
    this.#findOneDepth();
    this.#findAssumed();
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
    if (!range) return this.#findUnlikely(split);
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

  /** Within the range they would be learnt; `fit` chooses one that ends before them. */
  #findHoles(split: SplitName): void {
    const [holes, measured] = [this.#holes(split), this.#measured[split]];
    const isStored = this.#wholeMaps > 0;
    const metres = isStored ? largestStored / this.#scale : farthestFloat;
    if (holes === 0 || (this.#range && this.#range.maxDepth <= metres)) return;
    const where = isStored
      ? `${metres.toPrecision(3)} m away, the largest that 16 bits hold: it often stands`
      : '10 km away or farther, which often stands';
    this.#findings.add({
      grade: 'warning',
      code: 'largest-depth',
      cause: `${percent(holes, measured)} of the measured ${splitWord(split)} pixels are ${where} for "not measured"`,
      count: holes,
      files: this.#files[split],
      remedy:
        'store 0 there, or give a preset with a data.maxDepth below it: what lies beyond is neither learnt nor counted (`fit` does so)',
    });
  }

  /** To the precision of the bins, 6 %. */
  #findOneDepth(): void {
    const { train } = this.#measured;
    const [near, far] = [this.#quantile('train', 0), this.#quantile('train', 1)];
    if (train === 0 || this.#holes('train') === train || near !== far) return;
    this.#findings.add({
      grade: 'error',
      code: 'one-depth-only',
      cause: `all measured training pixels are ${near.toPrecision(2)} m away: there is nothing to tell apart`,
      count: train,
      files: this.#files.train,
      remedy: 'look at the maps: were they exported empty, or is this another channel?',
    });
  }

  #findNegative(split: SplitName): void {
    const [negative, pixels] = [this.#negative[split], this.#pixels[split]];
    if (negative === 0) return;
    this.#findings.add({
      grade: 'warning',
      code: 'negative-depth',
      cause: `${percent(negative, pixels)} of the ${splitWord(split)} pixels are below 0 and count as not measured`,
      count: negative,
      files: this.#files[split],
      remedy:
        'nothing, where that is what they mean; store distances from the camera, as positive numbers, where they are distances along an axis',
    });
  }

  /** Millimetres are only the most frequent unit, and figures look well in a wrong one too. */
  #findAssumed(): void {
    if (!this.#isAssumed || this.#wholeMaps === 0 || this.#measured.train === 0) return;
    const [near, median, far] = [0.01, 0.5, 0.99].map((share) => this.#quantile('train', share).toPrecision(2));
    const isFar = this.#quantile('train', 0.99) > sensorReach;
    this.#findings.add({
      grade: isFar ? 'warning' : 'note',
      code: 'unit-assumed',
      cause: `nobody says the unit of these depths, and ${this.#scale} to the metre are taken, millimetres: they are then ${near} to ${far} m, half of them nearer than ${median} m${isFar ? `, farther than the ${sensorReach} m that cameras with millimetres see` : ''}`,
      count: this.#wholeMaps,
      files: this.#files.train,
      remedy: 'say the unit: a depth scale of 1000 for millimetres, 5000 for TUM RGB-D, 256 for KITTI (data.scale in a preset)',
    });
  }

  /** Nobody says what range is meant, but no camera sees the half of its picture as far or as near as this. */
  #findUnlikely(split: SplitName): void {
    if (this.#measured[split] === 0) return;
    const [median, far] = [this.#quantile(split, 0.5), this.#quantile(split, 0.99)];
    if (this.#wholeMaps === 0 && far <= 1.05) return this.#findShares(split);
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

  #findShares(split: SplitName): void {
    this.#findings.add({
      grade: 'warning',
      code: 'depths-as-shares',
      cause: `the depths of the ${splitWord(split)} maps lie between 0 and 1: they may be shares of a range, or disparities, not metres`,
      count: this.#measured[split],
      files: this.#files[split],
      remedy: 'store metres; nothing is to be done where all is really nearer than a metre',
    });
  }

  #remedyFor(split: SplitName, range: DepthRange, far: number): string {
    if (this.#holes(split) > 0.9 * far)
      return 'the largest value, 65535 of 16 bits or what renderers write, seems to stand for "not measured" here: then nothing is to be done';
    const better = usualScales.filter((scale) => this.#within(split, scale, range) > (1 - suspicious) * this.#measured[split]);
    return better.length > 0
      ? `is the scale right? With data.scale ${better.join(' or ')} instead of ${this.#scale} they lie within`
      : 'is the scale right? Correct data.scale, or data.minDepth and data.maxDepth, in the preset';
  }
}

function splitWord(split: SplitName): string {
  return split === 'train' ? 'training' : 'validation';
}
