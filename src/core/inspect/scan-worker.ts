// A worker thread of `scanSamples`.

import { parentPort } from 'node:worker_threads';
import { reasonOf } from '../errors/index.js';
import type { ScanJob, ScanReply } from './scan.js';
import { scanSample } from './scan-sample.js';

parentPort?.on('message', async ({ index, request, labelling }: ScanJob) => {
  let reply: ScanReply;
  try {
    reply = { index, facts: await scanSample(request, labelling) };
  } catch (error) {
    reply = { index, facts: { faults: [{ file: request.sample.image, reason: reasonOf(error) }] } };
  }
  parentPort?.postMessage(reply);
});
