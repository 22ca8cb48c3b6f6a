// The deployable network as an ONNX model: encoder and decoder without auxiliary heads, open batch, height and width.

import { add, constant, input, lowerGraph, mul, resizeBilinear, type Tensor } from '../graph/index.js';
import { buildNetwork, reachable, Scope } from '../nn/index.js';
import { formatGenotype } from '../space/index.js';
import { formatNormalisation } from './encoder-weights.js';
import type { NetworkWeights } from './network-file.js';
import { WeightsError } from './safetensors.js';

export interface ExportOptions {
  /** Logits at the image's size instead of the network's own (1/4 at best). */
  readonly upsample?: boolean;
  /** The input convention inside: the model takes raw RGB, 0 … 255. */
  readonly normalise?: boolean;
  /** For messages. */
  readonly source?: string;
}

/** A model with input `image` [B, 3, H, W] and output `logits` [B, classes, h, w]. */
export function exportNetwork({ description, tensors }: NetworkWeights, options: ExportOptions = {}): Uint8Array {
  const { upsample = false, normalise = false, source = 'the weights' } = options;
  const { genotype, classes, width, sepRepeats, padding, normalisation } = description;
  const scope = Scope.root('inference');
  const open = (symbol: string) => ({ symbol, divisor: 1 });
  const image = input('image', [open('batch'), 3, open('height'), open('width')]);
  const { logits } = buildNetwork(scope, normalise ? normalised(image, normalisation) : image, {
    genotype,
    encoder: { padding, expandsFirst: tensors.has('encoder.layer2.0.conv.0.weight') },
    decoder: { outputs: classes.length, width, sepRepeats },
  });
  const [, , h, w] = image.shape;
  if (h === undefined || w === undefined) throw new RangeError('the image has four axes');
  const output = upsample ? resizeBilinear(logits, h, w, image) : logits;
  const bindings = new Map<Tensor, Float32Array>();
  for (const { name, shape, tensor } of reachable(scope.parameters, [output])) {
    const found = tensors.get(name);
    if (!found)
      throw new WeightsError(`${source}: ${name} is missing; this genotype with width ${width} and sepRepeats ${sepRepeats} needs it`);
    if (found.shape.length !== shape.length || found.shape.some((d, i) => d !== shape[i]))
      throw new WeightsError(
        `${source}: ${name} has shape [${found.shape.join(', ')}], the network needs [${shape.join(', ')}]; check --genotype, --classes, --width and --sep-repeats`,
      );
    bindings.set(tensor, found.data);
  }
  const metadata = {
    genotype: formatGenotype(genotype),
    classes: JSON.stringify(classes),
    width: String(width),
    sep_repeats: String(sepRepeats),
    padding,
    input: normalise ? 'RGB, 0 … 255' : 'RGB, (v / 255 − mean) / std',
    normalisation: normalise
      ? formatNormalisation({ mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] })
      : formatNormalisation(normalisation),
    output: upsample ? 'logits at the size of the image' : 'logits at the size of the largest map in use',
  };
  return lowerGraph({ logits: output }, { bindings, metadata });
}

/** (v / 255 − mean) / std per channel. */
function normalised(image: Tensor, { mean, std }: NetworkWeights['description']['normalisation']): Tensor {
  const scale = std.map((s) => 1 / (255 * s));
  const shift = mean.map((m, c) => -m / (std[c] ?? 1));
  const perChannel = (values: readonly number[]): Tensor => constant(Float32Array.from(values), [1, 3, 1, 1]);
  return add(mul(image, perChannel(scale)), perChannel(shift));
}
