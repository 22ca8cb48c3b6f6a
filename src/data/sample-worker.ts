// A worker thread of `SamplePool`.

import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../errors/index.js';
import { seededRandom } from '../random/index.js';
import { DataError } from './errors.js';
import { frame, type LabelledImage, loadSample } from './loader.js';
import type { SampleJob, SampleReply, SampleWorkerOptions } from './sample-stream.js';

const { cacheBytes }: SampleWorkerOptions = workerData;
const decoded = new Map<string, LabelledImage>();
let bytes = 0;

/** Decoded, from memory where it was kept. What came first stays: every pass asks for every file once. */
async function load(sample: SampleJob['sample'], dataset: SampleJob['dataset']): Promise<LabelledImage> {
  const known = decoded.get(sample.image);
  if (known) return known;
  const labelled = await loadSample(sample, dataset);
  const size = labelled.image.data.length + labelled.labels.data.length;
  if (bytes + size <= cacheBytes) {
    decoded.set(sample.image, labelled);
    bytes += size;
  }
  return labelled;
}

parentPort?.on('message', async ({ id, sample, seed, framing, dataset }: SampleJob) => {
  let reply: SampleReply;
  try {
    reply = { id, labelled: await frame(await load(sample, dataset), framing, dataset.ignore, seededRandom(seed)) };
  } catch (error) {
    reply = { id, message: reasonOf(error), isDataError: error instanceof DataError };
  }
  parentPort?.postMessage(reply);
});
