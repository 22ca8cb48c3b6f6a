// What is wrong with data, on the command line.

import type { Dataset } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import type { DataCard, DepthRange } from '../core/inspect/index.js';
import { lookAt, UnusableData } from '../library/inspect-data.js';
import { formatDuration, onInterrupt, ProgressLine } from './progress.js';

/** The library does not know which command tells more. */
export function inspectNamed(error: unknown): never {
  if (error instanceof UnusableData) throw new UserError(`${error.message}\nthe whole picture: auxcell inspect ${error.card.folder}`);
  throw error;
}

/** Reads everything once, with progress; Ctrl-C ends it. @param range of the depths to learn */
export async function lookAtData(dataset: Dataset, folder: string, range?: DepthRange): Promise<DataCard> {
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  const started = performance.now();
  const onProgress = (done: number, total: number): void => {
    const left = ((performance.now() - started) / 1000 / done) * (total - done);
    progress.show(`looking at sample ${done} of ${total}, ${formatDuration(left)} left`);
  };
  try {
    return await lookAt(dataset, folder, range, { onProgress, signal: interrupt.signal });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    throw new UserError('interrupted while looking at the data; nothing was begun');
  } finally {
    interrupt.release();
    progress.end();
  }
}
