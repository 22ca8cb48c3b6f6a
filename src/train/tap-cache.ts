// The encoder's four outputs and the targets of a set of images, computed once and kept in memory: stage 1 freezes the
// encoder, so every architecture trains on these (paper, section 3.3.1).

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { input, lowerGraph } from '../graph/index.js';
import { type LabelledImage, resizeLabels, type RgbImage } from '../data/index.js';
import { buildMobileNetV2, type EncoderWeights, normaliseImages, Scope } from '../nn/index.js';
import { floatsOf, type Runtime } from '../runtime/index.js';
import type { TeacherLogits } from './teacher.js';

export interface TapCache {
  readonly count: number;
  /** Shape [C, h, w] of each tap. */
  readonly shapes: readonly (readonly [number, number, number])[];
  /** [count, C, h, w] of each tap. */
  readonly taps: readonly Float32Array[];
  /** Labels [count, height, width]. */
  readonly labels: Uint8Array;
  readonly labelSize: readonly [number, number];
  /** A teacher's logits on the same samples. */
  readonly teacher?: TeacherLogits;
}

export interface CacheOptions {
  readonly weights: EncoderWeights;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** Labels at the resolution of the first tap (training) or of the image (validation). */
  readonly labels: 'tap' | 'image';
  readonly threads: number;
  readonly batch?: number;
  readonly onProgress?: (done: number) => void;
}

/** @param samples yields `count` images of the given size, with their labels. */
export async function buildTapCache(runtime: Runtime, samples: AsyncIterable<LabelledImage>, options: CacheOptions): Promise<TapCache> {
  const { weights, count, width, height, threads, batch = 8, onProgress } = options;
  const scope = Scope.root('inference');
  const image = input('image', [{ symbol: 'batch', divisor: 1 }, 3, height, width]);
  const outputs = buildMobileNetV2(scope, image, weights.options);
  const bindings = new Map(scope.parameters.map(({ name, tensor }) => [tensor, weights.tensors.get(name)?.data ?? new Float32Array()]));
  const names = outputs.map((_, i) => `tap${i}`);
  const model = lowerGraph(Object.fromEntries(outputs.map((t, i) => [`tap${i}`, t])), { bindings });
  const session = await runtime.open(model, { threads });
  try {
    const shapes = outputs.map(({ shape: [, c, h, w] }): [number, number, number] => [Number(c), Number(h), Number(w)]);
    const taps = shapes.map(([c, h, w]) => new Float32Array(count * c * h * w));
    const [, th = 0, tw = 0] = shapes[0] ?? [];
    const labelSize: readonly [number, number] = options.labels === 'tap' ? [th, tw] : [height, width];
    const labels = new Uint8Array(count * labelSize[0] * labelSize[1]);
    let done = 0;
    let pending: RgbImage[] = [];
    const flush = async (): Promise<void> => {
      if (pending.length === 0) return;
      const feed = new OrtTensor('float32', normaliseImages(pending, weights.normalisation), [pending.length, 3, height, width]);
      const results = await session.run({ image: feed });
      names.forEach((name, i) => {
        const values = floatsOf(results, name);
        taps[i]?.set(values, (done * values.length) / pending.length);
      });
      done += pending.length;
      pending = [];
      onProgress?.(done);
    };
    let seen = 0;
    for await (const sample of samples) {
      labels.set(resizeLabels(sample.labels, labelSize[1], labelSize[0]).data, seen * labelSize[0] * labelSize[1]);
      pending.push(sample.image);
      seen++;
      if (pending.length === batch) await flush();
    }
    await flush();
    if (done !== count) throw new RangeError(`tap cache: ${done} samples came, ${count} were announced`);
    return { count, shapes, taps, labels, labelSize };
  } finally {
    await session.release();
  }
}

/** The named samples' rows of one array of equal rows. */
export function gatherRows<T extends Float32Array | Uint8Array | Uint16Array>(
  rows: T,
  rowLength: number,
  order: readonly number[],
  target: T | Int32Array,
): void {
  order.forEach((row, i) => {
    target.set(rows.subarray(row * rowLength, (row + 1) * rowLength), i * rowLength);
  });
}
