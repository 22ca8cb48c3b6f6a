// What a thread of `scanSamples` does.

import type { Labelling } from '../data/index.js';
import { reasonOf } from '../errors/index.js';
import type { ThreadWork } from '../platform/index.js';
import type { SampleFacts } from './facts.js';
import { type ScanRequest, scanSample } from './scan-sample.js';

export interface ScanJob {
  readonly index: number;
  readonly request: ScanRequest;
  readonly labelling: Labelling;
}

export interface ScanReply {
  readonly index: number;
  readonly facts: SampleFacts;
}

async function answer({ index, request, labelling }: ScanJob): Promise<ScanReply> {
  try {
    return { index, facts: await scanSample(request, labelling) };
  } catch (error) {
    return { index, facts: { faults: [{ file: request.sample.image, reason: reasonOf(error) }] } };
  }
}

export const scanWork: ThreadWork<undefined, ScanJob, ScanReply> = { name: 'scan', begin: () => answer };
