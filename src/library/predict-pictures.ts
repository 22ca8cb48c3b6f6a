// Many pictures through a model, and what it sees in each as files: labels and depth as PNG, joints as JSON, each over its picture
// as JPEG.

import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type Box, DataError, describeImage, encodeDepth, encodeJpeg, encodeMask, readImage, type RgbImage } from '../core/data/index.js';
import { reasonOf, UserError } from '../core/errors/index.js';
import {
  fittingDepthScale,
  type ModelCard,
  namedJoints,
  overlayDepiction,
  Predictor,
  requireRoom,
  type ViewOptions,
} from '../core/model/index.js';
import {
  channelNames,
  type Depiction,
  distortion,
  type InputSize,
  inputOfTask,
  inputSizeOf,
  learntDepths,
  type MapSize,
  peopleCropOf,
  peopleOf,
  type TaskName,
  taskTraits,
} from '../core/task/index.js';
import { chooseDevice, type DeviceChoice } from '../platform/node/device.js';
import { replaceFile } from '../platform/node/files/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { refuseHeic } from './heic.js';
import { pictureMilliseconds } from './measured-picture.js';
import { type Reporter, silent } from './reporter.js';

export interface NamedPicture {
  readonly file: string;
  /** Of its results, without an ending, relative to the folder that they go into; no other picture has it. */
  readonly name: string;
}

export interface PredictPicturesOptions {
  /** An ONNX model that Auxcell exported, or a network's weights as safetensors. */
  readonly model: string;
  readonly pictures: readonly NamedPicture[];
  /** Folder of the results, which are written over what is there. */
  readonly output: string;
  /** At what size the network sees them: unless it is said, as the model was validated. */
  readonly size?: InputSize | undefined;
  /** Averages over the picture and its mirror image. */
  readonly flip?: boolean | undefined;
  /** Of people, in the picture's pixels; without it somebody who fills it. @throws UserError where a picture has none */
  readonly boxes?: ((file: string, image: RgbImage) => readonly Box[]) | undefined;
  /** Of labels over the picture, 0 to 1; absent: 0.5. */
  readonly opacity?: number | undefined;
  /** Units of written depth maps a metre; absent: 1000, or 256 where 16 bits would not hold it. */
  readonly depthScale?: number | undefined;
  readonly threads?: number | undefined;
  readonly device?: DeviceChoice | undefined;
  /** Before any picture: to look at the model, and to end by throwing. */
  readonly onModel?: ((card: ModelCard) => void | Promise<void>) | undefined;
  /** Is told how far it is, and of pictures that could not be read. */
  readonly reporter?: Reporter | undefined;
  /** Ends it after the picture in hand. */
  readonly signal?: AbortSignal | undefined;
}

export interface PictureTime {
  readonly milliseconds: number;
  /** As the network saw it. */
  readonly size: MapSize;
}

export interface PredictedPictures {
  /** Of every picture that has results: the network and the reading of its output, no files. */
  readonly times: readonly PictureTime[];
  /** Why others have none, one by one. */
  readonly failed: readonly string[];
  /** How many the network saw in quite another aspect than they have. */
  readonly distorted: number;
  /** As the network saw them. */
  readonly input: InputSize;
  /** What ran it. */
  readonly device: 'cpu' | 'webgpu';
  /** What the files hold, for people. */
  readonly legend: string;
}

/** Pictures whose aspect changes by more than this are told of. */
const muchDistorted = 1.5;

/** One bad picture does not cost the others. @throws WeightsError; UserError where results cannot be written */
export async function predictPictures(options: PredictPicturesOptions): Promise<PredictedPictures> {
  const {
    model,
    pictures,
    output,
    size,
    flip,
    boxes,
    opacity = 0.5,
    threads = availableParallelism(),
    reporter = silent,
    signal,
  } = options;
  const measure = pictureMilliseconds(model, size);
  const say = (text: string): void => reporter.print(text);
  const device = await chooseDevice(options.device ?? 'cpu', { threads, what: 'a picture', measure, say });
  const predictor = await Predictor.open(await nodeRuntime({ threads, device }), model);
  try {
    const { task } = predictor.card;
    await options.onModel?.(predictor.card);
    const crop = peopleCropOf(task);
    const input = size ?? inputOfTask(task);
    const writer = new Writer(predictor, { output, opacity, depthScale: options.depthScale });
    const times: PictureTime[] = [];
    const failed: string[] = [];
    let distorted = 0;
    for (const picture of pictures) {
      if (signal?.aborted) break;
      const { file } = picture;
      reporter.show(`${times.length + failed.length + 1} of ${pictures.length}: ${file}`);
      try {
        refuseHeic(file);
        requireRoom(file, await describeImage(file));
        const image = await readImage(file, task);
        if (!crop && distortion(input, image) > muchDistorted) distorted++;
        const begun = performance.now();
        const seen = await look(predictor, image, boxes?.(file, image), { flip, input });
        times.push({ milliseconds: performance.now() - begun, size: crop ?? inputSizeOf(input, image) });
        await writer.write(picture, image, seen);
      } catch (error) {
        const reason = reasonOfPicture(error, file);
        failed.push(reason);
        reporter.print(`error: ${reason}`);
      }
    }
    return { times, failed, distorted, input, device, legend: writer.legend };
  } finally {
    await predictor.close();
  }
}

