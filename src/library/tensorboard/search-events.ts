// A search for TensorBoard: a step a trial, the best one's predictions as a picture.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, UserError } from '../../core/errors/index.js';
import type { EpochRecord } from '../../core/fit/index.js';
import type { RunFolder, Trial } from '../../core/search/index.js';
import { makeFolder, replaceFile } from '../../platform/node/files/index.js';
import type { EventValues, Picture } from './event.js';
import { eventFileBytes, eventFileName } from './event-file.js';

/** @param best reward so far, this trial's too */
export function trialScalars(trial: Trial, best: number | undefined): Record<string, number | undefined> {
  const { reward, metrics, loss, parameters, multiplyAdds, latency, modelBytes, seconds, policy, error } = trial;
  return {
    reward,
    'reward/best': best,
    ...grouped('metrics', metrics),
    loss: loss ?? undefined,
    failed: error === undefined ? 0 : 1,
    ...grouped('cost', { parameters, multiplyAdds, latency, modelBytes }),
    ...grouped('seconds', seconds),
    ...grouped('policy', policy),
  };
}

export function epochScalars({ loss, seconds, metrics = {} }: EpochRecord): Record<string, number | undefined> {
  return { loss, 'seconds/epoch': seconds, ...grouped('metrics', metrics) };
}

function grouped(group: string, values: Readonly<Record<string, number | undefined>>): Record<string, number | undefined> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]));
}

/** Writes what a search has found so far; once more, it is the same file. @returns the file */
export async function writeSearchEvents(run: RunFolder, folder: string): Promise<string> {
  const store = await run.look();
  try {
    const finished = store.finishedSince(0);
    const begun = seconds(store.begun());
    let best: Trial | undefined;
    const events: EventValues[] = finished.map(({ trial, finished: at }) => {
      if (trial.error === undefined && (best === undefined || trial.reward > best.reward)) best = trial;
      return { wallTime: seconds(at), step: trial.index, scalars: trialScalars(trial, best?.reward) };
    });
    const picture = await predictionsOf(run.folder);
    const last = events.at(-1);
    if (picture && best && last) events.push({ wallTime: last.wallTime, step: best.index, images: { 'predictions of the best': picture } });
    const file = path.join(folder, eventFileName(begun));
    await makeFolder(folder).catch((error: unknown) => {
      throw new UserError(`${folder}: cannot be made (${reasonOf(error)}); give another folder`, { about: ['tensorboard'] });
    });
    await replaceFile(file, eventFileBytes(events, begun));
    return file;
  } finally {
    store.close();
  }
}

/** As the search drew them at its end. */
export async function predictionsOf(folder: string): Promise<Picture | undefined> {
  const png = await readFile(path.join(folder, 'predictions.png')).catch(() => undefined);
  if (png === undefined || png.length < 24) return undefined;
  // The header's first fields: width and height, big-endian.
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), png };
}

function seconds(at: string): number {
  return at === '' ? 0 : Date.parse(at) / 1000;
}
