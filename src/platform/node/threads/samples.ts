// A thread of `SamplePool`.

import '../use-node.js';
import { parentPort, workerData } from 'node:worker_threads';
import { type SampleJob, sampleWork } from '../../../core/data/sample-worker.js';

const answer = sampleWork.begin(workerData);
parentPort?.on('message', async (job: SampleJob) => parentPort?.postMessage(await answer(job)));
