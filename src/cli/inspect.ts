// `inspect`: what a data folder holds, and what would go wrong with it. `search`, `train` and `eval` ask the same first.

import { z } from 'zod';
import { type Dataset, openData } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { replaceFile } from '../platform/node/files/index.js';
import { cardHtml, cardText, type DataCard, type DepthRange, samplePictures } from '../core/inspect/index.js';
import { learntRange, loadAnyPreset, openPresetData, taskOf, withDepthScale } from '../core/preset/index.js';
import { plainTask, type TaskDescription } from '../core/task/index.js';
import { lookAtData } from './data-check.js';
import { requireTask, taskOption } from './model-data.js';
import { parseOptions, positiveNumber } from './options.js';
import { refuseTaken } from './output-file.js';

const schema = z.object({
  task: taskOption.optional(),
  preset: z.string().optional(),
  depthScale: positiveNumber.optional(),
  output: z.string().optional(),
  overwrite: z.boolean().default(false),
  json: z.boolean().default(false),
});

type Options = z.output<typeof schema>;

export async function inspectCommand(folder: string, raw: unknown): Promise<void> {
  const options = parseOptions(schema, raw);
  const { output, overwrite, json } = options;
  if (output !== undefined) await refuseTaken([output], { option: '-o', overwrite, inputs: [folder] });
  const { dataset, range, description } = await open(folder, options);
  const card = await lookAtData(dataset, folder, range);
  if (output !== undefined) await replaceFile(output, cardHtml(card, await samplePictures(dataset, description ?? describe(card))));
  console.log(json ? JSON.stringify(card) : cardText(card));
  if (output !== undefined) console.error(output);
  const errors = card.findings.filter(({ grade }) => grade === 'error');
  if (errors.length > 0) throw new UserError(`${folder}: cannot be learnt from: ${errors.length} error(s), above`);
}

interface Opened {
  readonly dataset: Dataset;
  readonly range?: DepthRange | undefined;
  /** What a preset says of the task; the card says it where there is none. */
  readonly description?: TaskDescription | undefined;
}

async function open(folder: string, { task, preset: name, depthScale }: Options): Promise<Opened> {
  if (name === undefined) return { dataset: await openData(folder, { task, scale: depthScale }) };
  const preset = withDepthScale(await loadAnyPreset(name), depthScale);
  requireTask(task, preset.task, `preset ${name}`);
  const framing = (preset.train ?? preset).validation?.framing;
  return {
    dataset: await openPresetData(folder, preset),
    range: learntRange(preset),
    description: framing && taskOf(preset, framing).description,
  };
}

/** As much of a task as the data itself tells. */
function describe({ truth }: DataCard): TaskDescription {
  switch (truth.kind) {
    case 'masks':
      return plainTask('segmentation', undefined, { names: truth.labels.filter(({ isClass }) => isClass).map(({ name }) => name) });
    case 'joints':
      return plainTask('pose', undefined, { names: truth.joints.map(({ name }) => name) });
    case 'depth': {
      const { quantiles } = truth.train;
      if (!quantiles) return plainTask('depth');
      const [near, , far] = quantiles;
      return plainTask('depth', undefined, { range: { minDepth: near, maxDepth: Math.max(far, 1.01 * near) } });
    }
  }
}
