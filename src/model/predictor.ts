// A trained model at work on images of any size.

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { type Box, cropImage, type RgbImage, resizeImage, jointsInImage, planPerson } from '../data/index.js';
import { reasonOf } from '../errors/index.js';
import { normaliseImages } from '../nn/index.js';
import { floatsOf, type Runtime, type Session } from '../runtime/index.js';
import { channelNames, createTask, type Depiction, mirroredChannels, type Task, unmirrorHeatmaps } from '../task/index.js';
import { type ModelCard, modelCard } from './model-card.js';
import { modelBytes } from './model-file.js';
import { resizeModel } from './resize-model.js';
import { WeightsError } from './safetensors.js';

export interface MapSize {
  readonly width: number;
  readonly height: number;
}

export interface ViewOptions {
  /** Input sizes as factors of the image's, averaged over; default 1 alone. */
  readonly scales?: readonly number[];
  /** Averages over the image and its mirror image too. */
  readonly flip?: boolean;
  /** Size of the result. */
  readonly size?: MapSize;
}

export class Predictor {
  readonly card: ModelCard;
  readonly task: Task;
  readonly #channels: number;
  readonly #model: Session;
  readonly #resize: Session;

  private constructor(card: ModelCard, model: Session, resize: Session) {
    this.card = card;
    this.task = createTask(card.task);
    this.#channels = this.task.outputs;
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
    return new Predictor(card, session, await runtime.open(resizeModel(channelNames(card.task).length), { threads }));
  }

  /** The model's output at its own resolution: [1, channels, h, w]. */
  async logits(image: RgbImage): Promise<OrtTensor> {
    const { input: name, output, normalisation } = this.card;
    const feed = new OrtTensor('float32', normaliseImages([image], normalisation), [1, 3, image.height, image.width]);
    const results = await this.#model.run({ [name]: feed }).catch((error: unknown) => {
      throw new WeightsError(`the model cannot be run on an image of ${image.width}×${image.height} (${reasonOf(error).split('\n')[0]})`);
    });
    const logits = results[output];
    if (logits?.type !== 'float32' || logits.dims.length !== 4 || logits.dims[1] !== this.#channels)
      throw new WeightsError(
        `the model gave ${output} of ${logits?.type} [${logits?.dims.join(', ')}], expected float32 [1, ${this.#channels}, h, w]`,
      );
    return logits;
  }

  /** The model's output resized bilinearly: [channels, height, width]. */
  async logitsAt(image: RgbImage, size: MapSize): Promise<Float32Array> {
    return floatsOf(await this.#resized(await this.logits(image), size), 'resized');
  }

  /**
   * [channels, height, width]: class probabilities, heatmaps, or metres. At the image's size unless another is given;
   * heatmaps at the size on which networks are validated.
   */
  async maps(image: RgbImage, { scales = [1], flip = false, size }: ViewOptions = {}): Promise<Float32Array> {
    const { task } = this.card;
    const [h, w] = this.task.validationShape(image.height, image.width);
    const { width, height } = size ?? { width: w, height: h };
    const order = mirroredChannels(task);
    const total = new Float32Array(this.#channels * width * height);
    const views = scales.flatMap((scale) => (flip ? [false, true] : [false]).map((mirrored) => ({ scale, mirrored })));
    for (const { scale, mirrored } of views) {
      const scaled = await resizeImage(image, Math.round(image.width * scale), Math.round(image.height * scale));
      const output = await this.logits(mirrored ? mirrorRows(scaled) : scaled);
      const which = task.task === 'segmentation' ? 'probabilities' : 'resized';
      const seen = floatsOf(await this.#resized(output, { width, height }), which);
      const values = mirrored ? unmirrorHeatmaps(seen, order, height, width) : seen;
      for (let i = 0; i < total.length; i++) total[i] = (total[i] ?? 0) + (values[i] ?? 0) / views.length;
    }
    return total;
  }

  /** A person's joints: [x, y, score] each, in the image's pixels. @param box of the person; without one, the whole image */
  async joints(image: RgbImage, box?: Box, options: Pick<ViewOptions, 'flip'> = {}): Promise<Float32Array> {
    const { task } = this.card;
    if (task.task !== 'pose') throw new RangeError(`joints of a model of ${task.task}`);
    const plan = planPerson(image, box, task);
    const seen = await this.depict(cropImage(image, plan), options);
    if (seen.kind !== 'joints') throw new RangeError('a pose is depicted by joints');
    return jointsInImage(seen.joints, plan);
  }

  /** What the model sees in an image as it was trained on: for pose, the crop around one person. */
  async depict(image: RgbImage, options: Pick<ViewOptions, 'flip'> = {}): Promise<Depiction> {
    return this.task.depict(await this.maps(image, options), this.task.validationShape(image.height, image.width), image);
  }

  /** What the model sees in any picture: for pose, one person who fills it. */
  async depictPhoto(image: RgbImage, options: Pick<ViewOptions, 'flip'> = {}): Promise<Depiction> {
    const { width, height } = image;
    if (this.card.task.task !== 'pose') return this.depict(image, options);
    return { kind: 'joints', width, height, joints: await this.joints(image, undefined, options) };
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
