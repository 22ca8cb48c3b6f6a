// How large the deployed model's file is: weights do not matter to that.

import { exportDeployed, freshNetwork } from '../model/index.js';
import { seededRandom } from '../random/index.js';
import type { LatencyOptions } from './latency.js';

/** Of the float32 model as a search leaves it. */
export function modelBytes({ genotype, task, decoder }: Pick<LatencyOptions, 'genotype' | 'task' | 'decoder'>): number {
  return exportDeployed(freshNetwork({ genotype, task, ...decoder }, seededRandom(0))).length;
}
