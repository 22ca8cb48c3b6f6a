// Validation: weights become constants, so that ONNX Runtime's own optimiser does all it can (batch normalisation
// folded, blocked kernels).

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { input, lowerGraph, resizeBilinear, type Tensor } from '../graph/index.js';
import { buildDecoder, buildNetwork, type EncoderOptions, Scope } from '../nn/index.js';
import { floatsOf, type Runtime } from '../runtime/index.js';
import type { Genotype } from '../space/index.js';
import type { Metrics, Task } from '../task/index.js';
import type { DecoderRecipe } from './step.js';
import type { TapCache } from './tap-cache.js';

export interface ValidationOptions {
  readonly genotype: Genotype;
  readonly decoder: Pick<DecoderRecipe, 'width' | 'sepRepeats'>;
  readonly task: Task;
  /** By name: `decoder.…`, for whole networks `encoder.…` too. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly threads: number;
  readonly batch?: number;
}

/** Images as the encoder takes them, with their labels. */
export interface ImageSet {
  readonly count: number;
  /** [count, 3, height, width], normalised. */
  readonly images: Float32Array;
  /** [count, height, width] */
  readonly labels: Uint8Array;
  readonly labelSize: readonly [number, number];
}

/** A decoder on the cached taps of a frozen encoder. */
export function validateDecoder(runtime: Runtime, cache: TapCache, options: ValidationOptions): Promise<Metrics> {
  const { genotype, decoder, task } = options;
  const scope = Scope.root('inference');
  const taps = cache.shapes.map((shape, i) => input(`tap${i}`, [openBatch, ...shape]));
  const { logits } = buildDecoder(scope.child('decoder'), taps, genotype, { outputs: task.outputs, ...decoder });
  const inputs = cache.shapes.map((dims, i) => ({ name: `tap${i}`, values: cache.taps[i] ?? new Float32Array(), dims }));
  return validate(runtime, scope, logits, cache, inputs, options);
}

/** Encoder and decoder on images. */
export function validateNetwork(runtime: Runtime, set: ImageSet, encoder: EncoderOptions, options: ValidationOptions): Promise<Metrics> {
  const { genotype, decoder, task } = options;
  const scope = Scope.root('inference');
  const dims = [3, ...set.labelSize];
  const { logits } = buildNetwork(scope, input('image', [openBatch, ...dims]), {
    genotype,
    encoder,
    decoder: { outputs: task.outputs, ...decoder },
  });
  return validate(runtime, scope, logits, set, [{ name: 'image', values: set.images, dims }], options);
}

const openBatch = { symbol: 'batch', divisor: 1 };

interface ValidationInput {
  readonly name: string;
  /** [count, …dims] */
  readonly values: Float32Array;
  readonly dims: readonly number[];
}

async function validate(
  runtime: Runtime,
  scope: Scope,
  logits: Tensor,
  { count, labels, labelSize }: Pick<ImageSet, 'count' | 'labels' | 'labelSize'>,
  inputs: readonly ValidationInput[],
  { task, parameters, threads, batch = 16 }: ValidationOptions,
): Promise<Metrics> {
  const [h, w] = labelSize;
  const outputs = resizeBilinear(logits, h, w);
  // What was not trained cannot reach the output; at most its map's open size is asked for.
  const untrained = (shape: readonly number[]): Float32Array => new Float32Array(shape.reduce((n, d) => n * d, 1));
  const bindings = new Map(scope.parameters.map(({ name, shape, tensor }) => [tensor, parameters.get(name) ?? untrained(shape)]));
  const session = await runtime.open(lowerGraph({ outputs }, { bindings }), { threads });
  try {
    const accumulator = task.accumulator();
    for (let first = 0; first < count; first += batch) {
      const size = Math.min(batch, count - first);
      const used = inputs.filter(({ name }) => session.inputNames.includes(name));
      const feeds = used.map(({ name, values, dims }) => {
        const row = dims.reduce((n, d) => n * d, 1);
        // A copy: the runtime takes no memory that threads share.
        return [name, new OrtTensor('float32', values.slice(first * row, (first + size) * row), [size, ...dims])];
      });
      const values = floatsOf(await session.run(Object.fromEntries(feeds)), 'outputs');
      accumulator.add(values, labels.subarray(first * h * w, (first + size) * h * w), size);
    }
    return accumulator.result();
  } finally {
    await session.release();
  }
}
