// A trained model at work on images of any size.

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { type LabelMap, type RgbImage, resizeImage } from '../data/index.js';
import { reasonOf } from '../errors/index.js';
import { normaliseImages } from '../nn/index.js';
import { floatsOf, type Runtime, type Session } from '../runtime/index.js';
import { argmax } from '../task/index.js';
import { type ModelCard, modelCard } from './model-card.js';
import { modelBytes } from './playground-model.js';
import { resizeModel } from './resize-model.js';
import { WeightsError } from './safetensors.js';

export interface MapSize {
  readonly width: number;
  readonly height: number;
}

export interface ProbabilityOptions {
  /** Input sizes as factors of the image's, averaged over; default 1 alone. */
  readonly scales?: readonly number[];
  /** Averages over the image and its mirror image too. */
  readonly flip?: boolean;
  /** Size of the result. */
  readonly size?: MapSize;
}

export class Predictor {
  readonly card: ModelCard;
  readonly #model: Session;
  readonly #resize: Session;

  private constructor(card: ModelCard, model: Session, resize: Session) {
    this.card = card;
    this.#model = model;
    this.#resize = resize;
  }

  /** @param file an ONNX model, or a whole network in safetensors @throws WeightsError */
  static async open(runtime: Runtime, file: string, threads: number): Promise<Predictor> {
    const bytes = await modelBytes(file);
    return Predictor.of(runtime, bytes, await modelCard(bytes, file), file, threads);
  }

  /** @param source for messages */
  static async of(runtime: Runtime, model: Uint8Array, card: ModelCard, source: string, threads: number): Promise<Predictor> {
    const session = await runtime.open(model, { threads }).catch((error: unknown) => {
      throw new WeightsError(`${source}: ONNX Runtime cannot open it (${reasonOf(error).split('\n')[0]})`);
    });
    for (const [what, name, names] of [
      ['input', card.input, session.inputNames],
      ['output', card.output, session.outputNames],
    ] as const)
      if (!names.includes(name)) {
        await session.release();
        throw new WeightsError(`${source}: has no ${what} "${name}" but ${names.join(', ')}; name it in the file beside the model`);
      }
    return new Predictor(card, session, await runtime.open(resizeModel(card.classes.length), { threads }));
  }

  /** The model's output at its own resolution: [1, classes, h, w]. */
  async logits(image: RgbImage): Promise<OrtTensor> {
    const { input: name, output, normalisation } = this.card;
    const feed = new OrtTensor('float32', normaliseImages([image], normalisation), [1, 3, image.height, image.width]);
    const results = await this.#model.run({ [name]: feed }).catch((error: unknown) => {
      throw new WeightsError(`the model cannot be run on an image of ${image.width}×${image.height} (${reasonOf(error).split('\n')[0]})`);
    });
    const logits = results[output];
    if (logits?.type !== 'float32' || logits.dims.length !== 4 || logits.dims[1] !== this.card.classes.length)
      throw new WeightsError(
        `the model gave ${output} of ${logits?.type} [${logits?.dims.join(', ')}], expected float32 [1, ${this.card.classes.length}, h, w]`,
      );
    return logits;
  }

  /** Logits resized bilinearly: [classes, height, width]. */
  async logitsAt(image: RgbImage, size: MapSize): Promise<Float32Array> {
    return floatsOf(await this.#resized(await this.logits(image), size), 'resized');
  }

  /** Class probabilities [classes, height, width], at the image's size unless another is given. */
  async probabilities(image: RgbImage, { scales = [1], flip = false, size = image }: ProbabilityOptions = {}): Promise<Float32Array> {
    const total = new Float32Array(this.card.classes.length * size.width * size.height);
    const views = scales.flatMap((scale) =>
      flip
        ? [
            { scale, mirrored: false },
            { scale, mirrored: true },
          ]
        : [{ scale, mirrored: false }],
    );
    for (const { scale, mirrored } of views) {
      const scaled = await resizeImage(image, Math.round(image.width * scale), Math.round(image.height * scale));
      const logits = await this.logits(mirrored ? mirrorRows(scaled) : scaled);
      const values = floatsOf(await this.#resized(logits, size), 'probabilities');
      for (let i = 0; i < total.length; i++) {
        const column = i % size.width;
        const from = mirrored ? i - column + (size.width - 1 - column) : i;
        total[i] = (total[i] ?? 0) + (values[from] ?? 0) / views.length;
      }
    }
    return total;
  }

  /** The likeliest class of every pixel. */
  async labels(image: RgbImage, options: ProbabilityOptions = {}): Promise<LabelMap> {
    const { width, height } = options.size ?? image;
    return { width, height, data: argmax(await this.probabilities(image, options), this.card.classes.length, width * height) };
  }

  #resized(logits: OrtTensor, { width, height }: MapSize) {
    return this.#resize.run({ logits, like: new OrtTensor('float32', new Float32Array(width * height), [1, 1, height, width]) });
  }

  async close(): Promise<void> {
    await this.#model.release();
    await this.#resize.release();
  }
}

function mirrorRows({ width, height, data }: RgbImage): RgbImage {
  const mirrored = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = 3 * (y * width + width - 1 - x);
      mirrored.set(data.subarray(from, from + 3), 3 * (y * width + x));
    }
  return { width, height, data: mirrored };
}
