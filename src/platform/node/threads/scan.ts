// A thread of `scanSamples`.

import '../use-node.js';
import { parentPort } from 'node:worker_threads';
import { type ScanJob, scanWork } from '../../../core/inspect/scan-worker.js';

const answer = scanWork.begin(undefined);
parentPort?.on('message', async (job: ScanJob) => parentPort?.postMessage(await answer(job)));
