// The deployable network as an ONNX model: encoder and decoder without auxiliary heads, open batch, height and width.

import { floatToHalf } from '../data/index.js';
import { UserError } from '../errors/index.js';
import {
  add,
  constant,
  input,
  lowerGraph,
  mul,
  opsets,
  resizeBilinear,
  sameShape,
  sizeOf,
  staticShape,
  type Tensor,
  topologicalOrder,
} from '../graph/index.js';
import { buildNetwork, costOf, foldedValues, type NetworkOptions, reachable, Scope } from '../nn/index.js';
import { formatArchitecture } from '../space/index.js';
import { channelNames, createTask, peopleOf } from '../task/index.js';
import { formatNormalisation } from './encoder-weights.js';
import { formatTask } from './model-card.js';
import type { NetworkWeights } from './network-file.js';
import { WeightsError } from './safetensors.js';

export interface ExportOptions {
  /** Logits at the image's size instead of the network's own (1/4 at best). */
  readonly upsample?: boolean;
  /** The input convention inside: the model takes raw RGB, 0 … 255. */
  readonly normalise?: boolean;
  /** Name of the input, `image` by default. */
  readonly inputName?: string;
  /** Weights and arithmetic in half precision; input and output stay float32. */
  readonly half?: boolean;
  /** Batch normalisation inside the convolutions, as deployed, or on its own, as trained. */
  readonly norm?: 'folded' | 'inference';
  /** The only size of images that the model takes, one at a time: nothing is computed from sizes then. Absent: any size, any number. */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  /** Version of ONNX's operators, 11 … 18; absent: 18. */
  readonly opset?: number | undefined;
  /** For messages. */
  readonly source?: string;
}

/** The network as it is deployed: batch normalisation folded into the convolutions, and what its weights are then. */
export interface DeployedGraph {
  readonly image: Tensor;
  /** At the network's own resolution. */
  readonly logits: Tensor;
  readonly output: Tensor;
  readonly bindings: ReadonlyMap<Tensor, Float32Array>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A model with input `image` [B, 3, H, W] and output `logits` [B, classes, h, w]. */
export function exportNetwork(network: NetworkWeights, options: ExportOptions = {}): Uint8Array {
  const { output, bindings, metadata } = deployedGraph(network, options);
  const { half = false, opset } = options;
  return lowerGraph({ logits: output }, { bindings, metadata, opset, ...(half && { half: toHalves }) });
}

/**
 * As a search leaves its best network: raw RGB goes in, what comes out has the image's size. Heatmaps stay small: joints are
 * read from them as they are.
 */
export function exportDeployed(network: NetworkWeights): Uint8Array {
  return exportNetwork(network, { upsample: !peopleOf(network.description.task), normalise: true });
}

function toHalves(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, floatToHalf);
}

