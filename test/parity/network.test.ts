// The decoder against PyTorch: outputs and all parameter gradients; a run of optimiser steps.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { add, gradients, input, lowerGraph, mul, sumAll, type Tensor } from '../../src/core/graph/index.js';
import { buildDecoder, reachable, Scope } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf, type TensorValue } from '../../src/core/runtime/index.js';
import { formatGenotype, genotypeToJson, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { buildTrainingStep, nextName } from '../../src/core/train/index.js';
import { blocked, portable } from '../graph/run.js';
import { randomGenotype } from '../space/random-genotype.js';
import { maskTask } from '../task/mask-task.js';
import { thorough } from '../thorough.js';
import { python, relativeDifference, Torch } from './torch.js';
import { asValues, layoutOf, norm, perturbedParameters, randomFloats, randomLabels } from './values.js';

const genotypes = [
  ...Object.values(publishedGenotypes).map(parseGenotype),
  // Seed 100 gives a cell whose every path is pooled: constant maps, whose normalised gradients are rounding alone.
  ...Array.from({ length: Number(process.env['AUXCELL_GENOTYPES'] ?? 4) }, (_, i) => randomGenotype(seededRandom(101 + i))),
];
const tapDims = [
  [24, 10, 8],
  [32, 5, 4],
  [96, 3, 2],
  [320, 2, 2],
] as const;
/** How near to zero a unit must not come for single precision to be sure of its sign. */
const kinkMargin = 3e-6;
const batch = 4;
const [width, outputs] = [48, 11];

/** The network in single and in double precision: outputs, gradients, and how close a unit came to its ReLU's kink. */
const networkInPytorch = `
from network import Decoder
state = {k: v for k, v in inputs.items() if not k.startswith(("tap", "direction"))}

def run(prefix, dtype):
    net = Decoder(args["genotype"], args["outputs"], args["width"], args["sepRepeats"], args["auxiliary"])
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not unexpected and all(k.endswith("num_batches_tracked") for k in missing), (missing, unexpected)
    net.to(dtype)
    taps = [inputs[f"tap{i}"].to(dtype) for i in range(4)]
    outputs[prefix + "eval"] = net.eval()(taps)[0]
    margins = []
    for m in net.modules():
        if isinstance(m, torch.nn.ReLU): m.register_forward_pre_hook(lambda _, x: margins.append(x[0].abs().min()))
    logits, aux = net.train()(taps)
    loss = 0
    for k, y in enumerate([logits, *aux]):
        outputs[f"{prefix}head{k}"] = y
        loss = loss + (y * inputs[f"direction{k}"]).sum()
    loss.backward()
    for n, p in net.named_parameters():
        if p.grad is not None: outputs[f"{prefix}grad {n}"] = p.grad
    outputs["margin"] = min(margins)

run("single ", torch.float32)
run("", torch.float64)
`;

describe.skipIf(python === undefined)('the decoder agrees with PyTorch', () => {
  let torch: Torch;
  beforeAll(() => {
    torch = new Torch();
  });
  afterAll(() => torch.close());

  const cases = genotypes.flatMap((genotype, i) => [
    { name: formatGenotype(genotype), genotype, auxiliary: i % 2 === 0, sepRepeats: 1 },
    { name: formatGenotype(genotype), genotype, auxiliary: i % 2 === 1, sepRepeats: 2 },
  ]);

  test.each(cases)('$name, auxiliary $auxiliary, sepRepeats $sepRepeats', async ({ genotype, auxiliary, sepRepeats }) => {
    const scope = Scope.root('training');
    const taps = tapDims.map((dims, i) => input(`tap${i}`, [batch, ...dims]));
    const built = buildDecoder(scope, taps, genotype, { outputs, width, sepRepeats, auxiliary });
    const heads = [built.logits, ...built.auxiliary];
    const draw = (seed: number) => {
      const random = seededRandom(seed).fork(formatGenotype(genotype));
      const taps = Object.fromEntries(tapDims.map((dims, i) => [`tap${i}`, randomFloats(random, [batch, ...dims])]));
      const directions = Object.fromEntries(heads.map(({ shape }, k) => [`direction${k}`, randomFloats(random, shape.map(Number))]));
      return { parameters: perturbedParameters(scope.parameters, random), feeds: { ...taps, ...directions } };
    };
    const reference = (drawn: ReturnType<typeof draw>) =>
      torch.run(
        networkInPytorch,
        { ...asValues(scope.parameters, drawn.parameters), ...drawn.feeds },
        { genotype: genotypeToJson(genotype), outputs, width, sepRepeats, auxiliary },
      );
    // A unit within rounding of zero may fall on either side of its ReLU's kink, and then gradients differ for good
    // reason: take the first draw in which no unit is that close.
    let drawn = draw(0);
    let expected = await reference(drawn);
    for (let seed = 1; seed < 5 && (expected['margin']?.data[0] ?? 0) < kinkMargin; seed++) {
      drawn = draw(seed);
      expected = await reference(drawn);
    }

    const clear = (expected['margin']?.data[0] ?? 0) >= kinkMargin;
    const loss = heads.map((y, k) => sumAll(mul(y, input(`direction${k}`, y.shape)))).reduce(add);
    const used = reachable(
      scope.parameters.filter(({ role }) => role === 'weight'),
      [loss],
    );
    const grads = gradients(
      loss,
      used.map(({ tensor }) => tensor),
    );
    const wanted: Record<string, Tensor> = Object.fromEntries(heads.map((y, k) => [`head${k}`, y]));
    used.forEach(({ name }, i) => {
      const g = grads[i];
      if (g) wanted[`grad ${name}`] = g;
    });
    const bindings = new Map(scope.parameters.map(({ name, tensor }) => [tensor, drawn.parameters.get(name) ?? new Float32Array()]));
    const evalScope = Scope.root('inference');
    const evalTaps = tapDims.map((dims, i) => input(`tap${i}`, [batch, ...dims]));
    const evalLogits = buildDecoder(evalScope, evalTaps, genotype, { outputs, width, sepRepeats }).logits;
    for (const { name, tensor } of evalScope.parameters) bindings.set(tensor, drawn.parameters.get(name) ?? new Float32Array());

    for (const runtime of [portable, blocked]) {
      const actual = new Map<string, Float32Array>();
      for (const graph of [wanted, { eval: evalLogits }]) {
        const session = await runtime.open(lowerGraph(graph, { target: runtime.target, bindings }), { purpose: 'training' });
        const feeds = Object.fromEntries(
          Object.entries(drawn.feeds).flatMap(([name, { data, dims }]) =>
            session.inputNames.includes(name) ? [[name, new OrtTensor('float32', data, dims)]] : [],
          ),
        );
        const results = await session.run(feeds);
        for (const name of Object.keys(graph)) actual.set(name, floatsOf(results, name));
        await session.release();
      }
      const total = norm(Object.entries(expected).flatMap(([name, { data }]) => (name.startsWith('grad ') ? [norm(data)] : [])));
      for (const [name, { data }] of Object.entries(expected)) {
        if (name === 'margin' || name.startsWith('single ')) continue;
        const value = actual.get(name);
        // What cannot reach the loss is not computed here; PyTorch's gradients of such parameters are zero.
        if (!value) {
          expect(
            data.every((v) => v === 0),
            `${name} is missing`,
          ).toBe(true);
          continue;
        }
        // A gradient that is zero in exact arithmetic is compared by the scale of all.
        const scale = name.startsWith('grad ') ? Math.max(norm(data), 1e-3 * total) : norm(data);
        // Global pooling normalised over four images amplifies rounding: PyTorch's own single precision says how much.
        const rounding = norm(expected[`single ${name}`]?.data ?? [], data) / scale;
        expect(norm(value, data) / scale, `${name}, block ${runtime.target.blockSize}`).toBeLessThan(
          Math.max(clear ? 1e-4 : 0.15, 30 * rounding),
        );
      }
    }
  });

  test.each(thorough ? (['arch0', 'arch1', 'arch2'] as const) : (['arch1'] as const))(
    '20 steps of Adam with clipping and Polyak averaging, %s',
    async (arch) => {
      const genotype = parseGenotype(publishedGenotypes[arch]);
      const random = seededRandom(3).fork(arch);
      const steps = 20;
      const optimiser = { learningRate: 3e-4, weightDecay: 1e-5, clipNorm: 3, polyakDecay: 0.9 };
      const taps = Object.fromEntries(tapDims.map((dims, i) => [`tap${i}`, randomFloats(random, [batch, ...dims])]));
      const [, h, w] = tapDims[0];
      const target = randomLabels(random, [batch, h, w], outputs, 0.1);
      for (const runtime of [portable, blocked]) {
        const step = buildTrainingStep({
          genotype,
          decoder: { width, sepRepeats: 1, auxiliaryWeight: 0.15 },
          optimiser,
          task: maskTask(outputs),
          batch,
          inputs: { kind: 'taps', shapes: tapDims },
          targetShape: [h, w],
          target: runtime.target,
        });
        const [weights, statistics] = [layoutOf(step, 'parameters'), layoutOf(step, 'statistics')];
        const all = [...weights.parameters, ...statistics.parameters];
        const values = perturbedParameters(all, seededRandom(11));
        const expected = await torch.run(
          `
from network import Decoder, resize
state = {k[len("decoder."):]: v for k, v in inputs.items() if k.startswith("decoder.")}

def train(prefix, dtype):
    net = Decoder(args["genotype"], args["outputs"], args["width"], 1)
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not unexpected, unexpected
    net.to(dtype).train()
    used = {n: p for n, p in net.named_parameters() if n in state}
    adam = torch.optim.Adam(used.values(), lr=args["learningRate"], weight_decay=1e-5)
    average = {n: p.detach().clone() for n, p in used.items()}
    target = inputs["target"].long()
    ce = lambda y: F.cross_entropy(resize(y, target.shape[-2:]), target, ignore_index=255)
    for _ in range(args["steps"]):
        logits, aux = net([inputs[f"tap{i}"].to(dtype) for i in range(4)])
        loss = ce(logits) + 0.15 * sum(ce(a) for a in aux)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(used.values(), 3)
        adam.step()
        for n, p in used.items():
            average[n].mul_(0.9).add_(p.detach(), alpha=0.1)
    for n, p in net.state_dict().items():
        if n in state: outputs[f"{prefix}decoder.{n}"] = p
    for n, p in average.items(): outputs[f"{prefix}average decoder.{n}"] = p
    outputs[prefix + "loss"] = ce(logits)

train("single ", torch.float32)
train("", torch.float64)
`,
          { ...asValues(all, values), ...taps, target },
          { genotype: genotypeToJson(genotype), outputs, width, steps, learningRate: optimiser.learningRate },
        );
        const zeros = new Float32Array(weights.length);
        const vector = (data: Float32Array): OrtTensor => new OrtTensor('float32', data, [data.length]);
        const start = weights.flatten(values);
        let state: Record<string, TensorValue> = {
          parameters: vector(start),
          firstMoment: vector(zeros),
          secondMoment: vector(zeros),
          average: vector(start.slice()),
          statistics: vector(statistics.flatten(values)),
        };
        const session = await runtime.open(step.model, { purpose: 'training' });
        const feeds = Object.fromEntries(
          Object.entries(taps).flatMap(([name, { data, dims }]) =>
            session.inputNames.includes(name) ? [[name, new OrtTensor('float32', data, dims)]] : [],
          ),
        );
        let loss = Number.NaN;
        for (let t = 1; t <= steps; t++) {
          const number = (v: number): OrtTensor => new OrtTensor('float32', Float32Array.of(v), []);
          const results = await session.run({
            ...feeds,
            ...state,
            target: new OrtTensor('int32', target.data, target.dims),
            learningRate: number(optimiser.learningRate),
            bias1: number(1 - 0.9 ** t),
            bias2: number(1 - 0.999 ** t),
          });
          state = Object.fromEntries(
            step.state.flatMap(({ name }) => {
              const value = results[nextName(name)];
              return value ? [[name, value]] : [];
            }),
          );
          loss = floatsOf(results, 'loss')[0] ?? Number.NaN;
        }
        await session.release();
        const trained = new Map([
          ...weights.unflatten(floatsOf(state, 'parameters')),
          ...statistics.unflatten(floatsOf(state, 'statistics')),
        ]);
        const averaged = weights.unflatten(floatsOf(state, 'average'));
        const all32: number[] = [];
        const all64: number[] = [];
        const ours: number[] = [];
        for (const [name, { data }] of Object.entries(expected)) {
          if (name === 'loss' || name.startsWith('single ')) continue;
          all64.push(...data);
          all32.push(...(expected[`single ${name}`]?.data ?? []));
          ours.push(...((name.startsWith('average ') ? averaged.get(name.slice(8)) : trained.get(name)) ?? []));
        }
        // Adam makes ±α of a gradient that is zero but for rounding: PyTorch's own single precision says how much.
        const rounding = norm(all32, all64) / norm(all64);
        expect(norm(ours, all64) / norm(all64), `block ${runtime.target.blockSize}`).toBeLessThan(Math.max(1e-3, 3 * rounding));
        expect(relativeDifference([loss], expected['loss']?.data ?? []), `loss, block ${runtime.target.blockSize}`).toBeLessThan(1e-3);
      }
    },
  );
});
