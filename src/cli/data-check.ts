// What is wrong with data, on the command line.

import type { Dataset } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import type { DataCard, DepthRange } from '../core/inspect/index.js';
import { lookAt, lookShown, UnusableData } from '../library/inspect-data.js';
import { commandLine } from './program-name.js';
import { onInterrupt, ProgressLine } from './progress.js';

/** The library does not know which command tells more. */
export function inspectNamed(error: unknown): never {
  if (error instanceof UnusableData)
    throw new UserError(`${error.message}\nthe whole picture: ${commandLine('inspect', error.card.folder)}`);
  throw error;
}

/** Reads everything once, with progress; Ctrl-C ends it. @param range of the depths to learn */
export async function lookAtData(dataset: Dataset, folder: string, range?: DepthRange): Promise<DataCard> {
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  try {
    return await lookAt(dataset, folder, range, { onProgress: lookShown(progress), signal: interrupt.signal });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    throw new UserError('interrupted while looking at the data; nothing was begun');
  } finally {
    interrupt.release();
    progress.end();
  }
}
