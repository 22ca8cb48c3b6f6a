// `predict`: masks and overlays of images.

import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { type ModelCard, sidecarName } from '../core/model/index.js';
import { inputSizeOf } from '../core/task/index.js';
import { predictPictures, resultFiles } from '../library/predict-pictures.js';
import { readBoxes } from './boxes.js';
import { findPictures } from './find-pictures.js';
import { inputOf, inputOption, requireTask, taskOption } from './model-data.js';
import { deviceOption, makeFolder, parseOptions, positiveNumber, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';
import { pictureTimesText } from './picture-times.js';
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

export async function predictCommand(model: string, inputs: readonly string[], raw: unknown): Promise<void> {
  const { output, task, boxes: boxFile, recursive, overwrite, ...options } = parseOptions(schema, raw);
  const { pictures, skipped } = await findPictures(inputs, { recursive, output });
  const boxes = boxFile === undefined ? undefined : await readBoxes(boxFile);
  const onModel = async (card: ModelCard): Promise<void> => {
    requireTask(task, card.task.task, model);
    inputOf(card, options.size, model);
    await refuseTaken(
      pictures.flatMap((picture) => Object.values(resultFiles(output, picture, card.task.task))),
      { option: '-o', overwrite, inputs: [model, sidecarName(model), boxFile, ...pictures.map(({ file }) => file)] },
    );
    await makeFolder('-o', output);
  };
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  const { signal } = interrupt;
  const predicting = predictPictures({ ...options, model, pictures, output, boxes, onModel, reporter: progress, signal });
  const { times, failed, distorted, input, device, legend } = await predicting.finally(() => {
    interrupt.release();
    progress.end();
  });
  if (times.length > 0) {
    const by = device === 'webgpu' ? 'WebGPU' : `${options.threads} thread(s)`;
    console.log(`${times.length} image(s) in ${output}: ${pictureTimesText(times)} (${by}, network and reading of its output, no files)`);
    console.log(legend);
  }
  if (distorted > 0) {
    const { width, height } = inputSizeOf(input, { width: 1, height: 1 });
    console.log(
      `${distorted} image(s) of quite another aspect were stretched to ${width}×${height}, as validation would; --size WxH gives another`,
    );
  }
  if (skipped !== '') console.log(skipped);
  if (signal.aborted) console.log(`interrupted; ${pictures.length - times.length - failed.length} image(s) left`);
  if (failed.length > 0) throw new UserError(`${failed.length} of ${pictures.length} image(s) could not be read`);
}
