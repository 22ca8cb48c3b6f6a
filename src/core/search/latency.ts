// How long the deployed network takes for one image on this machine, by itself: weights do not matter to that.

import type { TaskDescription } from '../task/index.js';
import { exportNetwork, freshNetwork } from '../model/index.js';
import type { DecoderRecipe } from '../train/index.js';
import { seededRandom } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Architecture } from '../space/index.js';

export interface LatencyOptions {
  readonly genotype: Architecture;
  readonly task: TaskDescription;
  readonly decoder: Pick<DecoderRecipe, 'width' | 'sepRepeats'>;
  /** [height, width] */
  readonly inputSize: readonly [number, number];
  readonly half?: boolean;
  /** Timed runs, after `warmUp` that are not. */
  readonly runs?: number;
  readonly warmUp?: number;
}

/** Milliseconds, the median of the runs, on the runtime's threads. */
export async function measureLatency(
  runtime: Runtime,
  { genotype, task, decoder, inputSize: [height, width], half = false, runs = 15, warmUp = 3 }: LatencyOptions,
): Promise<number> {
  const random = seededRandom(0);
  const image = Float32Array.from({ length: 3 * width * height }, () => 2 * random.next() - 1);
  const network = freshNetwork({ genotype, task, ...decoder }, random);
  const session = await runtime.open(exportNetwork(network, { half }));
  try {
    const run = (): Promise<unknown> => session.run({ image: { data: image, dims: [1, 3, height, width] } });
    for (let i = 0; i < warmUp; i++) await run();
    const times: number[] = [];
    for (let i = 0; i < runs; i++) {
      const started = performance.now();
      await run();
      times.push(performance.now() - started);
    }
    return times.toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
  } finally {
    await session.release();
  }
}
