// A worker thread of `streamSamples`.

import { parentPort } from 'node:worker_threads';
import { reasonOf } from '../errors/index.js';
import { seededRandom } from '../random/index.js';
import { DataError } from './errors.js';
import { frame, loadSample } from './loader.js';
import type { SampleJob, SampleReply } from './sample-stream.js';

parentPort?.on('message', async ({ sample, seed, framing, dataset }: SampleJob) => {
  let reply: SampleReply;
  try {
    reply = { labelled: await frame(await loadSample(sample, dataset), framing, dataset.ignore, seededRandom(seed)) };
  } catch (error) {
    reply = { message: reasonOf(error), isDataError: error instanceof DataError };
  }
  parentPort?.postMessage(reply);
});
