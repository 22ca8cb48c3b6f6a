// A preset made for a data set: what the card of the data says, and for the rest what the shipped presets have.

import { nearestHole, unpairedSides, sidePairs } from '../../core/data/index.js';
import { UserError } from '../../core/errors/index.js';
import type { DataCard, DepthCard, JointsCard, MasksCard } from '../../core/inspect/index.js';
import { type Preset, presetSchema, type TrainPreset } from '../../core/preset/index.js';
import { defaultMeasure } from '../../core/task/index.js';
import { rareClassWeights } from './class-weights.js';
import { type NetworkSize, networkSize } from './network-size.js';

/** A preset that both a search and a full training can use. */
export type WholePreset = Preset & TrainPreset;

export interface PresetOptions {
  /** Where the encoder's weights come from; absent: those that come with the program. */
  readonly encoder?: string | undefined;
  /** That are given for all of it; absent: enough. */
  readonly hours?: number | undefined;
}

/** Pixels that a network sees at most: 320 × 240. */
const mostPixels = 76_800;
/** Candidates train on so many augmented samples, in batches of so many. */
const searched = { samples: 384, batch: 16 } as const;
/** In less time than so many hours on these: more steps for their samples, and more candidates. */
const littleTime = 0.25;
const searchedShortly = { samples: 128, batch: 8 } as const;
/** Of people: width and height of their crops. */
const crop = { width: 128, height: 160 } as const;
const padding = 1.25;

const shared = {
  space: { blocks: 3, rounds: 3 },
  decoder: { width: 48, sepRepeats: 1, auxiliaryWeight: 0.15 },
  evolution: { population: 10, sample: 4 },
  strategy: 'evolution',
  // The time ends a search, not a number.
  candidates: 1000,
} as const;

/** Of the decoder alone; of the whole network, which goes on from there, it is a third. */
const optimiser = { learningRate: 3e-3, weightDecay: 1e-5, clipNorm: 3, polyakDecay: 0.9 } as const;
const jitter = { brightness: 0.2, contrast: 0.2, saturation: 0.2 } as const;

/** @throws UserError where the data is too small to be split */
export function presetForData(card: DataCard, { encoder = 'movenet', hours = 1 }: PresetOptions = {}): WholePreset {
  const train = card.splits.find(({ name }) => name === 'train');
  const samples = train?.samples ?? 0;
  // A candidate's score needs pictures of its own, beside the batch that it trains on.
  if (!train || samples < 4)
    throw new UserError(
      `${card.folder}: ${samples} picture(s) to train on; a search needs 4 at least, and is worth its while from some hundred on`,
    );
  const [size] = train.sizes;
  if (!size) throw new RangeError('pictures without a size');
  const metaTrainShare = samples < 20 ? 0.75 : 0.85;
  const made = {
    ...shared,
    encoder,
    ...taskPart(card, metaTrainShare),
    ...training(card, size, { samples, held: Math.floor(samples * metaTrainShare), isShort: hours < littleTime }),
  };
  const checked = presetSchema.parse(made);
  const { train: section } = checked;
  if (!section) throw new RangeError('a preset without a section of full training');
  return { ...checked, train: section };
}

function taskPart({ truth }: DataCard, metaTrainShare: number) {
  switch (truth.kind) {
    case 'masks':
      return {
        task: 'segmentation',
        data: { classes: classNames(truth), ignore: truth.ignore, metaTrainShare },
        reward: { excluded: [] },
      };
    case 'joints': {
      const joints = truth.joints.map(({ name }) => name);
      return {
        task: 'pose',
        data: { joints, skeleton: [], metaTrainShare },
        heatmap: { sigma: 2, decoding: 'quarter' },
        reward: { metric: defaultMeasure({ joints }) },
      };
    }
    case 'depth':
      return { task: 'depth', data: { ...depthRange(truth), metaTrainShare }, reward: { metric: 'delta1' } };
  }
}

