// What the server tells the pages: shared with them as types.

import type { Finding } from '../core/data/index.js';
import type { Quartiles } from '../core/device/index.js';
import type { Preset } from '../core/preset/index.js';
import type { DamagedRun, EpochLoss, LiveCandidate, PictureEntry, RunSummary, SearchEvent, Trial } from '../core/search/index.js';
import type { Breakdown, TaskDescription } from '../core/task/index.js';
import type { FitFile } from './fit-files.js';

export type { Breakdown, DamagedRun, EpochLoss, Finding, FitFile, LiveCandidate, PictureEntry, RunSummary, SearchEvent, Trial };

export type RunState = RunSummary['state'];

/** Of what lies in a fit and has ended before what its preset asks for: the time was over, or the best training went on without it. */
export type EarlyEnding = 'time' | 'left behind';

/** A search, a training or a fit in the list of all of them. */
export interface ListedRun {
  readonly kind: 'search' | 'training' | 'fit';
  readonly run: string;
  readonly state: RunState;
  /** ISO; null where it is not known. */
  readonly begun: string | null;
  readonly task: string;
  /** As it was given. */
  readonly data: string;
  /** Of the training list; null in runs of earlier versions. */
  readonly images: number | null;
  /** Of work so far: from the first architecture to the last one, of epochs, or of a fit's whole. */
  readonly seconds: number | null;
  /** Architectures of a search, epochs of a training, trainings of a fit. */
  readonly done: number;
  readonly total: number;
  /** Null where it did not end early. */
  readonly ending: EarlyEnding | null;
  /** Reward of a search, else the figure by which networks are compared. */
  readonly best: { readonly name: string; readonly value: number } | null;
  /** Rewards, or that figure by epochs, thinned out to a hundred. */
  readonly curve: readonly number[];
}

export type ListEntry = ListedRun | DamagedRun;

/** An epoch of a training. */
export interface EpochPoint {
  /** From 1, over all stages. */
  readonly epoch: number;
  /** 1: of the decoder alone. */
  readonly stage: 1 | 2;
  readonly loss: number;
  /** Of its steps. */
  readonly seconds: number;
  /** At its beginning. */
  readonly learningRate: number;
  /** Null while the encoder is not trained. */
  readonly encoderLearningRate: number | null;
  /** Null where the epoch was not validated. */
  readonly metrics: Readonly<Record<string, number>> | null;
}

export interface TrainingView {
  readonly kind: 'training';
  readonly run: string;
  readonly folder: string;
  readonly state: RunState;
  /** ISO; null where it is not known. */
  readonly begun: string | null;
  readonly version: string | null;
  readonly data: string;
  readonly images: { readonly train: number; readonly val: number } | null;
  readonly task: string;
  readonly output: TaskDescription;
  /** The metric by which epochs are compared. */
  readonly score: string;
  /** Labels that the mean leaves out. */
  readonly excluded: readonly number[];
  /** As it is stored. */
  readonly genotype: string;
  /** JSON of whatever form; null of a hand-designed decoder. */
  readonly genotypeJson: unknown;
  readonly encoder: string;
  readonly decoder: { readonly width: number; readonly sepRepeats: number };
  /** [height, width] of what is validated. */
  readonly inputSize: readonly [number, number];
  readonly seed: number;
  readonly batch: number;
  /** Of all stages. */
  readonly epochs: number;
  /** Null where it did not end early. */
  readonly ending: EarlyEnding | null;
  readonly history: readonly EpochPoint[];
  readonly best: { readonly epoch: number; readonly value: number } | null;
  /** The epoch at hand, from 1. */
  readonly live: { readonly epoch: number; readonly step: number; readonly steps: number; readonly loss: number | null } | null;
  /** Of its epochs so far, and of those that are left; null while no epoch is done. */
  readonly seconds: number;
  readonly secondsLeft: number | null;
  /** What it saw in a few validation images. */
  readonly seen: readonly { readonly epoch: number; readonly pictures: readonly { readonly image: number; readonly score: number }[] }[];
  /** Whether the best network can be had. */
  readonly hasModel: boolean;
  readonly findings: readonly Finding[];
}

