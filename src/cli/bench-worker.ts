// A worker thread of `bench candidate`: runs genotypes as it is told.

import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../core/errors/index.js';
import { seededRandom } from '../core/random/index.js';
import type { Device } from '../core/runtime/index.js';
import '../platform/node/use-node.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { evaluateCandidate } from '../core/search/index.js';
import { decoderSizeOf, parseArchitecture } from '../core/space/index.js';
import { createTask, type TaskDescription } from '../core/task/index.js';
import { openTapCache } from '../core/train/index.js';

export interface BenchTask {
  /** Folders with prepared taps. */
  readonly train: string;
  readonly validation: string;
  readonly layout: 'auto' | 'portable';
  readonly threads: number;
  readonly device: Device;
  readonly task: TaskDescription;
}

export interface BenchReply {
  readonly steps: number;
  readonly trainSeconds: number;
  readonly validationSeconds: number;
  readonly miou: number;
  readonly loss: number;
}

/** Workload W1's recipe. */
const stage1 = {
  epochs: 2,
  batch: 16,
  decoder: { width: 48, sepRepeats: 1, auxiliaryWeight: 0.15 },
  optimiser: { learningRate: 3e-3, weightDecay: 1e-5, clipNorm: 3, polyakDecay: 0.9 },
};

const { train: trainFolder, validation: validationFolder, layout, threads, device, task }: BenchTask = workerData;
const runtime = await nodeRuntime({ threads, layout, device });
const [train, validation] = [await openTapCache(trainFolder), await openTapCache(validationFolder)];
if (!train || !validation) throw new RangeError('the taps are not prepared');
const context = { runtime, task: createTask(task), train, validation };

parentPort?.on('message', async ({ genotype, seed }: { genotype: string; seed: number }) => {
  try {
    const architecture = parseArchitecture(genotype);
    const decoder = { ...stage1.decoder, ...decoderSizeOf(architecture, {}, stage1.decoder) };
    const own = { ...context, stage1: { ...stage1, decoder } };
    const { steps, trainSeconds, validationSeconds, metrics, loss } = await evaluateCandidate(own, architecture, {
      random: seededRandom(seed),
    });
    const reply: BenchReply = { steps, trainSeconds, validationSeconds, miou: metrics['meanIoU'] ?? 0, loss };
    parentPort?.postMessage(reply);
  } catch (error) {
    parentPort?.postMessage({ error: reasonOf(error) });
  }
});
