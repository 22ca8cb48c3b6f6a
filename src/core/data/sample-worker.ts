// What a thread of `SamplePool` does.

import { reasonOf } from '../errors/index.js';
import { seededRandom } from '../random/index.js';
import { DataError } from './errors.js';
import { loadSample } from './load-sample.js';
import type { ThreadWork } from '../platform/index.js';
import type { Labelling, Sample } from './dataset.js';
import { frame, type Framing, type LabelledImage } from './loader.js';

export interface SampleRequest {
  readonly sample: Sample;
  readonly seed: number;
}

export interface SampleJob extends SampleRequest {
  readonly id: number;
  readonly framing: Framing;
  readonly labelling: Labelling;
}

export type SampleReply = { readonly id: number } & (
  | { readonly labelled: LabelledImage }
  | { readonly message: string; readonly isDataError: boolean }
);

/** What a worker is started with. */
export interface SampleWorkerOptions {
  /** Bytes of decoded files that it may keep. */
  readonly cacheBytes: number;
}

function begin({ cacheBytes }: SampleWorkerOptions): (job: SampleJob) => Promise<SampleReply> {
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

  return async ({ id, sample, seed, framing, labelling }) => {
    try {
      return { id, labelled: await frame(await load(sample, labelling), framing, labelling, seededRandom(seed)) };
    } catch (error) {
      return { id, message: reasonOf(error), isDataError: error instanceof DataError };
    }
  };
}

function bytesOf({ image, truth }: LabelledImage): number {
  const { byteLength } = 'joints' in truth ? truth.joints : 'metres' in truth ? truth.metres : truth.data;
  return image.data.length + byteLength;
}

export const sampleWork: ThreadWork<SampleWorkerOptions, SampleJob, SampleReply> = { name: 'samples', begin };
