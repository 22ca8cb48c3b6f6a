// Static 8-bit quantisation, calibrated on images: every map that a convolution, sum or resize gives is rounded to 8 bits
// with one scale, weights with a scale per output channel (the scheme of B. Jacob et al., arXiv 1712.05877, section 2). The model
// carries it as QuantizeLinear/DequantizeLinear pairs, of which ONNX Runtime makes its 8-bit kernels. ONNX Runtime's own
// quantiser is written in Python, so this is ours.

import type { RgbImage } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { lowerGraph, type OpKind, type Quantisation, type Tensor, topologicalOrder } from '../graph/index.js';
import { normaliseImages } from '../nn/index.js';
import { floatsOf, type Runtime } from '../runtime/index.js';
import { deployedGraph, type ExportOptions } from './export.js';
import { parseNormalisation } from './encoder-weights.js';
import type { NetworkWeights } from './network-file.js';

/** The first whose DequantizeLinear takes a scale a channel. */
const perChannelOpset = 13;

export interface QuantiseOptions extends Omit<ExportOptions, 'half'> {
  readonly onProgress?: (done: number) => void;
}

/** A model in 8 bits. @param images to calibrate on, at the size at which it will be used */
export async function quantiseNetwork(
  runtime: Runtime,
  network: NetworkWeights,
  images: AsyncIterable<RgbImage>,
  { onProgress, ...options }: QuantiseOptions = {},
): Promise<Uint8Array> {
  if (options.opset !== undefined && options.opset < perChannelOpset)
    throw new UserError(
      `8 bits in operator set ${options.opset}: weights have a scale a channel, which there is from ${perChannelOpset} on`,
    );
  const graph = deployedGraph(network, options);
  const maps = roundedMaps(graph.image, graph.logits);
  const names = maps.map((_, i) => `map${i}`);
  const observed = lowerGraph(Object.fromEntries(maps.map((t, i) => [`map${i}`, t])), { bindings: graph.bindings });
  const session = await runtime.open(observed);
  const ranges = maps.map(() => ({ low: 0, high: 0 }));
  const normalisation = parseNormalisation(graph.metadata['normalisation'] ?? '', 'the network');
  const inputName = graph.metadata['input_name'] ?? 'image';
  let count = 0;
  try {
    for await (const image of images) {
      const feed = { data: normaliseImages([image], normalisation), dims: [1, 3, image.height, image.width] };
      const results = await session.run({ [inputName]: feed });
      names.forEach((name, i) => {
        const range = ranges[i];
        if (!range) return;
        const { low, high } = extremes(floatsOf(results, name));
        range.low += low;
        range.high += high;
      });
      count++;
      onProgress?.(count);
    }
  } finally {
    await session.release();
  }
  if (count === 0) throw new RangeError('no image to calibrate on');
  // The mean of the images' extremes: one odd pixel does not take the resolution from all others.
  const quantised = new Map(maps.map((t, i) => [t, quantisation((ranges[i]?.low ?? 0) / count, (ranges[i]?.high ?? 0) / count)]));
  const metadata = { ...graph.metadata, precision: 'int8' };
  return lowerGraph({ logits: graph.output }, { bindings: graph.bindings, metadata, quantised, opset: options.opset });
}

const mapOps: ReadonlySet<OpKind> = new Set<OpKind>(['conv2d', 'relu', 'clip', 'add', 'concat', 'resize', 'maxPool', 'spatialMean']);
const activations: ReadonlySet<OpKind> = new Set<OpKind>(['relu', 'clip']);

/** What is rounded: the image as it goes into the first convolution, and the maps behind it, each after its activation. */
function roundedMaps(image: Tensor, logits: Tensor): Tensor[] {
  const order = topologicalOrder([logits]);
  const consumers = new Map<Tensor, OpKind[]>();
  for (const { op, inputs } of order) for (const t of inputs) consumers.set(t, [...(consumers.get(t) ?? []), op.kind]);
  const maps = order.flatMap(({ op, outputs: [t] }) => {
    if (t?.shape.length !== 4 || !mapOps.has(op.kind)) return [];
    const uses = consumers.get(t) ?? [];
    return uses.length === 1 && uses.every((use) => activations.has(use)) ? [] : [t];
  });
  const first = consumers.get(image)?.includes('conv2d') ? [image] : [];
  return [...first, ...maps];
}

function extremes(values: Float32Array): { low: number; high: number } {
  let [low, high] = [0, 0];
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return { low, high };
}

/** The range in 256 steps, of which zero is one: padding stays exact. @param low at most 0 @param high at least 0 */
export function quantisation(low: number, high: number): Quantisation {
  const scale = Math.max(high - low, 1e-6) / 255;
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-low / scale))) };
}