/** Both trainings: a candidate's short one and the full one. @param held of the samples, those that candidates train on */
function training(
  card: DataCard,
  picture: NetworkSize,
  { samples, held, isShort }: { readonly samples: number; readonly held: number; readonly isShort: boolean },
) {
  const search = isShort ? searchedShortly : searched;
  const mirror = mirrors(card);
  const { kind } = card.truth;
  const seen = kind === 'joints' ? crop : networkSize(picture, mostPixels);
  const still = kind === 'joints' ? { kind: 'person', ...crop, padding } : { kind: 'resize', ...seen };
  const moving =
    kind === 'joints'
      ? { kind: 'person', ...crop, padding, rotation: 40, scale: 0.3, mirror }
      : { kind: 'random', side: Math.min(seen.width, seen.height), ...seen, scale: kind === 'depth' ? [1, 1.2] : [0.75, 1.4], mirror };
  const classWeights =
    card.truth.kind === 'masks'
      ? rareClassWeights(classLabels(card.truth).map(({ isIgnored, train }) => ({ isIgnored, pixels: train.pixels })))
      : undefined;
  const first = {
    // A person's joints need more steps than a class's pixels.
    epochs: kind === 'joints' ? 4 : 2,
    batch: Math.min(searched.batch, Math.max(1, Math.floor(held / 4))),
    ...optimiser,
    framing: moving,
  };
  return {
    stage1: { ...first, batch: Math.min(search.batch, first.batch), samples: Math.min(held, search.samples) },
    validation: { framing: still },
    train: {
      ...optimiser,
      learningRate: optimiser.learningRate / 3,
      decoder: shared.decoder,
      // Samples and epochs are settled with the others.
      stage1: { ...first, samples: searched.samples },
      // Settled when the search has ended, from the time that is left.
      epochs: 40,
      batch: Math.min(8, samples),
      schedule: { kind: 'polynomial', power: 0.9 },
      framing: { ...moving, jitter },
      encoder: {
        learningRate: 1e-3,
        momentum: 0.9,
        weightDecay: 1e-5,
        clipNorm: 3,
        batchNorm: 'frozen',
      },
      ...(classWeights && { classWeights }),
      validation: { framing: still, every: 2 },
    },
  };
}

function classLabels({ labels }: MasksCard): MasksCard['labels'] {
  return labels.filter(({ isClass }) => isClass).toSorted((a, b) => a.label - b.label);
}

function classNames(truth: MasksCard): string[] {
  return classLabels(truth).map(({ name }) => name);
}

/** Not where a name says a side that has no counterpart: left would be learnt as right. */
function mirrors({ truth }: DataCard): boolean {
  const names = truth.kind === 'masks' ? classNames(truth) : truth.kind === 'joints' ? jointNames(truth) : [];
  const pairs = sidePairs(names);
  // Numbered joints, as YOLO's may be: some of them are left and right, and nobody says which.
  if (truth.kind === 'joints' && pairs.length === 0 && names.length > 1 && names.every((name) => /^joint \d+$/.test(name))) return false;
  return unpairedSides(names, pairs).length === 0;
}

function jointNames({ joints }: JointsCard): string[] {
  return joints.map(({ name }) => name);
}

/** From a little nearer than what is nearest to a little farther than what is farthest, one pixel in a hundred apart; holes lie beyond. */
function depthRange({ train, scale }: DepthCard): { readonly scale: number; readonly minDepth: number; readonly maxDepth: number } {
  if (!train.quantiles) throw new UserError('nothing is measured in any depth map to train on');
  const [near, , far] = train.quantiles;
  const digits = (metres: number): number => Number(metres.toPrecision(2));
  const most = train.holes > 0 ? 0.95 * nearestHole(scale) : Number.POSITIVE_INFINITY;
  return { scale, minDepth: digits(0.8 * near), maxDepth: digits(Math.min(most, Math.max(1.25 * far, 2 * near))) };
}
