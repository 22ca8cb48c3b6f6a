// `predict`: masks and overlays of images.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Box, DataError, encodeDepth, encodeJpeg, encodeMask, describeImage, readImage, type RgbImage } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { replaceFile } from '../platform/node/files/index.js';
import {
  fittingDepthScale,
  namedJoints,
  overlayDepiction,
  Predictor,
  requireRoom,
  sidecarName,
  type ViewOptions,
} from '../core/model/index.js';
import { pictureMilliseconds } from '../library/measured-picture.js';
import { chooseDevice } from '../platform/node/device.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import {
  channelNames,
  type Depiction,
  distortion,
  inputSizeOf,
  learntDepths,
  type MapSize,
  peopleCropOf,
  peopleOf,
  type TaskName,
  taskTraits,
} from '../core/task/index.js';
import { readBoxes } from './boxes.js';
import { findPictures, type FoundPicture, refuseHeic } from './find-pictures.js';
import { inputOf, inputOption, requireTask, taskOption } from './model-data.js';
import { deviceOption, makeFolder, parseOptions, positiveNumber, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';
import { type PictureTime, pictureTimesText } from './picture-times.js';
import { onInterrupt, ProgressLine } from './progress.js';

const schema = z.object({
  output: z.string(),
  task: taskOption.optional(),
  boxes: z.string().optional(),
  depthScale: positiveNumber.optional(),
  size: inputOption.optional(),
  recursive: z.boolean().default(false),
  overwrite: z.boolean().default(false),
  opacity: z
    .string()
    .transform(Number)
    .refine((n) => n >= 0 && n <= 1, { error: 'must be a number from 0 to 1' })
    .default(0.5),
  flip: z.boolean().default(false),
  threads: wholeNumber(1).default(availableParallelism()),
  device: deviceOption.default('cpu'),
});

/** Pictures whose aspect changes by more than this are told of. */
const muchDistorted = 1.5;

export async function predictCommand(model: string, inputs: readonly string[], raw: unknown): Promise<void> {
  const { output, task, boxes, depthScale, size, recursive, overwrite, opacity, flip, threads, device: choice } = parseOptions(schema, raw);
  const { pictures, skipped } = await findPictures(inputs, { recursive, output });
  const measure = pictureMilliseconds(model, size);
  const device = await chooseDevice(choice, { threads, what: 'a picture', measure, say: (text) => console.error(text) });
  const predictor = await Predictor.open(await nodeRuntime({ threads, device }), model);
  const description = predictor.card.task;
  requireTask(task, description.task, model);
  const crop = peopleCropOf(description);
  const input = inputOf(predictor.card, size, model);
  const people = boxes === undefined ? undefined : await readBoxes(boxes);
  await refuseTaken(
    pictures.flatMap((picture) => Object.values(resultsOf(output, picture, description.task))),
    { option: '-o', overwrite, inputs: [model, sidecarName(model), boxes, ...pictures.map(({ file }) => file)] },
  );
  const writer = new Writer(predictor, { output, opacity, depthScale });
  await makeFolder('-o', output);
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  const times: PictureTime[] = [];
  const failed: string[] = [];
  let distorted = 0;
  try {
    for (const picture of pictures) {
      if (interrupt.signal.aborted) break;
      const { file } = picture;
      progress.show(`${times.length + failed.length + 1} of ${pictures.length}: ${file}`);
      try {
        refuseHeic(file);
        requireRoom(file, await describeImage(file));
        const image = await readImage(file, description);
        if (!crop && distortion(input, image) > muchDistorted) distorted++;
        const begun = performance.now();
        const seen = await look(predictor, image, people?.(file, image), { flip, input });
        const size = crop ?? inputSizeOf(input, image);
        times.push({ milliseconds: performance.now() - begun, size });
        await writer.write(picture, image, seen);
      } catch (error) {
        // One bad picture does not cost the others.
        const reason = reasonOfPicture(error, file);
        failed.push(reason);
        progress.print(`error: ${reason}`);
      }
    }
  } finally {
    interrupt.release();
    progress.end();
    await predictor.close();
  }
  if (times.length > 0) {
    console.log(
      `${times.length} image(s) in ${output}: ${pictureTimesText(times)} (${device === 'webgpu' ? 'WebGPU' : `${threads} thread(s)`}, network and reading of its output, no files)`,
    );
    console.log(writer.legend);
  }
  if (distorted > 0)
    console.log(
      `${distorted} image(s) of quite another aspect were stretched to ${sizeText(inputSizeOf(input, { width: 1, height: 1 }))}, as validation would; --size WxH gives another`,
    );
  if (skipped !== '') console.log(skipped);
  if (interrupt.signal.aborted) console.log(`interrupted; ${pictures.length - times.length - failed.length} image(s) left`);
  if (failed.length > 0) throw new UserError(`${failed.length} of ${pictures.length} image(s) could not be read`);
}

function sizeText({ width, height }: MapSize): string {
  return `${width}×${height}`;
}

/** For people; of what is no fault of the picture it is thrown again. */
function reasonOfPicture(error: unknown, file: string): string {
  if (error instanceof UserError) return error.message.startsWith(file) ? error.message : `${file}: ${error.message}`;
  // What V8 says where memory for pixels is refused.
  if (error instanceof RangeError && /allocation|array length/i.test(error.message))
    return new DataError(`${file}: there is no memory for it (${error.message}); make it smaller`).message;
  throw error;
}

interface Results {
  readonly seen: string;
  readonly overlay: string;
}

function resultsOf(output: string, { name }: FoundPicture, task: TaskName): Results {
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

  async write(picture: FoundPicture, image: RgbImage, seen: readonly Depiction[]): Promise<void> {
    const { output, opacity } = this.#options;
    const { task } = this.#predictor.card;
    const results = resultsOf(output, picture, task.task);
    await makeFolder('-o', path.dirname(results.seen));
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
