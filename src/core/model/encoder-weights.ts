// Pretrained MobileNet-v2 weights under the names that are around, brought to the authors' names. Each naming scheme
// goes with the convention its weights were trained in: padding of strided convolutions, normalisation of the input.

import { encoderStages } from '../space/index.js';
import {
  buildMobileNetV2,
  type EncoderOptions,
  type EncoderWeights,
  imagenetNormalisation,
  type Normalisation,
  Scope,
  tensorflowNormalisation,
  type WeightTensor,
} from '../nn/index.js';
import { type WeightFile, WeightsError } from './safetensors.js';
import { z } from 'zod';
import { input, sameShape } from '../graph/index.js';

const triple = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().positive();
const normalisationSchema = z.object({ mean: triple, std: z.tuple([positive, positive, positive]) });

/** The batch normalisation that belongs to a convolution, and the names of both. */
interface LayerNames {
  readonly conv: string;
  readonly norm: string;
}

interface NamingScheme {
  readonly name: string;
  /** A tensor that only this scheme has. */
  readonly landmark: string;
  readonly stem: LayerNames;
  /** @param role 0 expansion, 1 depthwise, 2 projection; @param block counted over all stages. */
  readonly layer: (role: 0 | 1 | 2, stage: number, repeat: number, block: number) => LayerNames;
}

const authors: NamingScheme = {
  name: "the authors'",
  landmark: 'layer1.0.weight',
  stem: { conv: 'layer1.0', norm: 'layer1.1' },
  layer: (role, stage, repeat) => {
    const conv = `layer${stage + 2}.${repeat}.conv`;
    return { conv: `${conv}.${3 * role}`, norm: `${conv}.${3 * role + 1}` };
  },
};

const torchvision: NamingScheme = {
  name: "torchvision's",
  landmark: 'features.0.0.weight',
  stem: { conv: 'features.0.0', norm: 'features.0.1' },
  layer: (role, stage, _repeat, block) => {
    const conv = `features.${block + 1}.conv`;
    // The first block has no expansion: everything in it stands one place earlier.
    const place = role - (stage === 0 ? 1 : 0);
    return role === 2
      ? { conv: `${conv}.${place}`, norm: `${conv}.${place + 1}` }
      : { conv: `${conv}.${place}.0`, norm: `${conv}.${place}.1` };
  },
};

const timm: NamingScheme = {
  name: "timm's",
  landmark: 'conv_stem.weight',
  stem: { conv: 'conv_stem', norm: 'bn1' },
  layer: (role, stage, repeat) => {
    const block = `blocks.${stage}.${repeat}`;
    const names =
      stage === 0
        ? [
            ['', ''],
            ['conv_dw', 'bn1'],
            ['conv_pw', 'bn2'],
          ]
        : [
            ['conv_pw', 'bn1'],
            ['conv_dw', 'bn2'],
            ['conv_pwl', 'bn3'],
          ];
    const [conv, norm] = names[role] ?? [];
    return { conv: `${block}.${conv}`, norm: `${block}.${norm}` };
  },
};

const normParts = ['weight', 'bias', 'running_mean', 'running_var'] as const;

/** Tells the naming scheme, renames, and checks every shape. @param file for messages. */
export function encoderWeightsFrom({ tensors, metadata }: WeightFile, file: string): EncoderWeights {
  const prefix = tensors.has(`encoder.${authors.landmark}`) ? 'encoder.' : '';
  const scheme = [authors, torchvision, timm].find(({ landmark }) => tensors.has(prefix + landmark));
  if (!scheme)
    throw new WeightsError(
      `${file}: no MobileNet-v2 in it: neither ${authors.landmark} (the authors' names) nor ${torchvision.landmark} (torchvision) nor ${timm.landmark} (timm)`,
    );
  const renamed = new Map<string, WeightTensor>();
  const take = (from: LayerNames, to: LayerNames, optional = false): boolean => {
    const weight = tensors.get(`${prefix}${from.conv}.weight`);
    if (!weight && optional) return false;
    const parts = [
      [`${from.conv}.weight`, `${to.conv}.weight`],
      ...normParts.map((part) => [`${from.norm}.${part}`, `${to.norm}.${part}`]),
    ];
    for (const [source = '', target = ''] of parts) {
      const tensor = tensors.get(prefix + source);
      if (!tensor) throw new WeightsError(`${file}: ${prefix}${source} is missing (names look like ${scheme.name})`);
      renamed.set(target, tensor);
    }
    return true;
  };
  take(scheme.stem, authors.stem);
  let block = 0;
  let expandsFirst = false;
  encoderStages.forEach(({ repeats }, stage) => {
    for (let repeat = 0; repeat < repeats; repeat++, block++)
      for (const role of [0, 1, 2] as const) {
        const first = stage === 0 && role === 0;
        if (first && scheme !== authors) continue;
        const found = take(scheme.layer(role, stage, repeat, block), authors.layer(role, stage, repeat, block), first);
        if (first) expandsFirst = found;
      }
  });
  const { padding, normalisation } = conventionOf(metadata, file);
  const weights: EncoderWeights = { tensors: renamed, options: { padding, expandsFirst }, normalisation, source: file };
  checkShapes(weights, file);
  return weights;
}

/** PyTorch's convention, unless the file says otherwise. */
function conventionOf(
  metadata: Readonly<Record<string, string>>,
  file: string,
): Pick<EncoderOptions, 'padding'> & { readonly normalisation: Normalisation } {
  const { padding: own, stride2_padding: padding = own ?? 'torch', input_scale: scale, normalisation } = metadata;
  if (padding !== 'torch' && padding !== 'tf-same')
    throw new WeightsError(`${file}: its padding convention is ${padding}; known are torch and tf-same`);
  if (normalisation !== undefined) return { padding, normalisation: parseNormalisation(normalisation, file) };
  if (scale !== undefined && scale !== 'x/127.5-1') throw new WeightsError(`${file}: its input_scale is ${scale}; known is x/127.5-1`);
  return { padding, normalisation: scale === undefined ? imagenetNormalisation : tensorflowNormalisation };
}

/** An encoder as a file of its own, with its conventions; `encoderWeightsFrom` reads it. */
export function encoderFile({ tensors, options, normalisation, source }: EncoderWeights): WeightFile {
  return { tensors, metadata: { padding: options.padding, normalisation: formatNormalisation(normalisation), source } };
}

export function formatNormalisation({ mean, std }: Normalisation): string {
  return JSON.stringify({ mean, std });
}

export function parseNormalisation(text: string, file: string): Normalisation {
  try {
    return normalisationSchema.parse(JSON.parse(text));
  } catch {
    throw new WeightsError(
      `${file}: its normalisation is ${text.slice(0, 200)}; expected {"mean":[r,g,b],"std":[r,g,b]}, with a std above 0`,
    );
  }
}

function checkShapes({ tensors, options }: EncoderWeights, file: string): void {
  const scope = Scope.root('inference');
  buildMobileNetV2(scope, input('image', [1, 3, 64, 64]), options);
  for (const { name, shape } of scope.parameters) {
    const tensor = tensors.get(name);
    if (!tensor || !sameShape(tensor.shape, shape))
      throw new WeightsError(
        `${file}: ${name} has shape [${tensor?.shape.join(', ') ?? 'missing'}], MobileNet-v2 has [${shape.join(', ')}]`,
      );
  }
}
