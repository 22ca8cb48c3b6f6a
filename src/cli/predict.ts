// `predict`: masks and overlays of images.

import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { glob } from 'tinyglobby';
import { z } from 'zod';
import { type Box, readImage, type RgbImage, writeDepth, writeImage, writeMask } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { replaceFile } from '../files/index.js';
import { overlayDepiction, Predictor } from '../model/index.js';
import { nodeRuntime } from '../runtime/node.js';
import { channelNames, type Depiction } from '../task/index.js';
import { readBoxes } from './boxes.js';
import { requireTask, taskOption } from './model-data.js';
import { makeFolder, parseOptions, positiveNumber, wholeNumber } from './options.js';
import { onInterrupt, ProgressLine } from './progress.js';

const schema = z.object({
  output: z.string(),
  task: taskOption.optional(),
  boxes: z.string().optional(),
  depthScale: positiveNumber.optional(),
  opacity: z
    .string()
    .transform(Number)
    .refine((n) => n >= 0 && n <= 1, { error: 'must be a number from 0 to 1' })
    .default(0.5),
  flip: z.boolean().default(false),
  threads: wholeNumber(1).default(availableParallelism()),
});

const endings = '{jpg,jpeg,png,webp,tif,tiff,gif,avif}';

export async function predictCommand(model: string, inputs: readonly string[], raw: unknown): Promise<void> {
  const { output, task, boxes, depthScale, opacity, flip, threads } = parseOptions(schema, raw);
  const files = await findImages(inputs);
  const predictor = await Predictor.open(await nodeRuntime(), model, threads);
  requireTask(task, predictor.card.task.task, model);
  const people = boxes === undefined ? undefined : await readBoxes(boxes);
  const writer = new Writer(predictor, { output, opacity, depthScale });
  await makeFolder('-o', output);
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  const times: number[] = [];
  const failed: string[] = [];
  const used = new Set<string>();
  try {
    for (const file of files) {
      if (interrupt.signal.aborted) break;
      progress.show(`${times.length + 1} of ${files.length}: ${file}`);
      try {
        const image = await readImage(file);
        const begun = performance.now();
        const seen = await look(predictor, image, people?.(file, image), { flip });
        times.push(performance.now() - begun);
        await writer.write(freeName(path.parse(file).name, used), file, image, seen);
      } catch (error) {
        // One bad picture does not cost the others.
        if (!(error instanceof UserError)) throw error;
        failed.push(error.message);
        progress.print(`error: ${error.message}`);
      }
    }
  } finally {
    interrupt.release();
    progress.end();
    await predictor.close();
  }
  if (times.length > 0) {
    const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
    console.log(
      `${times.length} image(s) in ${output}: median ${median.toFixed(1)} ms an image (${threads} thread(s), network and reading of its output, no files)`,
    );
    console.log(writer.legend);
  }
  if (interrupt.signal.aborted) console.log(`interrupted; ${files.length - times.length - failed.length} image(s) left`);
  if (failed.length > 0) throw new UserError(`${failed.length} of ${files.length} image(s) could not be read`);
}

/** What is seen in a picture: one depiction, or one of every person in it. */
async function look(
  predictor: Predictor,
  image: RgbImage,
  boxes: readonly Box[] | undefined,
  views: { readonly flip: boolean },
): Promise<readonly Depiction[]> {
  if (!boxes || predictor.card.task.task !== 'pose') return [await predictor.depictPhoto(image, views)];
  const { width, height } = image;
  const seen: Depiction[] = [];
  for (const box of boxes) seen.push({ kind: 'joints', width, height, joints: await predictor.joints(image, box, views) });
  return seen;
}

/** What 16 bits hold: millimetres, or where that is too near, KITTI's 1/256 metre. */
function fittingScale(maxDepth: number): number {
  return 1000 * maxDepth < 65_536 ? 1000 : 256;
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
    this.#depthScale = options.depthScale ?? fittingScale(task.task === 'depth' ? task.maxDepth : 0);
  }

  /** What the files hold, for people. */
  get legend(): string {
    const { task } = this.#predictor.card;
    const names = channelNames(task);
    if (task.task === 'depth')
      return `depth: 16 bits, ${this.#depthScale} to the metre, learnt from ${task.minDepth} to ${task.maxDepth} m; in colour, near is red`;
    return `${task.task === 'pose' ? 'joints' : 'labels'}: ${names.map((name, k) => `${k} ${name}`).join(', ')}`;
  }

  async write(name: string, file: string, image: RgbImage, seen: readonly Depiction[]): Promise<void> {
    const { output, opacity } = this.#options;
    const { task } = this.#predictor.card;
    const people: Record<string, readonly number[]>[] = [];
    let over = image;
    for (const depiction of seen) {
      if (depiction.kind === 'labels') await writeMask(path.join(output, `${name}.png`), depiction, channelNames(task).length);
      else if (depiction.kind === 'depth') await writeDepth(path.join(output, `${name}.png`), depiction, this.#depthScale);
      else people.push(namedJoints(depiction.joints, channelNames(task)));
      over = await overlayDepiction(over, depiction, task, opacity);
    }
    if (task.task === 'pose') await replaceFile(path.join(output, `${name}.json`), `${JSON.stringify({ image: file, people }, null, 1)}\n`);
    await writeImage(path.join(output, `${name}-overlay.jpg`), over);
  }
}

/** [x, y, score] by name. */
function namedJoints(joints: Float32Array, names: readonly string[]): Record<string, readonly number[]> {
  const rounded = (v: number): number => Math.round(1000 * v) / 1000;
  return Object.fromEntries(names.map((name, k) => [name, [...joints.subarray(3 * k, 3 * k + 3)].map(rounded)]));
}

/** Pictures that are named, that lie in a named folder, or that match a pattern; each once, in order. */
async function findImages(inputs: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const text of inputs) {
    const entry = await stat(text).catch(() => undefined);
    const matches = entry?.isFile()
      ? [text]
      : entry?.isDirectory()
        ? (await glob(`*.${endings}`, { cwd: text, caseSensitiveMatch: false })).map((name) => path.join(text, name))
        : await glob(text, { absolute: path.isAbsolute(text) });
    if (matches.length === 0)
      throw new UserError(`${text}: ${entry ? 'there is no picture in this folder' : 'no such file, folder, or match of a pattern'}`);
    for (const match of matches.toSorted()) found.add(match);
  }
  return [...found];
}

/** Files of one name from several folders do not overwrite each other. */
function freeName(name: string, used: Set<string>): string {
  let free = name;
  for (let n = 2; used.has(free); n++) free = `${name}-${n}`;
  used.add(free);
  return free;
}
