// A whole network from the tensors of a PyTorch checkpoint under the authors' names.

import { input, sameShape } from '../graph/index.js';
import { buildNetwork, Scope, type WeightTensor } from '../nn/index.js';
import { channelNames } from '../task/index.js';
import { requireFiniteTensors } from './finite-weights.js';
import type { NetworkDescription, NetworkWeights } from './network-file.js';
import { WeightsError } from './safetensors.js';

export interface ImportedNetwork {
  readonly network: NetworkWeights;
  /** Tensors left out: auxiliary heads, which only training needs. */
  readonly auxiliary: number;
}

/** @param file for messages @throws WeightsError naming the tensor that is missing, too many or of another shape */
export function importNetwork(tensors: ReadonlyMap<string, WeightTensor>, description: NetworkDescription, file: string): ImportedNetwork {
  const named = new Map([...tensors].map(([name, tensor]) => [canonicalName(name), tensor]));
  const scope = Scope.root('inference');
  const { genotype, task, width, sepRepeats, padding } = description;
  buildNetwork(scope, input('image', [1, 3, 64, 64]), {
    genotype,
    encoder: { padding, expandsFirst: named.has('encoder.layer2.0.conv.0.weight') },
    decoder: { outputs: channelNames(task).length, width, sepRepeats },
  });
  const taken = new Map<string, WeightTensor>();
  for (const { name, shape } of scope.parameters) {
    const tensor = named.get(name);
    if (!tensor)
      throw new WeightsError(`${file}: ${name} is missing; check the architecture and its repetitions`, {
        about: ['genotype', 'sepRepeats'],
      });
    if (!sameShape(tensor.shape, shape))
      throw new WeightsError(
        `${file}: ${name} has shape [${tensor.shape.join(', ')}], the network needs [${shape.join(', ')}]; check the architecture, the number of classes, width and repetitions`,
        { about: ['genotype', 'classes', 'width', 'sepRepeats'] },
      );
    taken.set(name, tensor);
  }
  requireFiniteTensors(taken, file);
  const others = [...named.keys()].filter((name) => !taken.has(name) && !name.endsWith('num_batches_tracked'));
  const auxiliary = others.filter((name) => name.startsWith('decoder.aux_clfs.'));
  const [unknown] = others.filter((name) => !name.startsWith('decoder.aux_clfs.'));
  if (unknown !== undefined)
    throw new WeightsError(`${file}: ${unknown} has no place in this network; check the architecture and its repetitions`, {
      about: ['genotype', 'sepRepeats'],
    });
  return { network: { description, tensors: taken }, auxiliary: auxiliary.length };
}

/** `module.` (DataParallel) goes; `0.` and `1.` of a sequence, or nothing, become `encoder.` and `decoder.`. */
function canonicalName(name: string): string {
  const bare = name.replace(/^module\./, '');
  if (/^(encoder|decoder)\./.test(bare)) return bare;
  if (/^[01]\.[a-z]/.test(bare)) return (bare.startsWith('0') ? 'encoder' : 'decoder') + bare.slice(1);
  return `${/^layer\d/.test(bare) ? 'encoder' : 'decoder'}.${bare}`;
}
