// `inspect`: what a data folder holds, and what would go wrong with it. `search`, `train` and `eval` ask the same first.

import { z } from 'zod';
import { UserError } from '../errors/index.js';
import { cardHtml, cardText, type DataCard, samplePictures } from '../inspect/index.js';
import { loadPreset, openPresetData, taskOf, withDepthScale } from '../preset/index.js';
import { replaceFile } from '../files/index.js';
import { lookAtData } from './data-check.js';
import { requireTask, taskOption } from './model-data.js';
import { parseOptions, positiveNumber } from './options.js';

const schema = z.object({
  task: taskOption.optional(),
  preset: z.string().optional(),
  depthScale: positiveNumber.optional(),
  output: z.string().optional(),
  json: z.boolean().default(false),
});

export async function inspectCommand(folder: string, raw: unknown): Promise<void> {
  const { task, preset: name, depthScale, output, json } = parseOptions(schema, raw);
  if (name === undefined) throw new UserError('--preset is needed for now');
  const preset = withDepthScale(await loadPreset(name), depthScale);
  requireTask(task, preset.task, `preset ${name}`);
  const dataset = await openPresetData(folder, preset);
  const description = taskOf(preset, preset.validation.framing).description;
  const card = await lookAtData(dataset, folder, preset.task === 'depth' ? preset.data : undefined);
  if (output !== undefined) await replaceFile(output, cardHtml(card, await samplePictures(dataset, description)));
  console.log(json ? JSON.stringify(card) : cardText(card));
  if (output !== undefined) console.error(output);
  refuse(card);
}

/** @throws UserError where the data cannot be learnt from */
function refuse({ findings, folder }: DataCard): void {
  const errors = findings.filter(({ grade }) => grade === 'error');
  if (errors.length > 0) throw new UserError(`${folder}: cannot be learnt from: ${errors.length} error(s), above`);
}