export interface FitView {
  readonly kind: 'fit';
  readonly run: string;
  readonly folder: string;
  readonly state: RunState;
  readonly begun: string | null;
  readonly version: string;
  readonly data: string;
  readonly task: string | null;
  readonly seed: number;
  /** What was given, and what is spent. */
  readonly seconds: { readonly given: number; readonly spent: number };
  /** What it is doing, or what it has done. */
  readonly phase: 'searching' | 'training' | 'done';
  readonly parts: readonly ListEntry[];
  /** Of the finished model; null while there is none. */
  readonly result: FitResult | null;
  /** What it has left. */
  readonly files: readonly FitFile[];
  readonly findings: readonly Finding[];
}

/** A finished model's figures on all images of a list, at their own resolution. */
export interface ListResult {
  readonly images: number;
  /** Null for one that is none. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Of the mean, and of each class, joint or range of distances, with the 95 % interval where it has one. */
  readonly parts: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly low: number | null;
    readonly high: number | null;
  }[];
}

export interface FitResult extends ListResult {
  /** Of the data's test split, where it has one. */
  readonly test: ListResult | null;
  readonly parameters: number | null;
  /** Of model.onnx. */
  readonly bytes: number | null;
}

export type WorkView = RunView | TrainingView | FitView;

/** A finished trial as a row of the table. What its record lacks, or has in a form of another version, is null. */
export interface TrialRow {
  readonly index: number;
  readonly reward: number | null;
  /** The run's `score`. */
  readonly score: number | null;
  readonly parameters: number | null;
  readonly multiplyAdds: number | null;
  /** Milliseconds, where it was measured or predicted. */
  readonly latency: number | null;
  /** Of training and validation. */
  readonly seconds: number | null;
  /** As it is stored. */
  readonly genotype: string;
  readonly reusedFrom?: string;
  readonly error?: string;
}

/** A page of the table. */
export interface TrialPage {
  readonly rows: readonly TrialRow[];
  /** Of all that the query asks for. */
  readonly count: number;
}

export type TrialSort = 'index' | 'reward' | 'score' | 'parameters' | 'multiplyAdds' | 'latency' | 'seconds';

/** `trained`: neither failed nor taken over from an equal network. `front`: what no other one beats in reward and a cost. */
export type ShownTrials = 'all' | 'trained' | 'failed' | 'front';

/** Which trials a table shows, and in what order; what has no figure in the column stands last. */
export interface TrialQuery {
  readonly sort: TrialSort;
  readonly descending: boolean;
  readonly show: ShownTrials;
  /** Of the front. */
  readonly cost: CostName;
  /** That their cell has. */
  readonly op?: number | undefined;
}

/** Where a trial stands in a table. */
export interface TrialNeighbours {
  readonly previous: number | null;
  readonly next: number | null;
  /** From 1; null where the table does not show it. */
  readonly place: number | null;
  readonly count: number;
}

