// `eval`: a trained model on a data set's validation list, at full resolution.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { openDataset } from '../data/index.js';
import { replaceFile } from '../files/index.js';
import { evaluateModel } from '../fit/index.js';
import { Predictor } from '../model/index.js';
import { nodeRuntime } from '../runtime/node.js';
import { type ConfusionMatrix, drawConfusion } from '../task/index.js';
import { imageSize, makeFolder, parseOptions, wholeNumber } from './options.js';
import { formatDuration, onInterrupt, ProgressLine } from './progress.js';

const schema = z.object({
  data: z.string(),
  split: z.enum(['val', 'train'], { error: (issue) => `must be val or train, got "${String(issue.input)}"` }).default('val'),
  ignore: wholeNumber(0).default(255),
  size: imageSize.optional(),
  scales: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .refine((scales) => scales.every((s) => Number.isFinite(s) && s > 0), { error: 'must be positive numbers, as in 0.75,1,1.25' })
    .default([1]),
  flip: z.boolean().default(false),
  out: z.string().optional(),
  json: z.boolean().default(false),
  threads: wholeNumber(1).default(availableParallelism()),
});

export async function evalCommand(file: string, raw: unknown): Promise<void> {
  const { data, split, ignore, size, scales, flip, out, json, threads } = parseOptions(schema, raw);
  const predictor = await Predictor.open(await nodeRuntime(), file, threads);
  const { classes } = predictor.card;
  const dataset = await openDataset(data, { classes: classes.length, ignore, names: classes });
  if (out !== undefined) await makeFolder('--out', out);
  const samples = dataset[split];
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  const started = performance.now();
  const { matrix, images: done } = await evaluateModel(predictor, samples, {
    dataset,
    size,
    scales,
    flip,
    onProgress: (count) => {
      const left = formatDuration(((performance.now() - started) / 1000 / count) * (samples.length - count));
      progress.show(`${count} of ${samples.length} images, ${left} left`);
    },
    signal: interrupt.signal,
  }).finally(async () => {
    interrupt.release();
    progress.end();
    await predictor.close();
  });
  if (done < samples.length) console.error(`interrupted: figures of the first ${done} images`);
  const metrics = matrix.result();
  const perClass = matrix.perClass().map(({ iou, accuracy, pixels }, c) => ({ name: classes[c] ?? '', iou, accuracy, pixels }));
  const report = { model: file, data, split, images: done, scales, flip, metrics, perClass, confusion: rows(matrix) };
  if (json) console.log(JSON.stringify(report));
  else {
    const width = Math.max(...classes.map((name) => name.length), 'class'.length);
    console.log(`${'class'.padEnd(width)}  IoU     accuracy`);
    for (const { name, iou, accuracy } of perClass) console.log(`${name.padEnd(width)}  ${figure(iou)}  ${figure(accuracy)}`);
    console.log(
      [
        '',
        `mean IoU                ${figure(metrics['meanIoU'])}`,
        `frequency-weighted IoU  ${figure(metrics['frequencyWeightedIoU'])}`,
        `pixel accuracy          ${figure(metrics['pixelAccuracy'])}`,
        `mean accuracy           ${figure(metrics['meanAccuracy'])}`,
        `${done} images, labels of ${ignore} and above not counted`,
      ].join('\n'),
    );
  }
  if (out !== undefined) {
    await replaceFile(path.join(out, 'metrics.json'), `${JSON.stringify(report, null, 1)}\n`);
    await replaceFile(path.join(out, 'confusion.svg'), drawConfusion(matrix, classes));
    console.error(`${path.join(out, 'metrics.json')}\n${path.join(out, 'confusion.svg')}`);
  }
}

function figure(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '–     ' : value.toFixed(4);
}

/** counts[truth][prediction] */
function rows({ classes, counts }: ConfusionMatrix): number[][] {
  return Array.from({ length: classes }, (_, t) => [...counts.subarray(t * classes, (t + 1) * classes)]);
}
