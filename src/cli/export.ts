// `export`: the deployable network, as ONNX in one of three precisions, as a folder for transformers.js, or back to
// PyTorch. `init`: fresh weights of a whole network.

import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { reasonOf, UserError } from '../core/errors/index.js';
import { replaceFile } from '../platform/node/files/index.js';
import {
  type ExportOptions,
  exportNetwork,
  freshNetwork,
  type NetworkWeights,
  networkFile,
  readNetwork,
  transformersFolderFiles,
  transformersInput,
  writeSafetensors,
  writeTransformersFolder,
} from '../core/model/index.js';
import { seededRandom } from '../core/random/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';
import { formatArchitecture } from '../core/space/index.js';
import { channelNames, hasClasses, learntDepths, type TaskName, taskTraits } from '../core/task/index.js';
import { checkedModel, type Precision, seenAt } from '../library/export-model.js';
import { openDataFor } from '../core/preset/index.js';
import { requireTask, taskOption, validatedAs, validatedOption } from './model-data.js';
import { namedNetwork } from './named-network.js';
import { imageSize, parseOptions, positiveNumber, readGenotype, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';
import { ProgressLine } from './progress.js';

const network = {
  task: taskOption.optional(),
  genotype: z.string().optional(),
  classes: wholeNumber(1).optional(),
  width: wholeNumber(1).optional(),
  sepRepeats: wholeNumber(1).optional(),
  output: z.string(),
  overwrite: z.boolean().default(false),
};

const exportSchema = z.object({
  ...network,
  weights: z.string().optional(),
  upsample: z.boolean().default(false),
  normalise: z.boolean().default(false),
  fp16: z.boolean().default(false),
  int8: z.boolean().default(false),
  transformers: z.boolean().default(false),
  toTorch: z.boolean().default(false),
  data: z.string().optional(),
  ignore: wholeNumber(0).optional(),
  depthScale: positiveNumber.default(1000),
  calibration: wholeNumber(1).default(32),
  size: imageSize.optional(),
  validated: validatedOption.optional(),
  opset: wholeNumber(1).optional(),
  threads: wholeNumber(1).default(availableParallelism()),
});

type Options = z.output<typeof exportSchema>;

export async function exportCommand(raw: unknown): Promise<void> {
  const options = parseOptions(exportSchema, raw);
  refuseContradictions(options);
  const { weights, output, transformers, toTorch, upsample, normalise, fp16, int8 } = options;
  const source = weights ?? 'fresh weights';
  await refuseTaken(transformers ? transformersFolderFiles(output) : [output], {
    option: '-o',
    overwrite: options.overwrite,
    inputs: [weights, options.genotype, options.data],
  });
  const read = weights === undefined ? await fresh(options, 0) : await withOptions(await readNetwork(weights), options, weights);
  const size = options.size && { width: options.size[0], height: options.size[1] };
  const told = validatedAs(read.description.task, options.validated, '--validated');
  const loaded = seenAt({ ...read, description: { ...read.description, task: told } }, size);
  if (weights === undefined) console.error('note: no --weights given, the model has fresh random ones (seed 0)');
  const { description } = loaded;
  const { task } = description;
  const depths = learntDepths(task);
  const channels =
    depths === undefined
      ? `${channelNames(task).length} ${hasClasses(task) ? 'classes' : 'joints'}`
      : `metres from ${depths.minDepth} to ${depths.maxDepth}`;
  const what = `${channels}, ${formatArchitecture(description.genotype)}`;
  if (transformers && !hasClasses(task))
    throw new UserError(`--transformers: its pipeline is for segmentation, this network is for ${task.task}; export ONNX instead`);
  if (transformers && task.background)
    console.error(
      `note: the network was trained on photographs laid over rgb(${task.background.join(', ')}) where they are transparent, and transformers.js leaves alpha out: lay such photographs over that colour before`,
    );
  const cannotWrite = (error: unknown): never => {
    throw new UserError(`-o ${output}: cannot be written (${reasonOf(error)})`);
  };
  if (toTorch) {
    exportNetwork(loaded, { source }); // says what is missing
    await writeSafetensors(output, networkFile(loaded)).catch(cannotWrite);
    console.log(`${output}: ${loaded.tensors.size} tensors under the authors' names, ${what}`);
    return;
  }
  const runtime = await nodeRuntime({ threads: options.threads });
  const dataset = options.data === undefined ? undefined : await openDataFor(task, options.data, options);
  const shape = { size, opset: options.opset, source };
  const form: ExportOptions = transformers ? { inputName: transformersInput, ...shape } : { upsample, normalise, ...shape };
  const precisions = transformers
    ? ([undefined, fp16 && 'fp16', int8 && 'int8'] as const)
    : ([(fp16 && 'fp16') || (int8 && 'int8') || undefined] as const);
  const models = new Map<Precision, Uint8Array>();
  for (const precision of precisions) {
    if (precision === false) continue;
    const name = precision === 'fp16' ? 'float16' : (precision ?? 'float32');
    const progress = new ProgressLine();
    const { calibration } = options;
    const checking = checkedModel(runtime, loaded, name, { form, dataset, calibration, reporter: progress });
    models.set(name, await checking.finally(() => progress.end()));
  }
  if (transformers && hasClasses(task)) {
    const { normalisation } = description;
    const files = await writeTransformersFolder(output, { task, normalisation }, Object.fromEntries(models)).catch(cannotWrite);
    console.log([...(files ?? []), what].join('\n'));
    return;
  }
  for (const model of models.values()) {
    await replaceFile(output, model).catch(cannotWrite);
    console.log(`${output}: ${(model.length / 2 ** 20).toFixed(1)} MiB, ${what}`);
  }
}

function refuseContradictions(options: Options): void {
  const { transformers, toTorch, upsample, normalise, fp16, int8, data, size, opset, validated } = options;
  if (size && validated) throw new UserError('--size: images are stretched to the only size that the model takes; leave out --validated');
  if (int8 && data === undefined) throw new UserError('--int8 is calibrated on images: add --data with the folder of the training images');
  if (!transformers && fp16 && int8)
    throw new UserError('--fp16 and --int8: one file has one precision; give one of them, or --transformers for a folder');
  if (transformers && (upsample || normalise))
    throw new UserError('--transformers: its processor normalises and resizes; leave out --upsample and --normalise');
  if (toTorch && (transformers || upsample || normalise || fp16 || int8 || size || opset !== undefined))
    throw new UserError('--to-torch writes the weights as they are; leave out what shapes a model');
}

const initSchema = z.object({ ...network, seed: wholeNumber(0) });

export async function initCommand(raw: unknown): Promise<void> {
  const { seed, output, overwrite, ...options } = parseOptions(initSchema, raw);
  await refuseTaken([output], { option: '-o', overwrite, inputs: [options.genotype] });
  const made = await fresh(options, seed);
  await writeSafetensors(output, networkFile(made)).catch((error: unknown) => {
    throw new UserError(`-o ${output}: cannot be written (${reasonOf(error)})`);
  });
  console.log(`${output}: ${made.tensors.size} tensors, ${formatArchitecture(made.description.genotype)}`);
}

interface NetworkOptions {
  readonly task?: TaskName | undefined;
  readonly genotype?: string | undefined;
  readonly classes?: number | undefined;
  readonly width?: number | undefined;
  readonly sepRepeats?: number | undefined;
}

async function fresh({ genotype, ...choice }: NetworkOptions, seed: number): Promise<NetworkWeights> {
  const isSaid =
    choice.classes !== undefined || taskTraits[choice.task ?? 'segmentation'].depicts !== 'labels' || /#\d+$/.test(genotype ?? '');
  if (genotype === undefined || !isSaid) throw new UserError('--genotype and --classes are needed where no --weights file says them');
  const { architecture, task, decoder } = await namedNetwork(genotype, choice);
  return freshNetwork({ genotype: architecture, task, ...decoder }, seededRandom(seed));
}

/** What the command line says must be what the file says. */
async function withOptions(loaded: NetworkWeights, options: NetworkOptions, file: string): Promise<NetworkWeights> {
  const { description } = loaded;
  const differs = (option: string, given: unknown, own: unknown): UserError =>
    new UserError(
      `${file}: was made with ${option} ${String(own)}, the command line says ${String(given)}; leave ${option} out or give the matching file`,
    );
  if (options.genotype !== undefined) {
    const given = formatArchitecture(await readGenotype(options.genotype));
    const own = formatArchitecture(description.genotype);
    if (given !== own) throw differs('--genotype', given, own);
  }
  requireTask(options.task, description.task.task, file);
  const pairs = [
    ['--classes', options.classes, channelNames(description.task).length],
    ['--width', options.width, description.width],
    ['--sep-repeats', options.sepRepeats, description.sepRepeats],
  ] as const;
  for (const [option, given, own] of pairs) if (given !== undefined && given !== own) throw differs(option, given, own);
  return loaded;
}
