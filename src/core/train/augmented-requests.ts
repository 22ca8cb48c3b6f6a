import type { Sample, SampleRequest } from '../data/index.js';
import type { Random } from '../random/index.js';

/** `count` draws: whole passes over the list, each in an order of its own, each draw with a seed of its own. */
export function augmentedRequests(samples: readonly Sample[], count: number, random: Random): SampleRequest[] {
  const requests: SampleRequest[] = [];
  while (requests.length < count) {
    for (const i of random.permutation(samples.length)) {
      const sample = samples[i];
      if (sample && requests.length < count) requests.push({ sample, seed: random.integer(2 ** 31) });
    }
  }
  return requests;
}
