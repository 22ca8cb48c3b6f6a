// The encoder under all three naming schemes and both padding conventions, and the exported whole network, against PyTorch.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { input, lowerGraph } from '../../src/core/graph/index.js';
import { encoderWeightsFrom, exportNetwork, freshNetwork, joinNetwork, loadEncoder } from '../../src/core/model/index.js';
import { buildMobileNetV2, type EncoderWeights, Scope } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf } from '../../src/core/runtime/index.js';
import { genotypeToJson, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { portable, type Value } from '../graph/run.js';
import { maskDescription } from '../task/mask-task.js';
import { python, relativeDifference, Torch } from './torch.js';
import { randomFloats } from './values.js';

const image = randomFloats(seededRandom(1), [2, 3, 70, 97], -2, 2);

/** Our four taps on `image`. */
async function tapsOf({ tensors, options }: EncoderWeights): Promise<Float32Array[]> {
  const scope = Scope.root('inference');
  const outputs = buildMobileNetV2(scope, input('image', [2, 3, 70, 97]), options);
  const bindings = new Map(scope.parameters.map(({ name, tensor }) => [tensor, tensors.get(name)?.data ?? new Float32Array()]));
  const session = await portable.open(lowerGraph(Object.fromEntries(outputs.map((t, i) => [`tap${i}`, t])), { bindings }));
  const results = await session.run({ image: new OrtTensor('float32', image.data, image.dims) });
  await session.release();
  return outputs.map((_, i) => floatsOf(results, `tap${i}`));
}

/** torchvision's network with statistics away from the identity, as it names its tensors, and its four taps. */
const torchvisionCode = `
import torchvision
torch.manual_seed(0)
net = torchvision.models.mobilenet_v2().eval()
for m in net.modules():
    if isinstance(m, torch.nn.BatchNorm2d):
        m.running_mean.uniform_(-0.3, 0.3); m.running_var.uniform_(0.5, 1.5)
        torch.nn.init.uniform_(m.weight, 0.5, 1.5); torch.nn.init.uniform_(m.bias, -0.3, 0.3)
x = inputs["image"]
with torch.no_grad():
    for i, layer in enumerate(net.features[:18]):
        x = layer(x)
        if i in (3, 6, 13, 17): outputs[f"tap{(3, 6, 13, 17).index(i)}"] = x
for n, p in net.state_dict().items():
    if not n.endswith("num_batches_tracked"): outputs["weight " + n] = p
`;

/** From torchvision's names to timm's, by the place of each layer. */
function timmName(name: string): string | undefined {
  const stem = /^features\.0\.(0|1)\.(\w+)$/.exec(name);
  if (stem) return `${stem[1] === '0' ? 'conv_stem' : 'bn1'}.${stem[2]}`;
  const [, b = '', rest = ''] = /^features\.(\d+)\.conv\.(.+)$/.exec(name) ?? [];
  const block = Number(b) - 1;
  const repeats = [1, 2, 3, 4, 3, 3, 1];
  let [stage, repeat] = [0, block];
  while (repeat >= (repeats[stage] ?? 99)) repeat -= repeats[stage++] ?? 0;
  if (rest === '' || stage > 6) return undefined;
  const layers: Record<string, string> =
    stage === 0
      ? { '0.0': 'conv_dw', '0.1': 'bn1', '1': 'conv_pw', '2': 'bn2' }
      : { '0.0': 'conv_pw', '0.1': 'bn1', '1.0': 'conv_dw', '1.1': 'bn2', '2': 'conv_pwl', '3': 'bn3' };
  const part = Object.keys(layers).find((key) => rest.startsWith(`${key}.`));
  return part && `blocks.${stage}.${repeat}.${layers[part]}.${rest.slice(part.length + 1)}`;
}

describe.skipIf(python === undefined)('the encoder agrees with PyTorch', () => {
  let torch: Torch;
  beforeAll(() => {
    torch = new Torch();
  });
  afterAll(() => torch.close());

  const asFile = (values: Record<string, Value & { data: Float32Array }>, rename: (name: string) => string | undefined) => {
    const named = Object.entries(values).flatMap(([key, { data, dims }]) => {
      const name = key.startsWith('weight ') ? rename(key.slice('weight '.length)) : undefined;
      return name === undefined ? [] : [[name, { data, shape: dims }] as const];
    });
    return { tensors: new Map(named), metadata: {} };
  };

  test.each([
    ["torchvision's names", (name: string) => name],
    ["timm's names", timmName],
  ] as const)('%s', async (_scheme, rename) => {
    const expected = await torch.run(torchvisionCode, { image });
    const weights = encoderWeightsFrom(asFile(expected, rename), 'made in the test');
    expect(weights.options).toEqual({ padding: 'torch', expandsFirst: false });
    const taps = await tapsOf(weights);
    taps.forEach((tap, i) => {
      expect(relativeDifference(tap, expected[`tap${i}`]?.data ?? []), `tap ${i}`).toBeLessThan(1e-4);
    });
  });

  test.each([
    [true, true],
    [false, true],
    [true, false],
    [false, false],
  ])("the authors' names, expansion in the first block %s, TensorFlow padding %s", async (expandsFirst, same) => {
    const expected = await torch.run(
      `
from network import Encoder
torch.manual_seed(1)
net = Encoder(same=args["same"], expands_first=args["expandsFirst"]).eval()
for m in net.modules():
    if isinstance(m, torch.nn.BatchNorm2d): m.running_mean.uniform_(-0.3, 0.3); m.running_var.uniform_(0.5, 1.5)
with torch.no_grad():
    for i, t in enumerate(net(inputs["image"])): outputs[f"tap{i}"] = t
for n, p in net.state_dict().items():
    if not n.endswith("num_batches_tracked"): outputs["weight " + n] = p
`,
      { image },
      { same, expandsFirst },
    );
    const file = asFile(expected, (name) => name);
    const weights = encoderWeightsFrom(
      { ...file, metadata: same ? { stride2_padding: 'tf-same', input_scale: 'x/127.5-1' } : {} },
      'made in the test',
    );
    expect(weights.options).toEqual({ padding: same ? 'tf-same' : 'torch', expandsFirst });
    const taps = await tapsOf(weights);
    taps.forEach((tap, i) => {
      expect(relativeDifference(tap, expected[`tap${i}`]?.data ?? []), `tap ${i}`).toBeLessThan(1e-4);
    });
  });

  const wholeNetwork = `
from network import Decoder, Encoder, resize
encoder = Encoder(same=args["same"], expands_first=args["expandsFirst"]).eval()
decoder = Decoder(args["genotype"], args["classes"], args["width"], args["sepRepeats"], auxiliary=False).eval()
for prefix, net in (("encoder.", encoder), ("decoder.", decoder)):
    state = {k[len(prefix):]: v for k, v in inputs.items() if k.startswith(prefix)}
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not unexpected and all(k.endswith("num_batches_tracked") for k in missing), (missing, unexpected)
mean, std = (torch.tensor(args[k]).reshape(1, 3, 1, 1) for k in ("mean", "std"))
with torch.no_grad():
    y = decoder(encoder((inputs["raw"] / 255 - mean) / std))[0]
    outputs["logits"] = y
    outputs["upsampled"] = resize(y, inputs["raw"].shape[-2:])
`;

  test.each(['arch0', 'arch1', 'arch2'] as const)('the exported network at any size: %s', async (arch) => {
    const description = { genotype: parseGenotype(publishedGenotypes[arch]), task: maskDescription(4), width: 32, sepRepeats: 2 };
    const fresh = freshNetwork(description, seededRandom(4));
    const encoder = await loadEncoder('movenet');
    const decoder = new Map([...fresh.tensors].map(([name, { data }]) => [name, data]));
    for (const network of [fresh, joinNetwork(encoder, decoder, description)]) {
      const { padding, normalisation } = network.description;
      const models = {
        plain: exportNetwork(network),
        full: exportNetwork(network, { upsample: true, normalise: true }),
      };
      for (const [b, h, w] of [
        [1, 96, 128],
        [2, 75, 61],
      ] as const) {
        const raw = randomFloats(seededRandom(9), [b, 3, h, w], 0, 255);
        const tensors = Object.fromEntries([...network.tensors].map(([name, { data, shape }]) => [name, { data, dims: shape }]));
        const expected = await torch.run(
          wholeNetwork,
          { raw, ...tensors },
          {
            genotype: genotypeToJson(description.genotype),
            classes: 4,
            width: 32,
            sepRepeats: 2,
            same: padding === 'tf-same',
            expandsFirst: network.tensors.has('encoder.layer2.0.conv.0.weight'),
            mean: normalisation.mean,
            std: normalisation.std,
          },
        );
        const run = async (model: Uint8Array, data: Float32Array): Promise<{ logits: Float32Array; dims: readonly number[] }> => {
          const session = await portable.open(model);
          const results = await session.run({ image: new OrtTensor('float32', data, [b, 3, h, w]) });
          await session.release();
          return { logits: floatsOf(results, 'logits'), dims: results['logits']?.dims ?? [] };
        };
        const pixels = h * w;
        const normalised = raw.data.map((v, i) => {
          const c = Math.floor(i / pixels) % 3;
          return (v / 255 - (normalisation.mean[c] ?? 0)) / (normalisation.std[c] ?? 1);
        });
        const plain = await run(models.plain, normalised);
        expect(plain.dims).toEqual(expected['logits']?.dims);
        expect(relativeDifference(plain.logits, expected['logits']?.data ?? [])).toBeLessThan(1e-4);
        const full = await run(models.full, raw.data);
        expect(full.dims).toEqual([b, 4, h, w]);
        expect(relativeDifference(full.logits, expected['upsampled']?.data ?? [])).toBeLessThan(1e-4);
      }
    }
  });
});
