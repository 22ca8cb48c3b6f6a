// Validation of a decoder on cached taps: weights become constants, so that ONNX Runtime's own optimiser does all it
// can (batch normalisation folded, blocked kernels).

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { input, lowerGraph, resizeBilinear } from '../graph/index.js';
import { buildDecoder, Scope } from '../nn/index.js';
import { floatsOf, type Runtime } from '../runtime/index.js';
import type { Genotype } from '../space/index.js';
import type { Metrics, Task } from '../task/index.js';
import type { DecoderRecipe } from './step.js';
import type { TapCache } from './tap-cache.js';

export interface ValidationOptions {
  readonly genotype: Genotype;
  readonly decoder: Pick<DecoderRecipe, 'width' | 'sepRepeats'>;
  readonly task: Task;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly threads: number;
  readonly batch?: number;
  /** Sees every batch's outputs at the labels' resolution, for pictures. */
  readonly onOutputs?: (outputs: Float32Array, first: number, count: number) => void;
}

export async function validateDecoder(runtime: Runtime, cache: TapCache, options: ValidationOptions): Promise<Metrics> {
  const { genotype, decoder, task, parameters, threads, batch = 16, onOutputs } = options;
  const scope = Scope.root('inference', 'decoder.');
  const taps = cache.shapes.map((shape, i) => input(`tap${i}`, [{ symbol: 'batch', divisor: 1 }, ...shape]));
  const { logits } = buildDecoder(scope, taps, genotype, { outputs: task.outputs, ...decoder });
  const [h, w] = cache.labelSize;
  const outputs = resizeBilinear(logits, h, w);
  const bindings = new Map(
    scope.parameters.flatMap(({ name, tensor }) => {
      const value = parameters.get(name);
      // Parts that cannot reach the output were not trained and are not run.
      return value ? [[tensor, value] as const] : [];
    }),
  );
  const session = await runtime.open(lowerGraph({ outputs }, { bindings }), { threads });
  try {
    const accumulator = task.accumulator();
    for (let first = 0; first < cache.count; first += batch) {
      const count = Math.min(batch, cache.count - first);
      const feeds = Object.fromEntries(
        cache.shapes.flatMap(([c, th, tw], i) => {
          // A copy: the runtime takes no memory that threads share.
          const values = cache.taps[i]?.slice(first * c * th * tw, (first + count) * c * th * tw);
          return session.inputNames.includes(`tap${i}`) && values
            ? [[`tap${i}`, new OrtTensor('float32', values, [count, c, th, tw])]]
            : [];
        }),
      );
      const values = floatsOf(await session.run(feeds), 'outputs');
      accumulator.add(values, cache.labels.subarray(first * h * w, (first + count) * h * w), count);
      onOutputs?.(values, first, count);
    }
    return accumulator.result();
  } finally {
    await session.release();
  }
}
