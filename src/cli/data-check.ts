// What `inspect` finds, before any work is done on data.

import { availableParallelism } from 'node:os';
import { type Dataset, formatFinding } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { type DataCard, type DepthRange, inspectDataset } from '../core/inspect/index.js';
import { formatDuration, onInterrupt, ProgressLine } from './progress.js';

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
    return await inspectDataset(dataset, { folder, range, threads: availableParallelism(), onProgress, signal: interrupt.signal });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    throw new UserError('interrupted while looking at the data; nothing was begun');
  } finally {
    interrupt.release();
    progress.end();
  }
}

/**
 * The same before work: warnings are printed.
 * @param use for the message: what the data is wanted for
 * @throws UserError with every error, where it cannot be used so
 */
export async function checkData(dataset: Dataset, folder: string, range?: DepthRange, use = 'learnt from'): Promise<DataCard> {
  const card = await lookAtData(dataset, folder, range);
  refuseErrors(card, use);
  for (const finding of card.findings) if (finding.grade === 'warning') console.error(formatFinding(finding));
  return card;
}

function refuseErrors({ folder, findings }: DataCard, use: string): void {
  const errors = findings.filter(({ grade }) => grade === 'error').map((finding) => formatFinding(finding).replace(/^error: /, ''));
  if (errors.length > 0)
    throw new UserError(`${folder} cannot be ${use}:\n${errors.join('\n')}\nthe whole picture: auxcell inspect ${folder}`);
}