/** For people; of what is no fault of the picture it is thrown again. */
function reasonOfPicture(error: unknown, file: string): string {
  if (error instanceof UserError) return error.message.startsWith(file) ? error.message : `${file}: ${error.message}`;
  // What V8 says where memory for pixels is refused.
  if (error instanceof RangeError && /allocation|array length/i.test(error.message))
    return new DataError(`${file}: there is no memory for it (${error.message}); make it smaller`).message;
  throw error;
}

/** Of one picture. */
export interface ResultFiles {
  readonly seen: string;
  readonly overlay: string;
}

export function resultFiles(output: string, { name }: NamedPicture, task: TaskName): ResultFiles {
  const base = path.join(output, name);
  return { seen: `${base}.${taskTraits[task].depicts === 'joints' ? 'json' : 'png'}`, overlay: `${base}-overlay.jpg` };
}

/** What is seen in a picture: one depiction, or one of every person in it. */
async function look(
  predictor: Predictor,
  image: RgbImage,
  boxes: readonly Box[] | undefined,
  views: Pick<ViewOptions, 'flip' | 'input'>,
): Promise<readonly Depiction[]> {
  if (!boxes || !peopleOf(predictor.card.task)) return [await predictor.depictPhoto(image, views)];
  const { width, height } = image;
  const seen: Depiction[] = [];
  for (const box of boxes) seen.push({ kind: 'joints', width, height, joints: await predictor.joints(image, box, views) });
  return seen;
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new UserError(`${folder}: cannot be written (${reasonOf(error)}); give another folder`, { about: ['output'] });
  });
}

interface WriterOptions {
  readonly output: string;
  readonly opacity: number;
  readonly depthScale: number | undefined;
}

/** Writes what was seen: labels and depth as PNG, joints as JSON, and each over its picture. */
class Writer {
  readonly #predictor: Predictor;
  readonly #options: WriterOptions;
  readonly #depthScale: number;

  constructor(predictor: Predictor, options: WriterOptions) {
    const { task } = predictor.card;
    this.#predictor = predictor;
    this.#options = options;
    this.#depthScale = options.depthScale ?? fittingDepthScale(task);
  }

  /** What the files hold, for people. */
  get legend(): string {
    const { task } = this.#predictor.card;
    const names = channelNames(task);
    const depths = learntDepths(task);
    if (depths)
      return `depth: 16 bits, ${this.#depthScale} to the metre, learnt from ${depths.minDepth} to ${depths.maxDepth} m; in colour, near is red`;
    return `${taskTraits[task.task].depicts}: ${names.map((name, k) => `${k} ${name}`).join(', ')}`;
  }

  async write(picture: NamedPicture, image: RgbImage, seen: readonly Depiction[]): Promise<void> {
    const { output, opacity } = this.#options;
    const { task } = this.#predictor.card;
    const results = resultFiles(output, picture, task.task);
    await makeFolder(path.dirname(results.seen));
    const people: Record<string, readonly number[]>[] = [];
    let over = image;
    for (const depiction of seen) {
      if (depiction.kind === 'labels') await replaceFile(results.seen, encodeMask(depiction, channelNames(task).length));
      else if (depiction.kind === 'depth') await replaceFile(results.seen, encodeDepth(depiction, this.#depthScale));
      else people.push(namedJoints(depiction.joints, channelNames(task)));
      over = await overlayDepiction(over, depiction, task, opacity);
    }
    if (peopleOf(task)) await replaceFile(results.seen, `${JSON.stringify({ image: picture.file, people }, null, 1)}\n`);
    await replaceFile(results.overlay, await encodeJpeg(over));
  }
}
