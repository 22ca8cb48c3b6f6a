// The MobileNet-v2 inside MoveNet-lightning, as npm ships it: a TensorFlow.js graph model of the package
// @vladmandic/human (MIT; the weights are Google's, Apache-2.0), float16, batch normalisation folded into the
// convolutions. TensorFlow's conventions: SAME padding, inputs scaled to [−1, 1].

import { z } from 'zod';
import { encoderStages } from '../space/index.js';
import { type EncoderWeights, tensorflowNormalisation, type WeightTensor } from '../nn/index.js';
import { halfToFloat } from '../data/index.js';
import { platform } from '../platform/index.js';
import { WeightsError } from './safetensors.js';

const manifestSchema = z.object({
  weightsManifest: z.array(
    z.object({
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.number().int().nonnegative()),
          dtype: z.string(),
          quantization: z.object({ dtype: z.literal('float16') }).optional(),
        }),
      ),
    }),
  ),
});

export async function movenetWeights(): Promise<EncoderWeights> {
  const { name: file, manifest: text, weights: bytes } = await platform().assets.movenet();
  const manifest = manifestSchema.parse(JSON.parse(text));
  const stored = new Map<string, WeightTensor>();
  let offset = 0;
  for (const { name, shape, dtype, quantization } of manifest.weightsManifest.flatMap(({ weights }) => weights)) {
    const count = shape.reduce((n, d) => n * d, 1);
    const size = count * (quantization ? 2 : 4);
    const slice = bytes.subarray(offset, offset + size);
    offset += size;
    if (dtype !== 'float32') continue;
    const view = new DataView(slice.buffer, slice.byteOffset, slice.byteLength);
    const data = Float32Array.from({ length: count }, (_, i) =>
      quantization ? halfToFloat(view.getUint16(2 * i, true)) : view.getFloat32(4 * i, true),
    );
    // Long prefixes of the graph; the Keras layer and what it is make up the end.
    stored.set(name.replace(/^.*\/model\//, ''), { shape, data });
  }
  const get = (name: string): WeightTensor => {
    const tensor = stored.get(name);
    if (!tensor) throw new WeightsError(`${file}: ${name} is missing; is this another version of @vladmandic/human?`);
    return tensor;
  };
  const tensors = new Map<string, WeightTensor>();
  const put = (layer: string, kind: 'Conv2D' | 'depthwise', conv: string, norm: string): void => {
    const weights = get(`${layer}/${kind}_weights`);
    const bias = get(`${layer}/${kind}_bn_offset`);
    tensors.set(`${conv}.weight`, kind === 'Conv2D' ? permute(weights, [3, 2, 0, 1]) : permute(weights, [2, 3, 0, 1]));
    const fill = (value: number): WeightTensor => ({ shape: bias.shape, data: new Float32Array(bias.data.length).fill(value) });
    // Batch normalisation is folded: what is left of it is the identity plus a bias. Its ε is allowed for.
    tensors
      .set(`${norm}.weight`, fill(1))
      .set(`${norm}.bias`, bias)
      .set(`${norm}.running_mean`, fill(0))
      .set(`${norm}.running_var`, fill(1 - 1e-5));
  };
  put('Conv1', 'Conv2D', 'layer1.0', 'layer1.1');
  let block = 0;
  encoderStages.forEach(({ repeats }, stage) => {
    for (let i = 0; i < repeats; i++, block++) {
      const keras = block === 0 ? 'expanded_conv' : `block_${block}`;
      const ours = `layer${stage + 2}.${i}.conv`;
      if (block > 0) put(`${keras}_expand`, 'Conv2D', `${ours}.0`, `${ours}.1`);
      put(`${keras}_depthwise`, 'depthwise', `${ours}.3`, `${ours}.4`);
      put(`${keras}_project`, 'Conv2D', `${ours}.6`, `${ours}.7`);
    }
  });
  return { tensors, options: { padding: 'tf-same', expandsFirst: false }, normalisation: tensorflowNormalisation, source: 'movenet' };
}

/** TensorFlow's [kh, kw, in, out] to PyTorch's order of axes. */
function permute({ shape, data }: WeightTensor, axes: readonly number[]): WeightTensor {
  const target = axes.map((a) => shape[a] ?? 1);
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((n, d) => n * d, 1));
  const out = new Float32Array(data.length);
  const [a = 1, b = 1, c = 1, d = 1] = target;
  const [sa = 0, sb = 0, sc = 0, sd = 0] = axes.map((axis) => strides[axis] ?? 0);
  let at = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) for (let l = 0; l < d; l++) out[at++] = data[i * sa + j * sb + k * sc + l * sd] ?? 0;
  return { shape: target, data: out };
}
