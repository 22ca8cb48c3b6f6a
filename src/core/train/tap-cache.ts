// The encoder's four outputs and the targets of a set of images, computed once: stage 1 freezes the encoder, so every
// architecture trains on these (paper, section 3.3.1). They stay in memory, or in files that several processes read.

import { z } from 'zod';
import type { LabelledImage, RgbImage } from '../data/index.js';
import { parseJson } from '../errors/index.js';
import { files, path, platform, sha256, textOf } from '../platform/index.js';
import { input, lowerGraph } from '../graph/index.js';
import { buildMobileNetV2, type EncoderWeights, normaliseImages, Scope } from '../nn/index.js';
import { floatsOf, type Runtime } from '../runtime/index.js';
import type { MapShape, TargetRows, Task } from '../task/index.js';
import { rowSum } from './row-sum.js';
import { type FileRows, fileRows, memoryRows, rowFileBytes, type Rows, sumsOf } from './rows.js';
import { joinRows } from './targets.js';
import type { TeacherLogits } from './teacher.js';

export type TapShape = readonly [number, number, number];

export interface TapCache {
  readonly count: number;
  /** Shape [C, h, w] of each tap. */
  readonly shapes: readonly TapShape[];
  /** A row per image of each tap: [C, h, w]. */
  readonly taps: readonly Rows[];
  /** The task's target of each image, for maps of `targetShape`. */
  readonly targets: TargetRows;
  readonly targetShape: MapShape;
  /** [height, width] of the images. */
  readonly imageShape: MapShape;
  /** A teacher's logits on the same samples. */
  readonly teacher?: TeacherLogits;
}

export interface CacheOptions {
  readonly weights: EncoderWeights;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly task: Pick<Task, 'encodeTruth' | 'validationShape'>;
  /** Targets at the resolution of the first tap, or as networks are validated. */
  readonly targets: 'training' | 'validation';
  readonly batch?: number;
  readonly onProgress?: (done: number) => void;
}

/** In memory. @param samples yields `count` images of the given size, with their labels. */
export async function buildTapCache(runtime: Runtime, samples: AsyncIterable<LabelledImage>, options: CacheOptions): Promise<TapCache> {
  let taps: Float32Array[] = [];
  const { shapes, ...targets } = await encode(runtime, samples, options, {
    begin: (lengths) => {
      taps = lengths.map((length) => new Float32Array(length * options.count));
    },
    write: async (i, values, first, length) => taps[i]?.set(values, first * length),
  });
  return { count: options.count, shapes, taps: taps.map((values, i) => memoryRows(values, sizeOf(shapes[i]))), ...targets };
}

const describedSchema = z.object({
  count: z.number(),
  shapes: z.array(z.tuple([z.number(), z.number(), z.number()])),
  targetShape: z.tuple([z.number(), z.number()]),
  imageShape: z.tuple([z.number(), z.number()]),
  targetType: z.enum(['bytes', 'floats']),
  /** Of targets.bin; caches of versions before have none. */
  targetHash: z.string().optional(),
});

const hashOf = (bytes: Uint8Array): string => sha256().update(bytes).digest();

const targetFile = (folder: string): string => path.join(folder, 'targets.bin');

const tapFile = (folder: string, i: number): string => path.join(folder, `tap${i}.f32`);

/** Into files of a folder, for `openTapCache`. The description is written last: with it the folder is whole. */
export async function writeTapCache(
  runtime: Runtime,
  samples: AsyncIterable<LabelledImage>,
  options: CacheOptions,
  folder: string,
): Promise<void> {
  await files().makeFolder(folder);
  const writers = await Promise.all([0, 1, 2, 3].map((i) => platform().rowFiles.create(tapFile(folder, i))));
  const sums = writers.map((): number[] => []);
  try {
    const { shapes, targets, targetShape, imageShape } = await encode(runtime, samples, options, {
      begin: () => {},
      write: async (i, values, first, length) => {
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        await writers[i]?.write(bytes, 4 * first * length);
        for (let at = 0; at < values.length; at += length) sums[i]?.push(rowSum(bytes.subarray(4 * at, 4 * (at + length))));
      },
    });
    for (const [i, writer] of writers.entries()) await writer.write(sumsOf(sums[i] ?? []), 4 * options.count * sizeOf(shapes[i]));
    const rows = new Uint8Array(targets.buffer, targets.byteOffset, targets.byteLength);
    await files().replace(targetFile(folder), rows);
    for (const writer of writers) await writer.sync();
    const targetType = targets instanceof Uint8Array ? 'bytes' : 'floats';
    await files().replace(
      path.join(folder, 'cache.json'),
      JSON.stringify({ count: options.count, shapes, targetShape, imageShape, targetType, targetHash: hashOf(rows) }),
    );
  } finally {
    for (const writer of writers) await writer.close();
  }
}

export interface OpenOptions {
  /** What is wrong with it: file, and what was expected. */
  readonly onDamage?: ((what: string) => void) | undefined;
  /** Whether all taps are read and compared with their sums; without it each when it is first used. */
  readonly isChecked?: boolean | undefined;
}

