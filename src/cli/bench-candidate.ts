// `bench candidate`: workload W1. CamVid at 240×176, 44 steps of 16 cached taps, then validation; see bench/README.md.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { classNames, frame, loadSample, openDataset, type Sample, type Dataset, type LabelledImage } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { loadEncoder } from '../core/model/index.js';
import { seededRandom } from '../core/random/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { type Architecture, architectureToJson, formatArchitecture, parseGenotype, publishedGenotypes } from '../core/space/index.js';
import { segmentation } from '../core/task/index.js';
import { writeTapCache } from '../core/train/index.js';
import type { BenchReply, BenchTask } from './bench-worker.js';
import { oneDevice, parseOptions, readGenotype, wholeNumber } from './options.js';
import { fitted } from './table.js';

const [width, height] = [240, 176];
const task = segmentation({ task: 'segmentation', classes: classNames({ classes: 11, ignore: 11 }) });

/** The first five of `RandomSearch` with seed 2019 (a test checks it); the PyTorch twin has the same list. */
export const randomGenotypes = [
  '[[9,[1,0,10,8],[3,4,1,2],[7,3,0,9]],[[2,3],[0,2],[1,3]]]',
  '[[7,[1,1,0,1],[1,2,3,1],[4,2,3,8]],[[1,2],[0,4],[2,1]]]',
  '[[7,[1,1,3,0],[3,4,2,7],[3,3,6,5]],[[2,1],[2,1],[2,3]]]',
  '[[7,[1,0,6,10],[3,3,1,8],[5,6,10,1]],[[3,2],[0,3],[0,1]]]',
  '[[6,[0,0,5,1],[1,4,5,6],[6,4,10,10]],[[0,2],[3,4],[3,1]]]',
] as const;

const optionsSchema = z.object({
  data: z.string(),
  weights: z.string(),
  genotype: z.array(z.string()).optional(),
  workers: wholeNumber(1),
  threads: wholeNumber(1),
  layout: z.enum(['auto', 'portable']),
  device: oneDevice.default('cpu'),
  json: z.boolean().default(false),
});

export async function benchCandidate(raw: unknown): Promise<void> {
  const { data, weights, genotype, workers, threads, layout, device, json } = parseOptions(optionsSchema, raw);
  const genotypes = genotype
    ? await Promise.all(genotype.map(readGenotype))
    : [...Object.values(publishedGenotypes), ...randomGenotypes].map(parseGenotype);
  const dataset = await openDataset(data, { classes: task.outputs, ignore: task.outputs });
  const encoder = await loadEncoder(weights);
  const runtime = await nodeRuntime({ threads: 2, layout });
  const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-bench-'));
  const cache = async (name: string, samples: readonly Sample[], targets: 'training' | 'validation'): Promise<string> => {
    const options = { weights: encoder, count: samples.length, width, height, task, targets };
    await writeTapCache(runtime, stretched(samples, dataset), options, path.join(folder, name));
    return path.join(folder, name);
  };
  const caches = {
    train: await cache('train', dataset.train, 'training'),
    validation: await cache('validation', dataset.val, 'validation'),
  };

  const pool = Array.from(
    { length: workers },
    () => new BenchWorker({ ...caches, layout, device, threads: workers > 1 ? 1 : threads, task: task.description }),
  );
  try {
    for (const g of genotypes) {
      const line = await measure(pool, g);
      if (json) console.log(JSON.stringify(line));
      else
        console.log(
          fitted(
            `${line.per_candidate_s.toFixed(2)} s a candidate (training ${line.train_s.toFixed(2)} s), mean IoU ${line.miou.toFixed(4)}  ${JSON.stringify(line.genotype)}`,
          ),
        );
    }
  } finally {
    await Promise.all(pool.map((worker) => worker.close()));
    await rm(folder, { recursive: true });
  }
}

async function* stretched(samples: readonly Sample[], { labelling }: Dataset): AsyncIterable<LabelledImage> {
  const random = seededRandom(0);
  for (const sample of samples) yield frame(await loadSample(sample, labelling), { kind: 'resize', width, height }, labelling, random);
}

async function measure(pool: readonly BenchWorker[], genotype: Architecture) {
  const started = performance.now();
  const replies = await Promise.all(pool.map((worker, i) => worker.run(formatArchitecture(genotype), i)));
  const wall = (performance.now() - started) / 1000;
  const mean = (f: (reply: BenchReply) => number): number => replies.reduce((n, reply) => n + f(reply), 0) / replies.length;
  return {
    genotype: architectureToJson(genotype),
    steps: mean((r) => r.steps),
    train_s: mean((r) => r.trainSeconds),
    val_s: mean((r) => r.validationSeconds),
    total_s: mean((r) => r.trainSeconds + r.validationSeconds),
    per_candidate_s: wall / replies.length,
    miou: mean((r) => r.miou),
    loss: mean((r) => r.loss),
    peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    workers: pool.length,
  };
}

/** A thread with an ONNX Runtime session of its own. */
class BenchWorker {
  readonly #worker: Worker;

  constructor(workerData: BenchTask) {
    this.#worker = new Worker(new URL('./bench-worker.js', import.meta.url), { workerData });
  }

  run(genotype: string, seed: number): Promise<BenchReply> {
    return new Promise((resolve, reject) => {
      const done = (reply: BenchReply | { readonly error: string }): void => {
        this.#worker.off('error', reject);
        if ('error' in reply) reject(new UserError(`candidate ${genotype}: ${reply.error}`));
        else resolve(reply);
      };
      this.#worker.once('error', reject);
      this.#worker.once('message', done);
      this.#worker.postMessage({ genotype, seed });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
