// What a search knows, and where it is kept: what its loop writes and goes on from, and what is looked at afterwards. Where that is,
// whoever starts the program says (`chooseTrialStores`): SQLite in `src/platform/node`, memory in `src/platform/memory`.
//
// A resumed search restores the last state of the strategy. Trials that were proposed before it was taken and are unfinished are
// evaluated again as proposed; those proposed after it are forgotten, for the restored strategy proposes them again.

import type { Genotype } from '../space/index.js';
import type { Breakdown } from '../task/index.js';
import type { CandidateTicket } from './ticket.js';
import type { EpochLoss, EvaluatedPicture } from './evaluate.js';
import type { Trial } from './trial.js';

export interface StoredProposal {
  readonly index: number;
  readonly genotype: Genotype;
  readonly key: string;
  readonly logProbability?: number | undefined;
  readonly ticket?: CandidateTicket | undefined;
}

export interface SearchEvent {
  readonly at: string;
  readonly kind: string;
  readonly trial: number | null;
  readonly detail: string | null;
}

/** What is kept of a trial beside its record. */
export interface TrialDetail {
  readonly epochs?: readonly EpochLoss[];
  readonly breakdown?: Breakdown | undefined;
  /** What its network sees, best first. */
  readonly pictures?: readonly EvaluatedPicture[];
  readonly worker?: string | undefined;
  /** How many proposals of the search were beyond its limits so far. */
  readonly refused?: number | undefined;
}

export interface FinishedTrial {
  /** 1 for the first that finished. */
  readonly observed: number;
  readonly started: string;
  readonly finished: string;
  readonly worker: string | null;
  readonly trial: Trial;
}

/** A finished trial as it is stored; its record is JSON, of whatever version. */
export interface StoredRow {
  readonly idx: number;
  readonly observed: number;
  readonly reward: number | null;
  readonly finished: string;
  readonly genotype: string;
  readonly record: string;
}

/** A finished trial in numbers, NaN where its record has none. */
export interface TrialFigures {
  readonly index: number;
  readonly observed: number;
  readonly finished: string;
  readonly reward: number;
  readonly genotype: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly latency: number;
  readonly stage: number;
  readonly entropy: number;
  /** It could not be trained, or its record cannot be read. */
  readonly failed: boolean;
  readonly reused: boolean;
  /** Of training and validation. */
  readonly seconds: number;
  /** The metric that was asked for. */
  readonly metric: number;
}

/** An image by which architectures are scored, as it is looked at. */
export interface Photo {
  readonly jpeg: Uint8Array;
  /** PNG or SVG. */
  readonly truth: Uint8Array;
}

/** Which images a trial has pictures of. */
export interface PictureEntry {
  readonly image: number;
  /** Of this image alone, by the task's `score`; null in runs of earlier versions, which showed the same images of every trial. */
  readonly score: number | null;
}

/** What the loop writes, and goes on from. A trial and the state that the strategy has after it are one transaction. */
export interface SearchRecord {
  /** What is kept under a name of its own. */
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  /** The folder that the database lies in. */
  readonly folder: string;
  /** The strategy's state before the first proposal. */
  begin(policy: unknown, stop: unknown): void;
  /** The last state of the strategy, and what was proposed before it and is not finished. */
  resume(): { policy: unknown; stop: unknown; pending: StoredProposal[] } | undefined;
  propose(proposal: StoredProposal): void;
  /** A candidate as it was proposed, finished or not. */
  proposal(index: number): StoredProposal | undefined;
  /** An image with its truth, for looking at. @param image its number among those by which architectures are scored */
  keepPhoto(image: number, photo: Photo): void;
  photo(image: number): Photo | undefined;
  /** A finished trial with the strategy's state after it: both or neither. @returns false when it was finished before */
  finish(trial: Trial, detail: TrialDetail, policy: unknown, stop: unknown): boolean;
  note(kind: string, trial?: number, detail?: string): void;
  /** Finished trials by index. */
  trials(): Trial[];
  trial(index: number): Trial | undefined;
  /** How many trials are finished. They are observed one by one. */
  finishedCount(): number;
  bestReward(): number | null;
  /** The best of those that could be trained. @param own of those whose weights are this run's only */
  bestIndex(own?: boolean): { readonly index: number; readonly reward: number } | undefined;
  /** How often something has happened to a trial, in earlier sessions too. */
  eventCount(kind: string, trial: number): number;
  close(): void;
}

/** What is looked at, while it goes on too. */
export interface SearchHistory {
  /** Of which images there is a picture of what a trial's network sees; best first. */
  pictures(index: number): PictureEntry[];
  /** What a trial's network sees in an image: PNG or SVG. */
  picture(index: number, image: number): Uint8Array | undefined;
  breakdown(index: number): Breakdown | undefined;
  /** Changes with every commit of another process. */
  version(): number;
  /** Finished trials in the order in which they were observed, behind `observed`, with their times. */
  finishedSince(observed: number): FinishedTrial[];
  /** When the first trial was begun; empty while there is none. */
  begun(): string;
  /** When the last trial was finished; empty while none is. */
  ended(): string;
  /** Which run this is, whatever its folder is called; undefined of one that an earlier version made. */
  id(): string | undefined;
  /** Rewards of those that finished as these; a failed one may have none. */
  rewardsAt(observed: readonly number[]): number[];
  /**
   * Finished trials behind `observed`, in that order, at most so many: to be read bit by bit. SQLite reads the records, and
   * what comes is looked at by hand: a schema for a hundred thousand rows takes seconds.
   * @param metric that is wanted, by its key
   */
  figuresSince(observed: number, most: number, metric?: string): TrialFigures[];
  row(index: number): StoredRow | undefined;
  /** The last ones, in order. */
  lastEvents(most: number): SearchEvent[];
  /** Architectures an hour, by the clock, over the last ones that finished; null while there are too few. */
  perHour(): number | null;
  epochs(index: number): EpochLoss[];
  events(): SearchEvent[];
  /** `ok`, or what SQLite finds wrong. */
  check(): string;
}

export type TrialStore = SearchRecord & SearchHistory;

export interface TrialStores {
  /** @param readonly for looking only: it must be there @throws UserError when the file is no store of ours or of a later version */
  open(file: string, options?: { readonly readonly?: boolean }): TrialStore;
}

let current: TrialStores | undefined;

export function chooseTrialStores(chosen: TrialStores): void {
  current = chosen;
}

/** What is taken where nobody has chosen: a choice that was made before stays. */
export function chooseTrialStoresByDefault(usual: TrialStores): void {
  current ??= usual;
}

/** @throws Error where nobody has said where trials are kept */
export function trialStores(): TrialStores {
  if (!current)
    throw new Error(
      'no place for trials: import "auxcell", which chooses SQLite, or call chooseTrialStores(…) of "auxcell/search" first with memoryTrialStores() of "auxcell/platform/memory"',
    );
  return current;
}