/** Reward of the architectures that have something, less that of the others. */
export interface ChoiceEffect {
  /** Of the op, or of the input. */
  readonly choice: number;
  /** Architectures that have it, and those that have not. */
  readonly having: number;
  readonly lacking: number;
  readonly effect: number;
  /** Of its 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** The shipped preset that a run's own is nearest to. */
export interface NearestPreset {
  readonly name: string;
  /** Values as JSON; empty where there is none. */
  readonly differences: readonly { readonly key: string; readonly here: string; readonly shipped: string }[];
}

/** Some thousands of the finished trials at most, as columns, in the order in which they were observed. */
export interface PointColumns {
  readonly index: readonly number[];
  /** 1 for the first that finished. */
  readonly observed: readonly number[];
  readonly reward: readonly number[];
  readonly parameters: readonly (number | null)[];
  readonly multiplyAdds: readonly (number | null)[];
  /** Milliseconds, where it was measured. */
  readonly latency: readonly (number | null)[];
  readonly failed: readonly boolean[];
  /** As it is stored. */
  readonly genotype: readonly string[];
}

/** A curve over the trials in the order in which they were observed. */
export interface Curve {
  readonly observed: readonly number[];
  readonly value: readonly number[];
}

export type CostName = 'parameters' | 'multiplyAdds' | 'latency';

/** What no other architecture beats in reward and a cost, cheapest first. */
export interface FrontColumns {
  readonly index: readonly number[];
  readonly cost: readonly number[];
  readonly reward: readonly number[];
}

/** How often something was chosen in a part of the search; of ops and inputs that this version does not know too. */
export interface ChoiceShare {
  readonly part: number;
  /** Of the op, or of the input. */
  readonly choice: number;
  readonly share: number;
}

/** What charts draw of a run's trials, of however many. */
export interface RunCharts {
  readonly id: string;
  /** Trials that this was made of. */
  readonly done: number;
  readonly points: PointColumns;
  /** Where it rose, and the last; `minutes` since the first architecture was finished. */
  readonly best: Curve & { readonly minutes: readonly number[] };
  /** Over the twenty before that did not fail. */
  readonly mean: Curve;
  /** Architectures an hour, by the clock, over the twenty before. */
  readonly pace: Curve;
  /** Of the policy at its last update, in nats. */
  readonly entropy: Curve;
  /** Share of those that ended after the first stage, over the twenty before. */
  readonly stopped: Curve;
  readonly fronts: Readonly<Record<CostName, FrontColumns>>;
  readonly ops: readonly ChoiceShare[];
  readonly inputs: readonly ChoiceShare[];
  /** Of those that were trained themselves. */
  readonly opEffects: readonly ChoiceEffect[];
  readonly inputEffects: readonly ChoiceEffect[];
}

/** What changes while a search runs. */
export interface RunNews {
  /** Of the run: another one may have been made under the same name. */
  readonly id: string;
  readonly state: RunSummary['state'];
  /** Null where it did not end early. */
  readonly ending: EarlyEnding | null;
  readonly perHour: number | null;
  /** From the first architecture to the last, by the clock; null while there is none. */
  readonly seconds: number | null;
  /** By the pace of the last ones; null where it does not run. */
  readonly secondsLeft: number | null;
  /** Finished trials. */
  readonly done: number;
  readonly best: { readonly index: number; readonly reward: number } | null;
  /** The trial whose weights are kept; null while there is none. */
  readonly model: number | null;
  readonly live: readonly LiveCandidate[];
  readonly events: readonly SearchEvent[];
}

export interface RunView extends RunNews {
  readonly kind: 'search';
  readonly run: string;
  /** As whoever serves it named it. */
  readonly folder: string;
  /** As the search was given it. */
  readonly data: string;
  readonly candidates: number;
  readonly strategy: string;
  readonly seed: number;
  /** ISO; null before the first architecture. */
  readonly begun: string | null;
  /** Null in runs of earlier versions. */
  readonly version: string | null;
  readonly encoder: string;
  /** In words; none where nothing was limited. */
  readonly limits: readonly string[];
  /** What trained the architectures: cpu or webgpu; null in runs of earlier versions. */
  readonly device: string | null;
  /** For which latency is predicted. */
  readonly target: string | null;
  readonly preset: NearestPreset | null;
  /** Of the training list, those that score among them; null in runs of earlier versions. */
  readonly images: number | null;
  readonly task: string;
  readonly output: TaskDescription;
  /** The metric that is shown beside the reward. */
  readonly score: string;
  readonly decoder: Preset['decoder'];
  /** [height, width] of the costs. */
  readonly inputSize: readonly [number, number];
  /** What the reward is, in words. */
  readonly reward: string;
  /** Whether candidates may be stopped before their second stage. */
  readonly stages: 1 | 2;
  /** Images by which architectures are scored: held out of the training list. Null in runs of earlier versions. */
  readonly scoredImages: number | null;
  /** Labels that the mean leaves out. */
  readonly excluded: readonly number[];
  /** What was found in the data before the search began. */
  readonly findings: readonly Finding[];
  /** What devices took for networks of this search. */
  readonly timings: readonly Timing[];
}

/** One network on one device, in milliseconds. */
export interface Timing {
  /** Null for a hand-designed decoder. */
  readonly trial: number | null;
  readonly architecture: string;
  /** The device's name and the backend. */
  readonly device: string;
  /** From the device's profile; null where there was none. */
  readonly predicted: number | null;
  readonly measured: Quartiles;
}

export interface TrialView {
  /** As far as its record can be read. */
  readonly trial: TrialRow & {
    /** JSON of whatever form; the text where it is none. */
    readonly genotypeJson: unknown;
    /** Figures; null for one that is none (a loss that was not a number). */
    readonly metrics: Readonly<Record<string, number | null>>;
  };
  readonly epochs: readonly EpochLoss[];
  readonly breakdown: Breakdown | null;
  /** Which pictures of what it sees there are. */
  readonly pictures: readonly PictureEntry[];
}
