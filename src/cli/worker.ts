// `worker`: evaluates architectures of searches on a queue.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { reasonOf } from '../core/errors/index.js';
import { encoderFile, loadEncoder, Predictor, writeSafetensors } from '../core/model/index.js';
import { loadPreset, openPresetData } from '../core/preset/index.js';
import { seededRandom } from '../core/random/index.js';
import type { Device } from '../core/runtime/index.js';
import { candidateStep } from '../library/measured-step.js';
import { chooseDevice } from '../platform/node/device.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { LocalWorkers, makeWorkerFolder, removeDeadFolders, type WorkerFolder } from '../platform/node/workers/index.js';
import { serveQueue } from '../platform/redis/index.js';
import {
  dataFingerprint,
  encoderFingerprint,
  type Executor,
  fileHash,
  ownVersion,
  prepareTaps,
  type RunSetting,
} from '../core/search/index.js';
import { deviceOption, parseOptions, positiveNumber, wholeNumber } from './options.js';
import { onInterrupt, ProgressLine } from './progress.js';

const schema = z.object({
  queue: z.string(),
  data: z.string(),
  encoderWeights: z.string().optional(),
  teacher: z.string().optional(),
  workers: wholeNumber(1).optional(),
  device: deviceOption.default('cpu'),
  threads: wholeNumber(1).optional(),
  lock: positiveNumber.optional(),
});

type WorkerOptions = z.output<typeof schema> & { readonly workers: number; readonly device: Device };

export async function workerCommand(raw: unknown): Promise<void> {
  const given = parseOptions(schema, raw);
  const progress = new ProgressLine();
  const cores = availableParallelism();
  // Searches come and go, and so many at once is said to each: it is measured before any is known.
  const device = await chooseDevice(given.device, {
    threads: cores,
    what: 'a step of the preset camvid',
    measure: candidateStep(await loadPreset('camvid')),
    say: (text) => progress.print(text),
  });
  const options = { ...given, device, workers: given.workers ?? (device === 'webgpu' ? 1 : cores) };
  const interrupt = onInterrupt(progress);
  try {
    for (const folder of await removeDeadFolders()) progress.print(`removed ${folder}, which a worker that died had left`);
    await serveQueue({
      url: options.queue,
      slots: options.workers,
      ...(options.lock !== undefined && { lockSeconds: options.lock }),
      join: (_, setting) => join(setting, options, progress, interrupt.signal),
      say: (text) => progress.print(text),
      signal: interrupt.signal,
    });
  } finally {
    interrupt.release();
    progress.end();
  }
}

/** Sets up for a search, where this machine has the same version, data, encoder and teacher. */
async function join(
  setting: RunSetting,
  options: WorkerOptions,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<{ readonly refusal: string } | { readonly executor: Executor }> {
  const { preset, seed } = setting;
  if (setting.version !== ownVersion) return { refusal: `the search is of version ${setting.version}, this is ${ownVersion}` };
  let place: WorkerFolder | undefined;
  try {
    const dataset = await openPresetData(options.data, preset);
    if ((await dataFingerprint(dataset)) !== setting.data) return { refusal: `the data in ${options.data} is not the search's` };
    const source = options.encoderWeights ?? preset.encoder;
    const encoder = await loadEncoder(source);
    if (encoderFingerprint(encoder) !== setting.encoder)
      return { refusal: `the encoder ${source} is not the search's; give that with --encoder-weights` };
    const own = options.teacher === undefined ? null : await fileHash(options.teacher);
    if (own !== setting.teacher)
      return { refusal: setting.teacher === null ? 'the search has no teacher' : "the search's teacher is needed; give it with --teacher" };
    place = await makeWorkerFolder();
    const { folder } = place;
    const cores = availableParallelism();
    const runtime = await nodeRuntime({ threads: cores });
    const predictor = options.teacher === undefined ? undefined : await Predictor.open(runtime, options.teacher);
    const teacher = predictor && options.teacher !== undefined ? { file: options.teacher, predictor } : undefined;
    const onProgress = (what: string, done: number, total: number): void => progress.show(`${what} ${done} of ${total}`);
    const prepared = { preset, dataset, encoder, random: seededRandom(seed), teacher, onProgress, signal };
    await prepareTaps(runtime, prepared, path.join(folder, 'taps'));
    await predictor?.close();
    const encoderPath = path.join(folder, 'encoder.safetensors');
    await writeSafetensors(encoderPath, encoderFile(encoder));
    const threads = options.threads ?? Math.max(1, Math.floor(cores / options.workers));
    const local = new LocalWorkers(
      {
        preset,
        data: path.resolve(options.data),
        seed,
        encoder: encoderPath,
        taps: path.join(folder, 'taps'),
        threads,
        device: options.device,
      },
      { workers: options.workers },
    );
    return { executor: removing(local, place) };
  } catch (error) {
    await place?.remove();
    if (signal.aborted) throw error;
    return { refusal: reasonOf(error) };
  }
}

/** The executor, whose folder goes with it. */
function removing(executor: Executor, place: WorkerFolder): Executor {
  return {
    slots: executor.slots,
    evaluate: (job, observer) => executor.evaluate(job, observer),
    close: async () => {
      await executor.close();
      await place.remove();
    },
  };
}
