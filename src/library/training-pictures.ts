// What a network in training sees in a few validation images, epoch after epoch: in the training's folder `seen/`, an index (index.json)
// and beside it the photographs, their truth and what was predicted.

import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Dataset, encodeJpeg, frame, type Framing, loadSample } from '../core/data/index.js';
import { parseJson } from '../core/errors/index.js';
import { encodeDepiction } from '../core/model/index.js';
import { seededRandom } from '../core/random/index.js';
import type { Task } from '../core/task/index.js';
import type { JudgedPicture } from '../core/train/index.js';
import { makeFolder, readOwn, replaceFile } from '../platform/node/files/index.js';

const indexSchema = z.array(
  z.object({
    epoch: z.number().int().positive(),
    /** Numbers in the validation list, and the score of each alone. */
    pictures: z.array(z.object({ image: z.number().int().nonnegative(), score: z.number() })),
  }),
);

/** More than a picture of a network's size has, or an index of thousands of epochs. */
const mostBytes = 2 ** 24;

export type SeenEpoch = z.infer<typeof indexSchema>[number];

/** How the pictures are made that are kept. */
export interface PictureSource {
  readonly dataset: Dataset;
  readonly framing: Framing;
  readonly task: Task;
}

export class TrainingPictures {
  readonly #folder: string;

  /** @param training its folder */
  constructor(training: string) {
    this.#folder = path.join(training, 'seen');
  }

  /** An epoch that is trained once more replaces what was kept of it. */
  async keep(epoch: number, pictures: readonly JudgedPicture[], { dataset, framing, task }: PictureSource): Promise<void> {
    await makeFolder(this.#folder);
    const before = await this.index();
    const known = new Set(before.flatMap((seen) => seen.pictures.map(({ image }) => image)));
    for (const { image: number, depiction } of pictures) {
      await replaceFile(this.#path(`epoch-${epoch}-${number}`), encodeDepiction(depiction, task.description));
      const sample = dataset.val[number];
      if (!sample || known.has(number)) continue;
      const { image, truth } = await frame(await loadSample(sample, dataset.labelling), framing, dataset.labelling, seededRandom(0));
      await replaceFile(this.#path(`photo-${number}`), await encodeJpeg(image));
      await replaceFile(this.#path(`truth-${number}`), encodeDepiction(task.depictTruth(truth), task.description));
    }
    const entry = { epoch, pictures: pictures.map(({ image, score }) => ({ image, score })) };
    const index = [...before.filter((seen) => seen.epoch !== epoch), entry].toSorted((a, b) => a.epoch - b.epoch);
    // The last to be written: what it names is there.
    await replaceFile(this.#path('index.json'), `${JSON.stringify(index)}\n`);
  }

  /** By epoch; none in trainings of earlier versions. */
  async index(): Promise<readonly SeenEpoch[]> {
    const bytes = await this.#read('index.json');
    return indexSchema.safeParse(bytes && parseJson(new TextDecoder().decode(bytes))).data ?? [];
  }

  /** JPEG. */
  photo(image: number): Promise<Uint8Array | undefined> {
    return this.#read(`photo-${image}`);
  }

  /** PNG or SVG, as predictions are. */
  truth(image: number): Promise<Uint8Array | undefined> {
    return this.#read(`truth-${image}`);
  }

  prediction(epoch: number, image: number): Promise<Uint8Array | undefined> {
    return this.#read(`epoch-${epoch}-${image}`);
  }

  #path(name: string): string {
    return path.join(this.#folder, name);
  }

  /** Of this folder itself: what a link in somebody's run leads to is not shown. */
  async #read(name: string): Promise<Uint8Array | undefined> {
    const folder = await lstat(this.#folder).catch(() => undefined);
    return folder?.isDirectory() ? readOwn(this.#path(name), mostBytes) : undefined;
  }
}
