// The hand-designed decoders against PyTorch modules written from their definitions: outputs, and all parameter gradients. The modules have our
// names, so that loading the weights also checks which there are.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  gradients,
  input,
  lowerGraph,
  maxPool,
  mul,
  resizeAligned,
  resizeNearest,
  sumAll,
  type Tensor,
  webgpuTarget,
} from '../../src/core/graph/index.js';
import { buildDecoder, drawMask, Scope } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf, type Runtime } from '../../src/core/runtime/index.js';
import { handDesignedNames } from '../../src/core/space/index.js';
import { blocked, evaluate, portable } from '../graph/run.js';
import { python, relativeDifference, Torch } from './torch.js';
import { asValues, norm, perturbedParameters, randomFloats } from './values.js';

/** Sizes that are not doubled: 3 to 5, 5 to 9. */
const tapDims = [
  [24, 18, 13],
  [32, 9, 7],
  [96, 5, 4],
  [320, 3, 2],
] as const;
const batch = 3;
const [width, outputs] = [32, 7];

/** `masks` are what dropout leaves; in evaluation there is none. */
const modules = `
from torch import nn
def conv(a, b, k=1, bias=False, **more): return nn.Conv2d(a, b, k, padding=more.get("dilation", 1) * (k - 1) // 2, bias=bias, **more)
def cbr(a, b, k=1, **more): return nn.Sequential(conv(a, b, k, **more), nn.BatchNorm2d(b), nn.ReLU())
def up(x, like): return F.interpolate(x, like.shape[-2:], mode="bilinear", align_corners=False)
def near(x, like): return F.interpolate(x, like.shape[-2:], mode="nearest")

class Sep(nn.Module):
    def __init__(self, a, b, r):
        super().__init__()
        self.depthwise = cbr(a, a, 3, groups=a, dilation=r)
        self.pointwise = cbr(a, b)
    def forward(self, x): return self.pointwise(self.depthwise(x))

class LrAspp(nn.Module):
    def __init__(self, C, K):
        super().__init__()
        self.cbr, self.scale = cbr(320, C), conv(320, C)
        self.high_classifier, self.low_classifier = conv(C, K, bias=True), conv(32, K, bias=True)
    def forward(self, t4, t8, t16, t32, masks):
        x = self.cbr(t32) * torch.sigmoid(self.scale(t32.mean((2, 3), keepdim=True)))
        return self.high_classifier(up(x, t8)) + self.low_classifier(t8)

class DeepLab(nn.Module):
    def __init__(self, C, K):
        super().__init__()
        self.aspp = nn.ModuleList([cbr(320, C), *[Sep(320, C, r) for r in (3, 6, 9)], cbr(320, C)])
        self.project, self.low_level = cbr(5 * C, C), cbr(24, 3 * C // 16)
        self.refine = nn.Sequential(Sep(C + 3 * C // 16, C, 1), Sep(C, C, 1))
        self.classifier = conv(C, K, bias=True)
    def forward(self, t4, t8, t16, t32, masks):
        parts = [branch(t32) for branch in self.aspp[:4]]
        parts.append(self.aspp[4](F.adaptive_avg_pool2d(t32, 1)).expand_as(parts[0]))
        deep = self.project(torch.cat(parts, 1))
        if masks: deep = deep * masks[0]
        return self.classifier(self.refine(torch.cat([up(deep, t4), self.low_level(t4)], 1)))

class Fpn(nn.Module):
    def __init__(self, C, K):
        super().__init__()
        H = C // 2
        self.laterals = nn.ModuleList([conv(a, C, bias=True) for a in (24, 32, 96, 320)])
        self.pyramid = nn.ModuleList([conv(C, C, 3, bias=True) for _ in range(4)])
        self.heads = nn.ModuleList([nn.ModuleList([cbr(C if k == 0 else H, H, 3) for k in range(n)]) for n in (1, 1, 2, 3)])
        self.classifier = conv(H, K, bias=True)
    def forward(self, t4, t8, t16, t32, masks):
        l4, l8, l16, p32 = [l(t) for l, t in zip(self.laterals, (t4, t8, t16, t32))]
        p16 = l16 + near(p32, t16)
        p8 = l8 + near(p16, t8)
        p4 = l4 + near(p8, t4)
        p4, p8, p16, p32 = [c(p) for c, p in zip(self.pyramid, (p4, p8, p16, p32))]
        h4, h8, h16, h32 = self.heads
        total = h4[0](p4) + up(h8[0](p8), t4) + up(h16[1](up(h16[0](p16), t8)), t4)
        total = total + up(h32[2](up(h32[1](up(h32[0](p32), t16)), t8)), t4)
        return self.classifier(total * masks[0] if masks else total)

class Unet(nn.Module):
    def __init__(self, C, K):
        super().__init__()
        block = lambda a, s, b: nn.Sequential(cbr(a + s, b, 3), cbr(b, b, 3))
        self.blocks = nn.ModuleList([block(320, 96, C), block(C, 32, C // 2), block(C // 2, 24, C // 4)])
        self.classifier = conv(C // 4, K, 3, bias=True)
    def forward(self, t4, t8, t16, t32, masks):
        x = t32
        for block, skip in zip(self.blocks, (t16, t8, t4)): x = block(torch.cat([near(x, skip), skip], 1))
        return self.classifier(x)

class LwRefinenet(nn.Module):
    def __init__(self, C, K):
        super().__init__()
        self.adapt = nn.ModuleList([conv(a, C) for a in (320, 96, 32, 24)])
        self.crp = nn.ModuleList([nn.ModuleList([conv(C, C) for _ in range(4)]) for _ in range(4)])
        self.up = nn.ModuleList([conv(C, C) for _ in range(3)])
        self.classifier = conv(C, K, 3, bias=True)
    def chained(self, k, x):
        t = y = x
        for c in self.crp[k]:
            t = c(F.max_pool2d(t, 5, 1, 2))
            y = y + t
        return y
    def forward(self, t4, t8, t16, t32, masks):
        y = self.chained(0, F.relu6(self.adapt[0](t32)))
        for k, tap in enumerate((t16, t8, t4)):
            u = F.interpolate(self.up[k](y), tap.shape[-2:], mode="bilinear", align_corners=True)
            y = self.chained(k + 1, F.relu6(self.adapt[k + 1](tap) + u))
        return self.classifier(y)

known = {"lr-aspp": LrAspp, "deeplabv3plus": DeepLab, "fpn": Fpn, "unet": Unet, "lw-refinenet": LwRefinenet}
def run(prefix, dtype):
    net = known[args["name"]](args["width"], args["outputs"])
    state = {k: v for k, v in inputs.items() if not k.startswith(("tap", "direction", "dropout"))}
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not unexpected and all(k.endswith("num_batches_tracked") for k in missing), (missing, unexpected)
    net.to(dtype)
    taps = [inputs[f"tap{i}"].to(dtype) for i in range(4)]
    masks = [inputs[f"dropout{i}"].to(dtype) for i in range(args["masks"])]
    outputs[prefix + "eval"] = net.eval()(*taps, [])
    y = net.train()(*taps, masks)
    outputs[prefix + "logits"] = y
    (y * inputs["direction"]).sum().backward()
    for n, p in net.named_parameters(): outputs[f"{prefix}grad {n}"] = p.grad

run("single ", torch.float32)
run("", torch.float64)
`;

