// The encoder's outputs on augmented samples, kept in a folder: what the first stage of a full training learns from.

import { type Dataset, SamplePool } from '../data/index.js';
import { UserError } from '../errors/index.js';
import type { EncoderWeights } from '../nn/index.js';
import type { TrainPreset } from '../preset/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Task } from '../task/index.js';
import { augmentedRequests, openTapCache, requireCounted, type TapCache, writeTapCache } from '../train/index.js';

export interface DecoderTapsOptions {
  readonly stage: NonNullable<TrainPreset['train']['stage1']>;
  readonly dataset: Dataset;
  readonly encoder: EncoderWeights;
  readonly task: Task;
  readonly random: Random;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Those that lie in the folder, or made there.
 * @param folder of nothing else: what was cut off in it is written anew
 * @throws UserError where nothing is learnt from, or what was written cannot be read; AbortError
 */
export async function decoderTaps(runtime: Runtime, folder: string, options: DecoderTapsOptions): Promise<TapCache> {
  const { stage, dataset, encoder, task, random, onProgress, signal } = options;
  const there = await openTapCache(folder);
  if (there) return there;
  const { framing, samples: count } = stage;
  const requests = augmentedRequests(dataset.train, count, random.fork('augment'));
  const pool = new SamplePool();
  const report = (done: number): void => {
    signal?.throwIfAborted();
    onProgress?.(done, count);
  };
  const { width, height } = framing;
  const described = { weights: encoder, count, width, height, task, targets: 'training', onProgress: report } as const;
  await writeTapCache(runtime, pool.stream(requests, framing, dataset.labelling), described, folder).finally(() => pool.close());
  let fault = 'there is nothing in it';
  const made = await openTapCache(folder, (damage) => {
    fault = damage;
  });
  if (!made) throw new UserError(`${folder}: what has just been written cannot be read back (${fault}); is the disk all right?`);
  requireCounted(task, task.countOf(made.targets), 'training samples');
  return made;
}
