// `trials`: what a search found, as a table, JSON lines or CSV.

import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { RunFolder } from '../core/search/index.js';
import { writeSearchEvents } from '../library/tensorboard/search-events.js';
import { readTrials, trialsCsv } from '../library/trials.js';
import { replaceFile } from '../platform/node/files/index.js';
import { heldOutFigures, heldOutImages } from './figures-of.js';
import { costBound, objectiveList, parseOptions, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';
import { trialTable } from './trial-table.js';

const trialsSchema = z.object({
  format: z
    .enum(['table', 'jsonl', 'csv'], { error: (issue) => `must be table, jsonl or csv, got "${String(issue.input)}"` })
    .default('table'),
  best: wholeNumber(1).optional(),
  pareto: z.boolean().default(false),
  objectives: objectiveList.optional(),
  pick: costBound.optional(),
  csv: z.string().optional(),
  tensorboard: z.string().optional(),
  overwrite: z.boolean().default(false),
});

export async function trialsCommand(folder: string, raw: unknown): Promise<void> {
  const { format, best, pareto, objectives, pick, csv: csvFile, tensorboard, overwrite } = parseOptions(trialsSchema, raw);
  if (csvFile !== undefined) await refuseTaken([csvFile], { option: '--csv', overwrite, inputs: [folder] });
  if (objectives && !pareto) throw new UserError('--objectives: says what --pareto compares; give that too, or leave it out');
  const reporter = { print: (text: string) => console.error(text), show: () => {} };
  const read = await readTrials(folder, { best, pareto: pareto && (objectives ?? true), pick, reporter });
  const { trials, preset, front, measured } = read;
  if (tensorboard !== undefined) console.error(await writeSearchEvents(RunFolder.open(folder), tensorboard));
  if (csvFile !== undefined) {
    await replaceFile(csvFile, `${trialsCsv(trials)}\n`);
    console.error(csvFile);
  }
  if (format !== 'table')
    return console.log(format === 'csv' ? trialsCsv(trials) : trials.map((trial) => JSON.stringify(trial)).join('\n'));
  const images = await heldOutImages(folder, preset);
  console.log(trialTable(trials, { images, measured }));
  console.log(heldOutFigures(images, preset));
  if (front && !pick)
    console.log(`${front.size} of ${front.of}; they dominate ${front.volume.toFixed(3)} of the box between the worst and the best`);
}
