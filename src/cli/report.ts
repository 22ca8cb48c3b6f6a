// `report`: a search as one HTML file.

import path from 'node:path';
import { z } from 'zod';
import { reasonOf, UserError } from '../core/errors/index.js';
import { replaceFile } from '../platform/node/files/index.js';
import { RunFolder } from '../core/search/index.js';
import { writeReport } from '../server/index.js';
import { parseOptions, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';

/** What a report is made of; a run's folder may hold the report too. */
const runFiles = ['config.yaml', 'search.db', 'best.safetensors', 'encoder.safetensors'];

const schema = z.object({ output: z.string(), best: wholeNumber(1).default(5), overwrite: z.boolean().default(false) });

export async function reportCommand(folder: string, raw: unknown): Promise<void> {
  const { output, best, overwrite } = parseOptions(schema, raw);
  await refuseTaken([output], { option: '-o', overwrite, inputs: runFiles.map((name) => path.join(folder, name)) });
  const html = await writeReport(RunFolder.open(folder), best);
  await replaceFile(output, html).catch((error: unknown) => {
    throw new UserError(`-o ${output}: cannot be written (${reasonOf(error)})`);
  });
  console.log(`${output}: ${(Buffer.byteLength(html) / 2 ** 20).toFixed(1)} MiB`);
}