/** Undefined where there is no whole cache in the folder: none was written, or it has been damaged. */
export async function openTapCache(folder: string, { onDamage, isChecked = false }: OpenOptions = {}): Promise<TapCache | undefined> {
  const text = await textOf(files(), path.join(folder, 'cache.json'));
  if (text === undefined) return undefined;
  const described = describedSchema.safeParse(parseJson(text));
  if (!described.success) {
    onDamage?.(`${path.join(folder, 'cache.json')} cannot be read`);
    return undefined;
  }
  const { count, shapes, targetType, targetShape, imageShape, targetHash } = described.data;
  // A copy, which starts where floats may.
  const stored = await files()
    .read(targetFile(folder))
    .catch(() => new Uint8Array());
  const bytes = new Uint8Array(stored);
  const damage = targetDamage(bytes, count, targetHash) ?? (await tapDamage(folder, count, shapes));
  if (damage !== undefined) {
    onDamage?.(`${folder}: ${damage}`);
    return undefined;
  }
  const targets = targetType === 'bytes' ? bytes : new Float32Array(bytes.buffer);
  const taps = shapes.map((shape, i) => fileRows(tapFile(folder, i), count, sizeOf(shape), (n) => new Float32Array(n)));
  const fault = isChecked ? await faultOf(taps) : undefined;
  if (fault !== undefined) {
    for (const rows of taps) rows.close();
    onDamage?.(fault);
    return undefined;
  }
  return { count, shapes, taps, targets, targetShape, imageShape };
}

function targetDamage(bytes: Uint8Array, count: number, hash: string | undefined): string | undefined {
  if (bytes.length === 0 || bytes.length % count !== 0) return `targets.bin has ${bytes.length} bytes for ${count} samples`;
  return hash === undefined || hashOf(bytes) === hash ? undefined : 'targets.bin has other contents than were written';
}

/** By their sizes. */
async function tapDamage(folder: string, count: number, shapes: readonly TapShape[]): Promise<string | undefined> {
  for (const [i, shape] of shapes.entries()) {
    const size = (await files().facts(tapFile(folder, i)))?.size ?? 0;
    const expected = rowFileBytes(count, 4 * sizeOf(shape));
    if (size !== expected) return `tap${i}.f32 has ${size} bytes, expected ${expected}`;
  }
  return undefined;
}

async function faultOf(taps: readonly FileRows<Float32Array>[]): Promise<string | undefined> {
  for (const rows of taps) {
    const fault = await rows.fault();
    if (fault !== undefined) return fault;
  }
  return undefined;
}

export function closeTapCache({ taps, teacher }: TapCache): void {
  for (const rows of taps) rows.close();
  teacher?.rows.close();
}

function sizeOf(shape: TapShape | undefined): number {
  return shape ? shape[0] * shape[1] * shape[2] : 0;
}

/** Where taps go. */
interface Sink {
  /** @param lengths values a row of each tap */
  readonly begin: (lengths: readonly number[]) => void;
  /** Rows from `first` on, of tap i. */
  readonly write: (i: number, values: Float32Array, first: number, length: number) => Promise<unknown>;
}

async function encode(
  runtime: Runtime,
  samples: AsyncIterable<LabelledImage>,
  { weights, count, width, height, task, targets: resolution, batch = 8, onProgress }: CacheOptions,
  sink: Sink,
): Promise<Pick<TapCache, 'shapes' | 'targets' | 'targetShape' | 'imageShape'>> {
  const scope = Scope.root('inference');
  const image = input('image', [{ symbol: 'batch', divisor: 1 }, 3, height, width]);
  const outputs = buildMobileNetV2(scope, image, weights.options);
  const bindings = new Map(scope.parameters.map(({ name, tensor }) => [tensor, weights.tensors.get(name)?.data ?? new Float32Array()]));
  const names = outputs.map((_, i) => `tap${i}`);
  const model = lowerGraph(Object.fromEntries(outputs.map((t, i) => [`tap${i}`, t])), { bindings });
  const session = await runtime.open(model);
  try {
    const shapes = outputs.map(({ shape: [, c, h, w] }): TapShape => [Number(c), Number(h), Number(w)]);
    sink.begin(shapes.map(sizeOf));
    const [, th = 0, tw = 0] = shapes[0] ?? [];
    const targetShape: MapShape = resolution === 'training' ? [th, tw] : task.validationShape(height, width);
    const rows: TargetRows[] = [];
    let done = 0;
    let pending: RgbImage[] = [];
    const flush = async (): Promise<void> => {
      if (pending.length === 0) return;
      const feed = { data: normaliseImages(pending, weights.normalisation), dims: [pending.length, 3, height, width] };
      const results = await session.run({ image: feed });
      for (const [i, name] of names.entries()) await sink.write(i, floatsOf(results, name), done, sizeOf(shapes[i]));
      done += pending.length;
      pending = [];
      onProgress?.(done);
    };
    for await (const { image: picture, truth } of samples) {
      rows.push(task.encodeTruth(truth, targetShape[0], targetShape[1], picture));
      pending.push(picture);
      if (pending.length === batch) await flush();
    }
    await flush();
    if (done !== count) throw new RangeError(`tap cache: ${done} samples came, ${count} were announced`);
    return { shapes, targets: joinRows(rows), targetShape, imageShape: [height, width] };
  } finally {
    await session.release();
  }
}
