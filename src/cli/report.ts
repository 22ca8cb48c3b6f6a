// `report`: a search as one HTML file.

import { z } from 'zod';
import { reasonOf, UserError } from '../errors/index.js';
import { replaceFile } from '../files/index.js';
import { RunFolder } from '../search/index.js';
import { writeReport } from '../server/index.js';
import { parseOptions, wholeNumber } from './options.js';

const schema = z.object({ output: z.string(), best: wholeNumber(1).default(5) });

export async function reportCommand(folder: string, raw: unknown): Promise<void> {
  const { output, best } = parseOptions(schema, raw);
  const html = await writeReport(RunFolder.open(folder), best);
  await replaceFile(output, html).catch((error: unknown) => {
    throw new UserError(`-o ${output}: cannot be written (${reasonOf(error)})`);
  });
  console.log(`${output}: ${(Buffer.byteLength(html) / 2 ** 20).toFixed(1)} MiB`);
}
