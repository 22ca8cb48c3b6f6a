// `import`: a PyTorch checkpoint of a whole network becomes weights that every other command takes.

import { z } from 'zod';
import { classNames } from '../core/data/index.js';
import { reasonOf, UserError } from '../core/errors/index.js';
import { importNetwork, networkFile, readSafetensors, readTorchCheckpoint, writeSafetensors } from '../core/model/index.js';
import { imagenetNormalisation, tensorflowNormalisation } from '../core/nn/index.js';
import { decoderSizeOf, formatArchitecture } from '../core/space/index.js';
import { validatedAs, validatedOption } from './model-data.js';
import { parseOptions, readGenotype, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';

const schema = z.object({
  genotype: z.string(),
  classes: wholeNumber(1),
  names: z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .optional(),
  width: wholeNumber(1).optional(),
  sepRepeats: wholeNumber(1).optional(),
  padding: z.enum(['torch', 'tf-same'], { error: (issue) => `must be torch or tf-same, got "${String(issue.input)}"` }),
  size: validatedOption.optional(),
  output: z.string(),
  overwrite: z.boolean().default(false),
});

export async function importCommand(file: string, raw: unknown): Promise<void> {
  const { genotype: text, classes, names, padding, size, output, overwrite, ...given } = parseOptions(schema, raw);
  await refuseTaken([output], { option: '-o', overwrite, inputs: [file, text] });
  if (names && names.length !== classes) throw new UserError(`--names: ${names.length} names for ${classes} classes`);
  const genotype = await readGenotype(text);
  const tensors = file.endsWith('.safetensors') ? (await readSafetensors(file)).tensors : await readTorchCheckpoint(file);
  const description = {
    genotype,
    task: validatedAs({ task: 'segmentation', classes: classNames({ classes, ignore: 255, names }) }, size),
    ...decoderSizeOf(genotype, given),
    padding,
    normalisation: padding === 'torch' ? imagenetNormalisation : tensorflowNormalisation,
  };
  const { network, auxiliary } = importNetwork(tensors, description, file);
  await writeSafetensors(output, networkFile(network)).catch((error: unknown) => {
    throw new UserError(`-o ${output}: cannot be written (${reasonOf(error)})`);
  });
  const left = auxiliary > 0 ? `, ${auxiliary} of auxiliary heads left out` : '';
  console.log(`${output}: ${network.tensors.size} tensors${left}, ${formatArchitecture(genotype)}`);
}