export function deployedGraph(network: NetworkWeights, options: ExportOptions = {}): DeployedGraph {
  const {
    upsample = false,
    normalise = false,
    inputName = 'image',
    half = false,
    norm = 'folded',
    source = 'the weights',
    size,
    opset = opsets.usual,
  } = options;
  if (!(opset >= opsets.oldest && opset <= opsets.usual))
    throw new UserError(`operator set ${opset}: a network is written in ${opsets.oldest} to ${opsets.usual}`);
  const { description, tensors } = network;
  const { task, width, sepRepeats, padding, normalisation } = description;
  const structure = structureOf(network);
  const scope = Scope.root(norm);
  const open = (symbol: string) => ({ symbol, divisor: 1 });
  const image = input(inputName, size ? [1, 3, size.height, size.width] : [open('batch'), 3, open('height'), open('width')]);
  const { logits } = buildNetwork(scope, normalise ? normalised(image, normalisation) : image, structure);
  const [, , h, w] = image.shape;
  if (h === undefined || w === undefined) throw new RangeError('the image has four axes');
  const { activate, deployed } = createTask(task);
  const activated = deployed(activate(logits));
  const output = upsample ? resizeBilinear(activated, h, w, image) : activated;
  const values = (name: string, shape: readonly number[]): Float32Array => {
    const found = tensors.get(name);
    if (!found)
      throw new WeightsError(`${source}: ${name} is missing; this genotype with width ${width} and sepRepeats ${sepRepeats} needs it`);
    if (!sameShape(found.shape, shape))
      throw new WeightsError(
        `${source}: ${name} has shape [${found.shape.join(', ')}], the network needs [${shape.join(', ')}]; check the architecture, the number of classes, width and repetitions`,
        { about: ['genotype', 'classes', 'width', 'sepRepeats'] },
      );
    return found.data;
  };
  const folded = new Map(scope.folds.flatMap((fold) => [[fold.weight, fold] as const, [fold.bias, fold] as const]));
  const bindings = new Map<Tensor, Float32Array>();
  for (const { name, shape, tensor } of reachable(scope.parameters, [output])) {
    const fold = folded.get(tensor);
    if (!fold) bindings.set(tensor, values(name, shape));
    else if (tensor === fold.weight) {
      const perChannel = shape.slice(0, 1);
      const part = (name: string): Float32Array => values(fold.norm + name, perChannel);
      const parts = { gamma: part('weight'), beta: part('bias'), mean: part('running_mean'), variance: part('running_var') };
      const { weight, bias } = foldedValues(values(name, shape), parts);
      bindings.set(fold.weight, weight);
      bindings.set(fold.bias, bias);
    }
  }
  foldSlices([output], bindings);
  const metadata = {
    genotype: formatArchitecture(structure.genotype),
    ...formatTask(task),
    width: String(width),
    sep_repeats: String(sepRepeats),
    parameters: String(valuesInUse(structure)),
    padding,
    precision: half ? 'float16' : 'float32',
    input_name: inputName,
    input: normalise ? 'RGB, 0 … 255' : 'RGB, (v / 255 − mean) / std',
    normalisation: normalise
      ? formatNormalisation({ mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] })
      : formatNormalisation(normalisation),
    output: `${outputNames[task.task]} at the size of ${upsample ? 'the image' : 'the largest map in use'}`,
  };
  return { image, logits, output, bindings, metadata };
}

function structureOf({ description: { genotype, task, width, sepRepeats, padding }, tensors }: NetworkWeights): NetworkOptions {
  return {
    genotype,
    encoder: { padding, expandsFirst: tensors.has('encoder.layer2.0.conv.0.weight') },
    decoder: { outputs: channelNames(task).length, width, sepRepeats },
  };
}

/** Trainable values that reach the output, with what is folded away here. */
function valuesInUse(structure: NetworkOptions): number {
  const scope = Scope.root('inference');
  const { logits } = buildNetwork(scope, input('image', [1, 3, 64, 64]), structure);
  return costOf(scope, [logits]).parametersInUse;
}

/** Kernels of which a map of known size needs some taps only are cut here, not by the model. */
function foldSlices(outputs: readonly Tensor[], bindings: Map<Tensor, Float32Array>): void {
  for (const { op, inputs, outputs: results } of topologicalOrder(outputs)) {
    const [from, cut] = [inputs[0], results[0]];
    const values = from && bindings.get(from);
    if (op.kind !== 'slice' || !values || !cut) continue;
    const shape = staticShape(from.shape, 'a kernel');
    const inner = sizeOf(shape.slice(op.axis + 1));
    const size = shape[op.axis] ?? 0;
    const kept = values.filter((_, i) => {
      const at = Math.floor(i / inner) % size;
      return at >= op.start && at < op.end;
    });
    bindings.set(cut, kept);
  }
}

const outputNames = { segmentation: 'logits', pose: 'heatmaps', depth: 'metres' } as const;

/** (v / 255 − mean) / std per channel. */
function normalised(image: Tensor, { mean, std }: NetworkWeights['description']['normalisation']): Tensor {
  const scale = std.map((s) => 1 / (255 * s));
  const shift = mean.map((m, c) => -m / (std[c] ?? 1));
  const perChannel = (values: readonly number[]): Tensor => constant(Float32Array.from(values), [1, 3, 1, 1]);
  return add(mul(image, perChannel(scale)), perChannel(shift));
}
