// A whole network in one safetensors file: `encoder.…` and `decoder.…`, and in the metadata all that is needed to
// build it again.

import { z } from 'zod';
import { allFinite } from '../data/index.js';
import { reasonOf } from '../errors/index.js';
import { input } from '../graph/index.js';
import {
  buildNetwork,
  type EncoderWeights,
  imagenetNormalisation,
  initialise,
  type Normalisation,
  oversize,
  reachable,
  Scope,
  torchEncoder,
  type WeightTensor,
} from '../nn/index.js';
import type { Random } from '../random/index.js';
import { type Architecture, formatArchitecture, parseArchitecture } from '../space/index.js';
import { channelNames, type TaskDescription } from '../task/index.js';
import { formatNormalisation, parseNormalisation } from './encoder-weights.js';
import { requireFiniteTensors } from './finite-weights.js';
import { formatTask, parseTask } from './model-card.js';
import { readSafetensors, type WeightFile, WeightsError } from './safetensors.js';

export interface NetworkDescription {
  readonly genotype: Architecture;
  readonly task: TaskDescription;
  readonly width: number;
  readonly sepRepeats: number;
  readonly padding: 'torch' | 'tf-same';
  readonly normalisation: Normalisation;
}

export interface NetworkWeights {
  readonly description: NetworkDescription;
  /** By name, with the prefixes. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
}

/** Fresh weights under PyTorch's conventions. */
export function freshNetwork(description: Omit<NetworkDescription, 'padding' | 'normalisation'>, random: Random): NetworkWeights {
  const scope = Scope.root('inference');
  const { genotype, task, width, sepRepeats } = description;
  buildNetwork(scope, input('image', [1, 3, 64, 64]), {
    genotype,
    encoder: torchEncoder,
    decoder: { outputs: channelNames(task).length, width, sepRepeats },
  });
  const values = initialise(scope.parameters, random);
  const tensors = new Map(scope.parameters.map(({ name, shape }) => [name, { shape, data: values.get(name) ?? new Float32Array() }]));
  return { description: { ...description, padding: 'torch', normalisation: imagenetNormalisation }, tensors };
}

/**
 * A pretrained encoder and trained parameters as one network.
 * @param trained by name, `decoder.…`; `encoder.…` where the encoder was trained too. Others than the network's own are left out
 * @throws WeightsError when a parameter that the output depends on is missing, of another size, or not finite
 */
export function joinNetwork(
  encoder: EncoderWeights,
  trained: ReadonlyMap<string, Float32Array>,
  description: Omit<NetworkDescription, 'padding' | 'normalisation'>,
): NetworkWeights {
  const scope = Scope.root('inference');
  const { genotype, task, width, sepRepeats } = description;
  const { logits } = buildNetwork(scope, input('image', [1, 3, 64, 64]), {
    genotype,
    encoder: encoder.options,
    decoder: { outputs: channelNames(task).length, width, sepRepeats },
  });
  const needed = new Set(reachable(scope.parameters, [logits]).map(({ name }) => name));
  const tensors = new Map<string, WeightTensor>();
  for (const { name, shape } of scope.parameters) {
    const count = shape.reduce((n, d) => n * d, 1);
    const data = trained.get(name) ?? (name.startsWith('encoder.') ? encoder.tensors.get(name.slice('encoder.'.length))?.data : undefined);
    if (!data && needed.has(name)) throw new WeightsError(`${name}: this weight of ${formatArchitecture(genotype)} is missing`);
    if (data && data.length !== count)
      throw new WeightsError(`${name}: has ${data.length} values, this weight of ${formatArchitecture(genotype)} has ${count}`);
    if (data && !allFinite(data)) throw new WeightsError(`${name}: is not all finite numbers`);
    // Parts that cannot reach the output have not been trained: zeros.
    tensors.set(name, { shape, data: data ?? new Float32Array(count) });
  }
  return { description: { ...description, padding: encoder.options.padding, normalisation: encoder.normalisation }, tensors };
}

export function networkFile({ description, tensors }: NetworkWeights): WeightFile {
  const { genotype, task, width, sepRepeats, padding, normalisation } = description;
  return {
    tensors,
    metadata: {
      genotype: formatArchitecture(genotype),
      ...formatTask(task),
      width: String(width),
      sep_repeats: String(sepRepeats),
      padding,
      normalisation: formatNormalisation(normalisation),
    },
  };
}

const metadataSchema = z.object({
  genotype: z.string(),
  width: z.coerce.number().int().positive(),
  sep_repeats: z.coerce.number().int().positive(),
  padding: z.enum(['torch', 'tf-same']),
  normalisation: z.string(),
});

/** @throws WeightsError when the file is no network written by `networkFile`, or its weights are not finite */
export async function readNetwork(file: string): Promise<NetworkWeights> {
  const { tensors, metadata } = await readSafetensors(file);
  requireFiniteTensors(tensors, file);
  const parsed = metadataSchema.safeParse(metadata);
  const task = parseTask(metadata, file);
  if (!parsed.success || !task) {
    const keys = [...(task ? [] : ['classes']), ...new Set((parsed.error?.issues ?? []).map(({ path }) => String(path[0])))];
    const found = keys.flatMap((key) => (Object.hasOwn(metadata, key) ? [`its ${key} is ${metadata[key]?.slice(0, 80)}`] : []));
    const lacking = keys.filter((key) => !Object.hasOwn(metadata, key));
    const what = [...(lacking.length > 0 ? [`its metadata lacks ${lacking.join(', ')}`] : []), ...found].join('; ');
    throw new WeightsError(`${file}: ${what}; expected a whole network as written by "auxcell init" or a search`);
  }
  const { genotype: text, width, sep_repeats: sepRepeats, padding, normalisation } = parsed.data;
  const genotype = genotypeOf(text, file);
  const problem = oversize(genotype, { width, sepRepeats, outputs: channelNames(task).length });
  if (problem !== undefined) throw new WeightsError(`${file}: its metadata describes a network that is too large: ${problem}`);
  const description = {
    genotype,
    task,
    width,
    sepRepeats,
    padding,
    normalisation: parseNormalisation(normalisation, file),
  };
  return { description, tensors };
}

function genotypeOf(text: string, file: string): Architecture {
  try {
    return parseArchitecture(text);
  } catch (error) {
    throw new WeightsError(`${file}: its genotype cannot be read: ${reasonOf(error)}`);
  }
}
