// `predict`: masks and overlays of images.

import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { glob } from 'tinyglobby';
import { z } from 'zod';
import { overlay, readImage, writeImage, writeMask } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { Predictor } from '../model/index.js';
import { nodeRuntime } from '../runtime/node.js';
import { makeFolder, parseOptions, wholeNumber } from './options.js';
import { onInterrupt, ProgressLine } from './progress.js';

const schema = z.object({
  output: z.string(),
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
  const { output, opacity, flip, threads } = parseOptions(schema, raw);
  const files = await findImages(inputs);
  const predictor = await Predictor.open(await nodeRuntime(), model, threads);
  await makeFolder('-o', output);
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  const times: number[] = [];
  const failed: string[] = [];
  const { classes } = predictor.card;
  const used = new Set<string>();
  try {
    for (const file of files) {
      if (interrupt.signal.aborted) break;
      progress.show(`${times.length + 1} of ${files.length}: ${file}`);
      try {
        const image = await readImage(file);
        const begun = performance.now();
        const labels = await predictor.labels(image, { flip });
        times.push(performance.now() - begun);
        const name = freeName(path.parse(file).name, used);
        await writeMask(path.join(output, `${name}.png`), labels, classes.length);
        await writeImage(path.join(output, `${name}-overlay.jpg`), overlay(image, labels, opacity));
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
      `${times.length} image(s) in ${output}: median ${median.toFixed(1)} ms an image (${threads} thread(s), network and argmax, no files)`,
    );
    console.log(`labels: ${classes.map((name, k) => `${k} ${name}`).join(', ')}`);
  }
  if (interrupt.signal.aborted) console.log(`interrupted; ${files.length - times.length - failed.length} image(s) left`);
  if (failed.length > 0) throw new UserError(`${failed.length} of ${files.length} image(s) could not be read`);
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
