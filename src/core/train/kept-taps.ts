// A folder's cache of taps, filled where it is not whole: made once, and read by whatever trains or validates on it.

import { type Framing, type Labelling, type SampleRequest, streamSamples } from '../data/index.js';
import { UserError } from '../errors/index.js';
import type { EncoderWeights } from '../nn/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Task } from '../task/index.js';
import { openTapCache, type TapCache, writeTapCache } from './tap-cache.js';
import { requireCounted } from './targets.js';

export interface KeptTapsOptions {
  readonly requests: readonly SampleRequest[];
  readonly framing: Framing;
  readonly labelling: Labelling;
  readonly encoder: EncoderWeights;
  readonly task: Task;
  /** Targets at the resolution of the first tap, or as networks are validated. */
  readonly targets: 'training' | 'validation';
  /** How messages name the samples, as in `training samples`. */
  readonly named: string;
  /** Of making them. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** What is wrong with those that lie there. */
  readonly onDamage?: ((what: string) => void) | undefined;
  /** Ends the making between two batches. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * @param folder of nothing else: what was cut off or damaged in it is written anew
 * @throws UserError where nothing is learnt from the samples, or what was written cannot be read; AbortError
 */
export async function keptTaps(runtime: Runtime, folder: string, options: KeptTapsOptions): Promise<TapCache> {
  const { requests, framing, labelling, encoder, task, targets, named, onProgress, onDamage, signal } = options;
  const counted = (cache: TapCache): TapCache => {
    requireCounted(task, task.countOf(cache.targets), named);
    return cache;
  };
  const whole = await openTapCache(folder, { onDamage, isChecked: true });
  if (whole) return counted(whole);
  const { width, height } = framing;
  const count = requests.length;
  const report = (done: number): void => {
    signal?.throwIfAborted();
    onProgress?.(done, count);
  };
  const cacheOptions = { weights: encoder, count, width, height, task, targets, onProgress: report };
  await writeTapCache(runtime, streamSamples(requests, framing, labelling), cacheOptions, folder);
  let fault = 'there is no cache in it';
  const filled = await openTapCache(folder, {
    onDamage: (damage) => {
      fault = damage;
    },
  });
  if (!filled) throw new UserError(`${folder}: what has just been written cannot be read back (${fault}); is the disk all right?`);
  return counted(filled);
}
