// `export`: the deployable ONNX model. `init`: fresh weights of a whole network.

import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { classNames } from '../data/index.js';
import { reasonOf, UserError } from '../errors/index.js';
import { exportNetwork, freshNetwork, type NetworkWeights, networkFile, readNetwork, writeSafetensors } from '../model/index.js';
import { seededRandom } from '../random/index.js';
import { formatGenotype } from '../space/index.js';
import { parseOptions, readGenotype, wholeNumber } from './options.js';

const network = {
  genotype: z.string().optional(),
  classes: wholeNumber(1).optional(),
  width: wholeNumber(1).optional(),
  sepRepeats: wholeNumber(1).optional(),
  output: z.string(),
};

const exportSchema = z.object({
  ...network,
  weights: z.string().optional(),
  upsample: z.boolean().default(false),
  normalise: z.boolean().default(false),
});

export async function exportCommand(raw: unknown): Promise<void> {
  const { weights, upsample, normalise, output, ...options } = parseOptions(exportSchema, raw);
  const source = weights ?? 'fresh weights';
  const loaded = weights === undefined ? await fresh(options, 0) : await withOptions(await readNetwork(weights), options, weights);
  if (weights === undefined) console.error('note: no --weights given, the model has fresh random ones (seed 0)');
  const model = exportNetwork(loaded, { upsample, normalise, source });
  await writeFile(output, model).catch((error: unknown) => {
    throw new UserError(`-o ${output}: cannot be written (${reasonOf(error)})`);
  });
  console.log(
    `${output}: ${(model.length / 2 ** 20).toFixed(1)} MiB, ${loaded.description.classes.length} classes, ${formatGenotype(loaded.description.genotype)}`,
  );
}

const initSchema = z.object({ ...network, seed: wholeNumber(0) });

export async function initCommand(raw: unknown): Promise<void> {
  const { seed, output, ...options } = parseOptions(initSchema, raw);
  const made = await fresh(options, seed);
  await writeSafetensors(output, networkFile(made)).catch((error: unknown) => {
    throw new UserError(`-o ${output}: cannot be written (${reasonOf(error)})`);
  });
  console.log(`${output}: ${made.tensors.size} tensors, ${formatGenotype(made.description.genotype)}`);
}

interface NetworkOptions {
  readonly genotype?: string | undefined;
  readonly classes?: number | undefined;
  readonly width?: number | undefined;
  readonly sepRepeats?: number | undefined;
}

async function fresh({ genotype, classes, width = 64, sepRepeats = 2 }: NetworkOptions, seed: number): Promise<NetworkWeights> {
  if (genotype === undefined || classes === undefined)
    throw new UserError('--genotype and --classes are needed where no --weights file says them');
  const description = { genotype: await readGenotype(genotype), classes: classNames({ classes, ignore: 255 }), width, sepRepeats };
  return freshNetwork(description, seededRandom(seed));
}

/** What the command line says must be what the file says. */
async function withOptions(loaded: NetworkWeights, options: NetworkOptions, file: string): Promise<NetworkWeights> {
  const { description } = loaded;
  const differs = (option: string, given: unknown, own: unknown): UserError =>
    new UserError(
      `${file}: was made with ${option} ${String(own)}, the command line says ${String(given)}; leave ${option} out or give the matching file`,
    );
  if (options.genotype !== undefined) {
    const given = formatGenotype(await readGenotype(options.genotype));
    const own = formatGenotype(description.genotype);
    if (given !== own) throw differs('--genotype', given, own);
  }
  const pairs = [
    ['--classes', options.classes, description.classes.length],
    ['--width', options.width, description.width],
    ['--sep-repeats', options.sepRepeats, description.sepRepeats],
  ] as const;
  for (const [option, given, own] of pairs) if (given !== undefined && given !== own) throw differs(option, given, own);
  return loaded;
}
