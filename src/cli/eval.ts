// `eval`: a trained model on a data set's validation list, at the resolution of what is known there.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { replaceFile } from '../platform/node/files/index.js';
import { type ModelCard, sidecarName } from '../core/model/index.js';
import {
  type Breakdown,
  channelNames,
  ConfusionMatrix,
  depthCrops,
  drawConfusion,
  hasClasses,
  type InputSize,
  metricName,
  type Metrics,
  orderedMetrics,
  shareText,
  taskTraits,
} from '../core/task/index.js';
import { formatDuration } from '../library/duration.js';
import { evaluate } from '../library/evaluate.js';
import { inspectNamed } from './data-check.js';
import { measuredFigures } from './figures-of.js';
import { inputOf, inputOption, requireTask, taskOption } from './model-data.js';
import { deviceOption, makeFolder, parseOptions, positiveNumber, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';
import { onInterrupt, ProgressLine } from './progress.js';
import { table } from './table.js';

const schema = z.object({
  data: z.string(),
  split: z.enum(['val', 'train', 'test'], { error: (issue) => `must be val, train or test, got "${String(issue.input)}"` }).default('val'),
  ignore: wholeNumber(0).optional(),
  task: taskOption.optional(),
  depthScale: positiveNumber.optional(),
  crop: z.enum(depthCrops, { error: (issue) => `must be ${depthCrops.join(', ')}, got "${String(issue.input)}"` }).default('none'),
  size: inputOption.optional(),
  scales: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .refine((scales) => scales.every((s) => Number.isFinite(s) && s > 0), { error: 'must be positive numbers, as in 0.75,1,1.25' })
    .default([1]),
  flip: z.boolean().default(false),
  out: z.string().optional(),
  overwrite: z.boolean().default(false),
  json: z.boolean().default(false),
  threads: wholeNumber(1).default(availableParallelism()),
  device: deviceOption.optional(),
});

export async function evalCommand(file: string, raw: unknown): Promise<void> {
  const options = parseOptions(schema, raw);
  const { data, split, crop, scales, flip, out, overwrite, json } = options;
  const results = out === undefined ? undefined : { metrics: path.join(out, 'metrics.json'), confusion: path.join(out, 'confusion.svg') };
  let size: InputSize | undefined;
  const onModel = (card: ModelCard): void => {
    const { task } = card.task;
    requireTask(options.task, task, file);
    if (!taskTraits[task].isScaleFree && scales.some((scale) => scale !== 1))
      throw new UserError(`--scales: ${task} depends on the scale; leave it out`);
    if (!taskTraits[task].hasTestCrops && crop !== 'none') throw new UserError(`--crop ${crop}: is for depth, the model is for ${task}`);
    size = inputOf(card, options.size, file);
  };
  const onStart = async ({ task }: ModelCard): Promise<void> => {
    if (out === undefined || !results) return;
    const written = hasClasses(task) ? Object.values(results) : [results.metrics];
    await refuseTaken(written, { option: '--out', overwrite, inputs: [file, sidecarName(file), data] });
    await makeFolder('--out', out);
  };
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  const started = performance.now();
  const onProgress = (count: number, total: number): void => {
    const left = formatDuration(((performance.now() - started) / 1000 / count) * (total - count));
    progress.show(`${count} of ${total} images, ${left} left`);
  };
  const figures = await evaluate({ ...options, model: file, onModel, onStart, onProgress, reporter: progress, signal: interrupt.signal })
    .catch(inspectNamed)
    .finally(() => {
      interrupt.release();
      progress.end();
    });
  const { metrics, breakdown, images: done, interrupted, ignored, card } = figures;
  if (interrupted) console.error(`interrupted: figures of the first ${done} images`);
  const names = channelNames(card.task);
  const details = detailsOf(breakdown, names, { ignored, images: done });
  const report = { model: file, data, split, images: done, size, scales, flip, metrics, ...details.json };
  if (json) console.log(JSON.stringify(report));
  else {
    const occurring =
      breakdown.kind === 'confusion'
        ? ConfusionMatrix.of(breakdown.counts, names.length)
            .perClass()
            .filter(({ pixels }) => pixels > 0).length
        : undefined;
    const counted = ignored === undefined ? '' : `, label ${ignored} not counted`;
    console.log(
      [details.table, '', ...figuresOf(metrics, done), `${measuredFigures(done, split, card.task.task, occurring)}${counted}`].join('\n'),
    );
  }
  if (results) {
    const files = [results.metrics];
    await replaceFile(results.metrics, `${JSON.stringify(report, null, 1)}\n`);
    if (breakdown.kind === 'confusion') {
      files.push(results.confusion);
      await replaceFile(results.confusion, drawConfusion(ConfusionMatrix.of(breakdown.counts, names.length), names));
    }
    console.error(files.join('\n'));
  }
}

function figuresOf(metrics: Metrics, images: number): string[] {
  return orderedMetrics(metrics).map(([metric, value]) => `${metricName(metric).padEnd(23)}  ${figureText(value, images)}`);
}

/** What a breakdown says, for people and for machines. */
function detailsOf(
  breakdown: Breakdown,
  names: readonly string[],
  { ignored, images }: { readonly ignored: number | undefined; readonly images: number },
): { table: string; json: Record<string, unknown> } {
  const figure = (value: number | undefined): string => figureText(value, images);
  switch (breakdown.kind) {
    case 'confusion': {
      const matrix = ConfusionMatrix.of(breakdown.counts, names.length);
      const perClass = matrix.perClass().map(({ iou, accuracy, pixels }, c) => ({ name: names[c] ?? '', iou, accuracy, pixels }));
      // Without a pixel in the truth it is in no mean.
      const left = (c: number, pixels: number): string => (c === ignored ? 'not counted' : pixels === 0 ? 'does not occur' : '');
      const rows = perClass.map(({ name, iou, accuracy, pixels }, c) => [name, figure(iou), figure(accuracy), left(c, pixels)]);
      return { table: table([['class', 'IoU', 'accuracy', ''], ...rows]), json: { perClass, confusion: rowsOf(matrix) } };
    }
    case 'joints': {
      const perJoint = names.map((name, k) => {
        const [counted = 0, found = 0] = [breakdown.counted[k], breakdown.found[k]];
        return { name, counted, found, share: found / counted };
      });
      const rows = perJoint.map(({ name, share, counted }) => [name, figure(share), String(counted)]);
      return { table: table([['joint', 'found', 'of'], ...rows]), json: { perJoint } };
    }
    case 'distances': {
      const { edges, pixels, relative, close } = breakdown;
      const perDistance = pixels.map((n, i) => ({
        from: edges[i] ?? 0,
        to: edges[i + 1] ?? 0,
        pixels: n,
        absRel: (relative[i] ?? 0) / n,
        delta1: (close[i] ?? 0) / n,
      }));
      const rows = perDistance.map(({ from, to, absRel, delta1 }) => [
        `${from.toFixed(1)}–${to.toFixed(1)} m`,
        figure(absRel),
        figure(delta1),
      ]);
      return { table: table([['distance', 'abs. rel.', 'δ < 1.25'], ...rows]), json: { perDistance } };
    }
  }
}

function figureText(value: number | undefined, images: number): string {
  if (value !== undefined && !Number.isNaN(value)) return shareText(value, images);
  return '–'.padEnd(shareText(0, images).length);
}

/** counts[truth][prediction] */
function rowsOf({ classes, counts }: ConfusionMatrix): number[][] {
  return Array.from({ length: classes }, (_, t) => [...counts.subarray(t * classes, (t + 1) * classes)]);
}