/** The processor, told to compute as a GPU has to. */
const asForGpu: Runtime = {
  target: webgpuTarget,
  threads: portable.threads,
  device: portable.device,
  with: () => asForGpu,
  open: (model, options) => portable.open(model, options),
};

describe.skipIf(python === undefined)('hand-designed decoders agree with PyTorch', () => {
  let torch: Torch;
  beforeAll(() => {
    torch = new Torch();
  });
  afterAll(() => torch.close());

  test.each(handDesignedNames)('%s, forward and gradients', async (name) => {
    const random = seededRandom(4).fork(name);
    const taps = tapDims.map((dims, i) => input(`tap${i}`, [batch, ...dims]));
    const scope = Scope.root('training');
    const { logits } = buildDecoder(scope, taps, { kind: name }, { outputs, width, sepRepeats: 1 });
    const parameters = perturbedParameters(scope.parameters, random);
    const feeds = {
      ...Object.fromEntries(tapDims.map((dims, i) => [`tap${i}`, randomFloats(random, [batch, ...dims])])),
      ...Object.fromEntries(scope.masks.map((mask) => [mask.name, { dims: mask.shape, data: drawMask(mask, random) }])),
      direction: randomFloats(random, logits.shape.map(Number)),
    };
    expect(scope.masks.length).toBe(name === 'fpn' || name === 'deeplabv3plus' ? 1 : 0);
    const expected = await torch.run(
      modules,
      { ...asValues(scope.parameters, parameters), ...feeds },
      { name, width, outputs, masks: scope.masks.length },
    );

    const weights = scope.parameters.filter(({ role }) => role === 'weight');
    const loss = sumAll(mul(logits, input('direction', logits.shape)));
    const found = gradients(
      loss,
      weights.map(({ tensor }) => tensor),
    );
    const wanted: Record<string, Tensor> = { logits };
    weights.forEach((weight, i) => {
      const g = found[i];
      if (g) wanted[`grad ${weight.name}`] = g;
    });
    const evalScope = Scope.root('inference');
    const { logits: evaluated } = buildDecoder(evalScope, taps, { kind: name }, { outputs, width, sepRepeats: 1 });
    const values = (s: Scope) => s.parameters.map(({ name, tensor }) => [tensor, parameters.get(name) ?? new Float32Array()] as const);
    const bindings = new Map([...values(scope), ...values(evalScope)]);

    for (const runtime of [portable, blocked]) {
      const actual = new Map<string, Float32Array>();
      for (const graph of [wanted, { eval: evaluated }]) {
        const session = await runtime.open(lowerGraph(graph, { target: runtime.target, bindings }), { purpose: 'training' });
        const fed = Object.entries(feeds).filter(([input]) => session.inputNames.includes(input));
        const results = await session.run(Object.fromEntries(fed.map(([k, { data, dims }]) => [k, new OrtTensor('float32', data, dims)])));
        for (const output of Object.keys(graph)) actual.set(output, floatsOf(results, output));
        await session.release();
      }
      const ours = Object.entries(expected).filter(([key]) => !key.startsWith('single '));
      const total = norm(ours.flatMap(([key, { data }]) => (key.startsWith('grad ') ? [norm(data)] : [])));
      for (const [key, { data }] of ours) {
        // A gradient that is zero in exact arithmetic is compared by the scale of all.
        const scale = key.startsWith('grad ') ? Math.max(norm(data), 1e-3 * total) : norm(data);
        // The pooled branch is normalised over three values a channel: PyTorch's own single precision says how much rounding that makes.
        const rounding = norm(expected[`single ${key}`]?.data ?? [], data) / scale;
        const difference = norm(actual.get(key) ?? [Number.NaN], data) / scale;
        expect(difference, `${key}, block ${runtime.target.blockSize}`).toBeLessThan(Math.max(1e-4, 30 * rounding));
      }
      expect(actual.size).toBe(ours.length);
    }
  });

  test.each([
    [3, 5],
    [5, 3],
    [4, 8],
    [1, 3],
    [6, 1],
  ])('maps of %i pixels at %i: corners aligned, and nearest', async (from, to) => {
    const random = seededRandom(from);
    const [x, direction] = [randomFloats(random, [2, 16, from, from + 2]), randomFloats(random, [2, 16, to, to + 1])];
    const expected = await torch.run(
      `
x = inputs["x"].requires_grad_()
for name, how in (("aligned", dict(mode="bilinear", align_corners=True)), ("nearest", dict(mode="nearest"))):
    y = F.interpolate(x, inputs["direction"].shape[-2:], **how)
    outputs[name] = y
    outputs["grad " + name], = torch.autograd.grad((y * inputs["direction"]).sum(), x)
`,
      { x, direction },
    );
    for (const runtime of [portable, blocked]) {
      const actual = await evaluate(runtime, { x, direction }, (t) => {
        const [map, d] = [t['x'], t['direction']];
        if (!map || !d) throw new Error('an input is missing');
        const [aligned, nearest] = [resizeAligned(map, to, to + 1), resizeNearest(map, to, to + 1)];
        const [a, n] = [...gradients(sumAll(mul(aligned, d)), [map]), ...gradients(sumAll(mul(nearest, d)), [map])];
        return { aligned, nearest, ...(a && { 'grad aligned': a }), ...(n && { 'grad nearest': n }) };
      });
      for (const [name, { data }] of Object.entries(expected))
        expect(relativeDifference(actual[name] ?? [], data), `${name}, block ${runtime.target.blockSize}`).toBeLessThan(1e-5);
    }
  });

  test('the largest in a window: of equal values the first gets the gradient', async () => {
    const random = seededRandom(9);
    const x = randomFloats(random, [2, 19, 7, 6]);
    // As behind a ReLU6: many zeros, some sixes.
    x.data.forEach((v, i) => {
      x.data[i] = v < 0.2 ? 0 : v > 0.8 ? 6 : v;
    });
    const direction = randomFloats(random, x.dims);
    const expected = await torch.run(
      `
x = inputs["x"].requires_grad_()
y = F.max_pool2d(x, 5, 1, 2)
outputs["y"] = y
outputs["dx"], = torch.autograd.grad((y * inputs["direction"]).sum(), x)
`,
      { x, direction },
    );
    // As for a GPU, too: the way without positions.
    for (const runtime of [portable, blocked, asForGpu]) {
      const actual = await evaluate(runtime, { x, direction }, ({ x: map, direction: d }) => {
        if (!map || !d) throw new Error('an input is missing');
        const y = maxPool(map, 5);
        const [dx] = gradients(sumAll(mul(y, d)), [map]);
        return { y, ...(dx && { dx }) };
      });
      expect(relativeDifference(actual['y'] ?? [], expected['y']?.data ?? [])).toBe(0);
      expect(relativeDifference(actual['dx'] ?? [], expected['dx']?.data ?? [])).toBeLessThan(1e-6);
    }
  });

  test('all negative: what is outside of the map is not the largest', async () => {
    const x = randomFloats(seededRandom(2), [1, 16, 5, 5], -2, -1);
    for (const runtime of [portable, blocked]) {
      const { y = new Float32Array() } = await evaluate(runtime, { x }, ({ x: map }) => {
        if (!map) throw new Error('an input is missing');
        return { y: maxPool(map, 5) };
      });
      expect(Math.max(...y)).toBeLessThan(-0.9);
    }
  });
});
