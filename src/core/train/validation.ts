// Validation: weights become constants, so that ONNX Runtime's own optimiser does all it can (batch normalisation
// folded, blocked kernels).

import { allFinite, type LabelledImage, type RgbImage } from '../data/index.js';
import { input, lowerGraph, resizeBilinear, type Tensor } from '../graph/index.js';
import { buildDecoder, buildNetwork, type EncoderWeights, normaliseImages, Scope } from '../nn/index.js';
import { floatsOf, type Runtime } from '../runtime/index.js';
import type { Architecture } from '../space/index.js';
import type { Breakdown, Depiction, MapShape, Metrics, TargetRows, Task } from '../task/index.js';
import type { DecoderRecipe } from './step.js';
import type { TapCache } from './tap-cache.js';
import { joinRows, requireCounted } from './targets.js';
import { DivergedError } from './training-loop.js';
import { type ScoredImage, scoredOf, typicalImages } from './typical-images.js';

export interface ValidationOptions {
  readonly genotype: Architecture;
  readonly decoder: Pick<DecoderRecipe, 'width' | 'sepRepeats'>;
  readonly task: Task;
  /** By name: `decoder.…`, for whole networks `encoder.…` too. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly batch?: number;
  /** Whether what the network sees in its best, a middling and its worst image is given back; or in which images, by their numbers. */
  readonly pictures?: boolean | readonly number[] | undefined;
}

export interface Validation {
  readonly metrics: Metrics;
  readonly breakdown: Breakdown;
  /** Where they were asked for: best first, or in the order of their numbers. */
  readonly pictures: readonly JudgedPicture[];
}

/** What a network sees in an image, and how good that is. */
export interface JudgedPicture extends ScoredImage {
  readonly depiction: Depiction;
}

/** Images in memory, with their targets. */
export interface ImageSet {
  readonly count: number;
  /** All of imageShape. */
  readonly images: readonly RgbImage[];
  /** [height, width] */
  readonly imageShape: MapShape;
  /** The task's target of each image, for maps of `targetShape`. */
  readonly targets: TargetRows;
  readonly targetShape: MapShape;
}

/** A decoder on the cached taps of a frozen encoder. @throws DivergedError when it gives NaN or infinite values */
export function validateDecoder(runtime: Runtime, cache: TapCache, options: ValidationOptions): Promise<Validation> {
  const { genotype, decoder, task } = options;
  const scope = Scope.root('inference');
  const taps = cache.shapes.map((shape, i) => input(`tap${i}`, [openBatch, ...shape]));
  const { logits } = buildDecoder(scope.child('decoder'), taps, genotype, { outputs: task.outputs, ...decoder });
  const inputs = cache.shapes.flatMap((dims, i) => {
    const taps = cache.taps[i];
    if (!taps) return [];
    const rows = (first: number, end: number) => taps.gather(Array.from({ length: end - first }, (_, k) => first + k));
    return [{ name: `tap${i}`, rows, dims }];
  });
  return validate(runtime, scope, logits, cache, inputs, options);
}

/** Encoder and decoder on images. */
export function validateNetwork(
  runtime: Runtime,
  set: ImageSet,
  encoder: Pick<EncoderWeights, 'options' | 'normalisation'>,
  options: ValidationOptions,
): Promise<Validation> {
  const { genotype, decoder, task } = options;
  const scope = Scope.root('inference');
  const dims = [3, ...set.imageShape];
  const { logits } = buildNetwork(scope, input('image', [openBatch, ...dims]), {
    genotype,
    encoder: encoder.options,
    decoder: { outputs: task.outputs, ...decoder },
  });
  const rows = (first: number, end: number) => normaliseImages(set.images.slice(first, end), encoder.normalisation);
  return validate(runtime, scope, logits, set, [{ name: 'image', rows, dims }], options);
}

