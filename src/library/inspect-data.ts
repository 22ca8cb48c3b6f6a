// A data folder looked at before anything is trained on it.

import { availableParallelism } from 'node:os';
import { type Dataset, formatFinding, openData } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { type DataCard, type DepthRange, inspectDataset } from '../core/inspect/index.js';
import { learntRange, openPresetData, type TaskKeys } from '../core/preset/index.js';
import type { TaskName } from '../core/task/index.js';
import { formatDuration } from './duration.js';
import { type Reporter, silent } from './reporter.js';

export interface LookOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends it with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

export interface InspectDataOptions extends LookOptions {
  /** By which the folder is read; without one its layout and its values say what is in it. */
  readonly preset?: TaskKeys | undefined;
  /** Where the folder does not tell. */
  readonly task?: TaskName | undefined;
  /** Stored units of depth maps a metre. */
  readonly depthScale?: number | undefined;
}

/**
 * Reads every file of a data folder once, unless that was done before and no file has changed.
 * @returns what is in it and what is wrong with it: findings of grade `error`, `warning`, `note`
 * @throws DataError when the folder has no layout that is known
 */
export async function inspectData(folder: string, options: InspectDataOptions = {}): Promise<DataCard> {
  const { preset, task, depthScale, ...look } = options;
  if (!preset) return lookAt(await openData(folder, { task, scale: depthScale }), folder, undefined, look);
  return lookAt(await openPresetData(folder, preset), folder, learntRange(preset), look);
}

/** @param range of the depths to learn */
export function lookAt(
  dataset: Dataset,
  folder: string,
  range: DepthRange | undefined,
  { onProgress, signal }: LookOptions,
): Promise<DataCard> {
  return inspectDataset(dataset, {
    folder,
    range,
    threads: availableParallelism(),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
}

/** What a data set's errors stop. */
export class UnusableData extends UserError {
  override readonly name = 'UnusableData';
  readonly card: DataCard;

  constructor(card: DataCard, use: string) {
    const errors = card.findings.filter(({ grade }) => grade === 'error').map((finding) => formatFinding(finding).replace(/^error: /, ''));
    super(`${card.folder} cannot be ${use}:\n${errors.join('\n')}`);
    this.card = card;
    // Long, and no part of what is printed of an error that nobody caught.
    Object.defineProperty(this, 'card', { enumerable: false });
  }
}

export interface CheckOptions {
  /** For the message: what the data is wanted for; absent: `learnt from`. */
  readonly use?: string | undefined;
  /** Is told of warnings and of how far it is. */
  readonly reporter?: Reporter | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The same before work. @throws UnusableData with every error, where it cannot be used so; UserError when interrupted */
export async function checkData(
  dataset: Dataset,
  folder: string,
  range: DepthRange | undefined,
  { use = 'learnt from', reporter = silent, signal }: CheckOptions = {},
): Promise<DataCard> {
  const card = await lookAt(dataset, folder, range, { onProgress: lookShown(reporter), signal }).catch((error: unknown): never => {
    throw signal?.aborted ? new UserError('interrupted while looking at the data; nothing was begun') : error;
  });
  if (card.findings.some(({ grade }) => grade === 'error')) throw new UnusableData(card, use);
  for (const finding of card.findings) if (finding.grade === 'warning') reporter.print(formatFinding(finding));
  return card;
}

/** Shows how far a look at data is, and how long it will still take. */
export function lookShown(reporter: Reporter): (done: number, total: number) => void {
  const started = performance.now();
  return (done, total) => {
    const left = ((performance.now() - started) / 1000 / done) * (total - done);
    reporter.show(`looking at sample ${done} of ${total}, ${formatDuration(left)} left`);
  };
}
