// A worker thread of `SamplePool`.

import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../errors/index.js';
import { seededRandom } from '../random/index.js';
import { DataError } from './errors.js';
import { loadSample } from './load-sample.js';
import { frame, type LabelledImage } from './loader.js';
import type { SampleJob, SampleReply, SampleWorkerOptions } from './sample-stream.js';

const { cacheBytes }: SampleWorkerOptions = workerData;
const decoded = new Map<string, LabelledImage>();
let bytes = 0;

/** Decoded, from memory where it was kept. What came first stays: every pass asks for every file once. */
async function load(sample: SampleJob['sample'], labelling: SampleJob['labelling']): Promise<LabelledImage> {
  const known = decoded.get(sample.image);
  // An image may show several people.
  if (known) return 'person' in sample ? { image: known.image, truth: sample.person } : known;
  const labelled = await loadSample(sample, labelling);
  const size = bytesOf(labelled);
  if (bytes + size <= cacheBytes) {
    decoded.set(sample.image, labelled);
    bytes += size;
  }
  return labelled;
}

function bytesOf({ image, truth }: LabelledImage): number {
  const { byteLength } = 'joints' in truth ? truth.joints : 'metres' in truth ? truth.metres : truth.data;
  return image.data.length + byteLength;
}

parentPort?.on('message', async ({ id, sample, seed, framing, labelling }: SampleJob) => {
  let reply: SampleReply;
  try {
    reply = { id, labelled: await frame(await load(sample, labelling), framing, labelling, seededRandom(seed)) };
  } catch (error) {
    reply = { id, message: reasonOf(error), isDataError: error instanceof DataError };
  }
  parentPort?.postMessage(reply);
});