/** All of a list's images in memory. @param samples of height × width @throws UserError where nothing in them is counted */
export async function loadImageSet(
  samples: AsyncIterable<LabelledImage>,
  task: Pick<Task, 'encodeTruth' | 'validationShape' | 'countOf' | 'description'>,
  height: number,
  width: number,
): Promise<ImageSet> {
  const [images, rows]: [RgbImage[], TargetRows[]] = [[], []];
  const targetShape = task.validationShape(height, width);
  for await (const { image, truth } of samples) {
    images.push(image);
    rows.push(task.encodeTruth(truth, targetShape[0], targetShape[1], image));
  }
  const targets = joinRows(rows);
  requireCounted(task, task.countOf(targets), 'validation images');
  return { count: images.length, images, imageShape: [height, width], targets, targetShape };
}

const openBatch = { symbol: 'batch', divisor: 1 };

interface ValidationInput {
  readonly name: string;
  /** Values [end − first, …dims]. */
  readonly rows: (first: number, end: number) => Float32Array;
  readonly dims: readonly number[];
}

async function validate(
  runtime: Runtime,
  scope: Scope,
  logits: Tensor,
  { count, targets, targetShape, imageShape }: Omit<ImageSet, 'images'>,
  inputs: readonly ValidationInput[],
  { task, parameters, batch = 16, pictures = false }: ValidationOptions,
): Promise<Validation> {
  const [h, w] = targetShape;
  const [height, width] = imageShape;
  const outputs = resizeBilinear(task.activate(logits), h, w);
  // What was not trained of a decoder cannot reach the output; at most its map's open size is asked for.
  const missing = scope.parameters.find(({ name }) => name.startsWith('encoder.') && !parameters.has(name));
  if (missing) throw new RangeError(`validation: ${missing.name} has no value`);
  const untrained = (shape: readonly number[]): Float32Array => new Float32Array(shape.reduce((n, d) => n * d, 1));
  const bindings = new Map(scope.parameters.map(({ name, shape, tensor }) => [tensor, parameters.get(name) ?? untrained(shape)]));
  const session = await runtime.open(lowerGraph({ outputs }, { bindings }));
  try {
    const accumulator = task.accumulator();
    const scores: (number | undefined)[] = [];
    const isAsked = (image: number): boolean => (typeof pictures === 'boolean' ? pictures : pictures.includes(image));
    const [row, one] = [targets.length / count, task.outputs * h * w];
    const used = inputs.filter(({ name }) => session.inputNames.includes(name));
    const valuesOf = async (first: number, size: number): Promise<Float32Array> => {
      const feeds = used.map(({ name, rows, dims }) => [name, { data: rows(first, first + size), dims: [size, ...dims] }]);
      return floatsOf(await session.run(Object.fromEntries(feeds)), 'outputs');
    };
    for (let first = 0; first < count; first += batch) {
      const size = Math.min(batch, count - first);
      const values = await valuesOf(first, size);
      // What is largest of NaN is the first class: it would have a score.
      if (!allFinite(values)) throw new DivergedError('the network gives NaN or infinite values on validation images');
      accumulator.add(values, targets.subarray(first * row, (first + size) * row), targetShape);
      for (let k = 0; k < size; k++) {
        if (!isAsked(first + k)) {
          scores.push(undefined);
          continue;
        }
        const alone = task.accumulator();
        alone.add(values.subarray(k * one, (k + 1) * one), targets.subarray((first + k) * row, (first + k + 1) * row), targetShape);
        scores.push(alone.hasCounted() ? alone.result()[task.score] : undefined);
      }
    }
    const judged: JudgedPicture[] = [];
    // Computed again: which they are is known at the end only.
    const shown = typeof pictures === 'boolean' ? typicalImages(scores) : scoredOf(scores);
    for (const scored of shown)
      judged.push({ ...scored, depiction: task.depict(await valuesOf(scored.image, 1), targetShape, { width, height }) });
    return { metrics: accumulator.result(), breakdown: accumulator.breakdown(), pictures: judged };
  } finally {
    await session.release();
  }
}
