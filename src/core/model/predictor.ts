// A trained model at work on images of any size.

import { type Box, cropImage, type RgbImage, resizeImage, jointsInImage, planPerson } from '../data/index.js';
import { reasonOf } from '../errors/index.js';
import { normaliseImages } from '../nn/index.js';
import type { Runtime, Session, TensorValue } from '../runtime/index.js';
import {
  createTask,
  type Depiction,
  depictMaps,
  inputOfTask,
  type InputSize,
  inputSizeOf,
  type MapSize,
  mirroredChannels,
  type OutputMap,
  OutputMaps,
  peopleOf,
  type Task,
  taskTraits,
  unmirrorHeatmaps,
} from '../task/index.js';
import { requireMemory } from './memory.js';
import { type ModelCard, readCard } from './model-card.js';
import { modelBytes } from './model-file.js';
import { WeightsError } from './safetensors.js';

export interface ViewOptions {
  /** Factors of the size at which the network sees the image, averaged over; default 1 alone. */
  readonly scales?: readonly number[] | undefined;
  /** Averages over the image and its mirror image too. */
  readonly flip?: boolean | undefined;
  /** At what size the network sees the image: unless it is said, as the model was validated, or where it does not say, as it is. */
  readonly input?: InputSize | undefined;
}

export class Predictor {
  readonly card: ModelCard;
  readonly task: Task;
  readonly #channels: number;
  readonly #model: Session;

  private constructor(card: ModelCard, model: Session) {
    this.card = card;
    this.task = createTask(card.task);
    this.#channels = this.task.outputs;
    this.#model = model;
  }

  /** @param file an ONNX model, or a whole network in safetensors @throws WeightsError */
  static async open(runtime: Runtime, file: string): Promise<Predictor> {
    const bytes = await modelBytes(file);
    return Predictor.of(runtime, bytes, await readCard(bytes, file), file);
  }

  /** @param source for messages */
  static async of(runtime: Runtime, model: Uint8Array, card: ModelCard, source: string): Promise<Predictor> {
    const session = await runtime.open(model).catch((error: unknown) => {
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
    return new Predictor(card, session);
  }

  /** How images go into this model unless it is said. */
  get input(): InputSize {
    return inputOfTask(this.card.task);
  }

  /** The model's output at its own resolution, of the image as it is. */
  async output(image: RgbImage): Promise<OutputMap> {
    const { input: name, output, normalisation } = this.card;
    requireMemory(image);
    const feed = { data: normaliseImages([image], normalisation), dims: [1, 3, image.height, image.width] };
    const results = await this.#model.run({ [name]: feed }).catch((error: unknown) => {
      throw new WeightsError(`the model cannot be run on an image of ${image.width}×${image.height} (${reasonOf(error).split('\n')[0]})`);
    });
    const { dims, data }: TensorValue = results[output] ?? { dims: [], data: undefined };
    const [batch, channels, height = 0, width = 0] = dims;
    if (!(data instanceof Float32Array) || dims.length !== 4 || batch !== 1 || channels !== this.#channels || height * width === 0)
      throw new WeightsError(
        `the model gave ${output} of ${nameOf(data)} [${dims.join(', ')}], expected float32 [1, ${this.#channels}, h, w]`,
      );
    return { channels, height, width, data };
  }

  /** The model's output of the image as it is, resized bilinearly: [channels, height, width]. */
  async logitsAt(image: RgbImage, size: MapSize): Promise<Float32Array> {
    return new OutputMaps([await this.output(image)], 'values').values(size);
  }

  /** Class logits, heatmaps, or metres, to be read at any size. @throws UserError where they are not finite */
  async look(image: RgbImage, { scales = [1], flip = false, input = this.input }: ViewOptions = {}): Promise<OutputMaps> {
    const { task } = this.card;
    const order = mirroredChannels(task);
    const { width, height } = inputSizeOf(input, image);
    const views: OutputMap[] = [];
    for (const scale of scales) {
      const sized = (size: number): number => Math.max(1, Math.round(size * scale));
      const scaled = await resizeImage(image, sized(width), sized(height));
      views.push(await this.output(scaled));
      if (!flip) continue;
      const mirrored = await this.output(mirrorRows(scaled));
      views.push({ ...mirrored, data: unmirrorHeatmaps(mirrored.data, order, mirrored.height, mirrored.width) });
    }
    return new OutputMaps(views, taskTraits[task.task].output);
  }

  /** A person's joints: [x, y, score] each, in the image's pixels. @param box of the person; without one, the whole image */
  async joints(image: RgbImage, box?: Box, options: Pick<ViewOptions, 'flip'> = {}): Promise<Float32Array> {
    const { task } = this.card;
    const people = peopleOf(task);
    if (!people) throw new RangeError(`joints of a model of ${task.task}`);
    const plan = planPerson(image, box, people);
    const seen = await this.depict(cropImage(image, plan), options);
    if (seen.kind !== 'joints') throw new RangeError('a pose is depicted by joints');
    return jointsInImage(seen.joints, plan);
  }

  /** What the model sees in an image, at its size: for pose, in the crop around one person. */
  async depict(image: RgbImage, options: Omit<ViewOptions, 'scales'> = {}): Promise<Depiction> {
    return depictMaps(this.task, await this.look(image, options), image);
  }

  /** What the model sees in any picture: for pose, one person who fills it. */
  async depictPhoto(image: RgbImage, options: Omit<ViewOptions, 'scales'> = {}): Promise<Depiction> {
    const { width, height } = image;
    if (!peopleOf(this.card.task)) return this.depict(image, options);
    return { kind: 'joints', width, height, joints: await this.joints(image, undefined, options) };
  }

  async close(): Promise<void> {
    await this.#model.release();
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

/** For messages. */
function nameOf(data: unknown): string {
  return data instanceof Object ? data.constructor.name : String(data);
}
