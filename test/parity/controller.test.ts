// The controller and its PPO update against PyTorch: log-probabilities, entropy, and the parameters after a step.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { adam, clipGlobalNorm, gradients, input, lowerGraph, mul, scalar, sub, sumAll } from '../../src/core/graph/index.js';
import { FlatLayout, initialise, Scope } from '../../src/core/nn/index.js';
import { choicesOf, decisionsOf } from '../../src/core/policy/index.js';
import { choiceInputs, replaying, rollOut } from '../../src/core/policy/lstm-controller.js';
import { ControllerNetwork } from '../../src/core/policy/controller-network.js';
import { clippedSurrogate } from '../../src/core/policy/ppo.js';
import { policyGradient } from '../../src/core/policy/reinforce.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf } from '../../src/core/runtime/index.js';
import { portable } from '../graph/run.js';
import { randomGenotype } from '../space/random-genotype.js';
import { python, relativeDifference, Torch } from './torch.js';
import { asValues, randomFloats } from './values.js';

const space = { blocks: 3, rounds: 3 };
const stateSchema = z.object({ parameters: z.string() });
const batch = 6;

const code = `
class Controller(torch.nn.Module):
    def __init__(self, decisions, hidden, layers, feeds_back):
        super().__init__()
        self.decisions, self.hidden, self.feeds_back = decisions, hidden, feeds_back
        self.lstm = torch.nn.ModuleList(torch.nn.LSTMCell(hidden, hidden) for _ in range(layers))
        self.start = torch.nn.Parameter(torch.zeros(hidden))
        self.heads = torch.nn.ModuleDict({d["head"].replace(".", "_"): torch.nn.Linear(hidden, d["choices"]) for d in decisions})
        if feeds_back: self.embedding = torch.nn.ModuleDict({d["head"].replace(".", "_"): torch.nn.Embedding(d["choices"], hidden) for d in decisions})

    def forward(self, choices):
        b = choices.shape[0]
        states = [(torch.zeros(b, self.hidden), torch.zeros(b, self.hidden)) for _ in self.lstm]
        x = self.start.expand(b, -1)
        def step(x):
            for l, cell in enumerate(self.lstm):
                states[l] = cell(x, states[l]); x = states[l][0]
            return x
        for _ in range(4): x = step(x)
        total, entropy = 0, 0
        for d, decision in enumerate(self.decisions):
            x = step(x)
            name = decision["head"].replace(".", "_")
            distribution = torch.distributions.Categorical(logits=self.heads[name](x))
            total = total + distribution.log_prob(choices[:, d])
            entropy = entropy + distribution.entropy().mean()
            if self.feeds_back: x = self.embedding[name](choices[:, d])
        return total, entropy / len(self.decisions)

net = Controller(args["decisions"], 100, 2, args["feedsBack"])
with torch.no_grad():
    for l, cell in enumerate(net.lstm):
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"): getattr(cell, part).copy_(inputs[f"lstm.{l}.{part}"])
    net.start.copy_(inputs["start"])
    for d in args["decisions"]:
        name = d["head"].replace(".", "_")
        net.heads[name].weight.copy_(inputs[d["head"] + ".weight"]); net.heads[name].bias.copy_(inputs[d["head"] + ".bias"])
        if args["feedsBack"]: net.embedding[name].weight.copy_(inputs[d["head"] + ".embedding"])
choices = inputs["choices"].long()
adam = torch.optim.Adam(net.parameters(), lr=1e-3)
norms, entropies = [], []
for rows in args["batches"]:
    logp, entropy = net(choices[rows])
    ratio = torch.exp(logp - inputs["old"][rows])
    advantage = inputs["advantage"][rows]
    loss = -torch.min(ratio * advantage, ratio.clamp(0.9, 1.1) * advantage).mean() - args["entropy"] * entropy
    adam.zero_grad(); loss.backward()
    norms.append(torch.nn.utils.clip_grad_norm_(net.parameters(), args["clip"]))
    adam.step()
    entropies.append(entropy)
    if "logp" not in outputs: outputs["logp"], outputs["entropy"] = logp, entropy
outputs["norms"], outputs["entropies"] = torch.stack(norms), torch.stack(entropies)
outputs["start"] = net.start
for l, cell in enumerate(net.lstm):
    for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"): outputs[f"lstm.{l}.{part}"] = getattr(cell, part)
for d in args["decisions"]:
    name = d["head"].replace(".", "_")
    outputs[d["head"] + ".weight"], outputs[d["head"] + ".bias"] = net.heads[name].weight, net.heads[name].bias
    if args["feedsBack"]: outputs[d["head"] + ".embedding"] = net.embedding[name].weight
`;

describe.skipIf(python === undefined)('the controller agrees with PyTorch', () => {
  let torch: Torch;
  beforeAll(() => {
    torch = new Torch();
  });
  afterAll(() => torch.close());

  test.each(['none', 'choice'] as const)('three PPO steps, conditioning %s', async (conditioning) => {
    const random = seededRandom(2);
    const decisions = decisionsOf(space);
    expect(decisions.length).toBe(19);
    const sequences = Array.from({ length: batch }, () => choicesOf(randomGenotype(random)));
    const scope = Scope.root('inference');
    const { logProbability, entropy } = rollOut(
      scope,
      decisions,
      { hidden: 100, layers: 2, conditioning },
      batch,
      replaying(choiceInputs(decisions, batch), decisions),
    );
    const values = initialise(scope.parameters, random);
    const advantage = randomFloats(random, [batch]);
    // Old log-probabilities around the present ones, so that some ratios are clipped.
    const old = randomFloats(random, [batch], -36, -34);
    const expected = await torch.run(
      code,
      {
        ...asValues(scope.parameters, values),
        choices: { dims: [batch, decisions.length], data: Int32Array.from(sequences.flat()) },
        old,
        advantage,
      },
      { decisions, feedsBack: conditioning === 'choice', batches: [0, 1, 2].map(() => sequences.map((_, i) => i)), entropy: 0.01, clip: 2 },
    );

    const layout = new FlatLayout(scope.parameters);
    const perSequence = clippedSurrogate(logProbability, input('old', [batch]), input('advantage', [batch]), 0.1);
    const loss = sub(mul(sumAll(perSequence), scalar(1 / batch)), mul(entropy, scalar(0.01)));
    const parameters = input('parameters', [layout.length]);
    const grads = gradients(
      loss,
      layout.parameters.map(({ tensor }) => tensor),
    ).flatMap((g) => g ?? []);
    expect(grads.length).toBe(layout.parameters.length);
    const state = { parameters, firstMoment: input('firstMoment', [layout.length]), secondMoment: input('secondMoment', [layout.length]) };
    const optimiser = adam();
    const next = optimiser.update(state, clipGlobalNorm(layout.join(grads), 2), scalar(1e-3), (name) => input(name, []));
    const model = lowerGraph(
      { p: next.parameters, m: next.firstMoment, v: next.secondMoment, logProbability, entropy },
      { bindings: layout.bind(parameters) },
    );
    const session = await portable.open(model);
    const vector = (data: Float32Array): OrtTensor => new OrtTensor('float32', data, [data.length]);
    let p: Float32Array = layout.flatten(values);
    let m: Float32Array = new Float32Array(layout.length);
    let v: Float32Array = new Float32Array(layout.length);
    for (let t = 1; t <= 3; t++) {
      const results = await session.run({
        parameters: vector(p),
        firstMoment: vector(m),
        secondMoment: vector(v),
        old: vector(old.data),
        advantage: vector(advantage.data),
        ...Object.fromEntries(
          Object.entries(optimiser.fed(t)).map(([name, n]) => [name, new OrtTensor('float32', Float32Array.of(n), [])]),
        ),
        ...Object.fromEntries(
          decisions.map((_, d) => [
            `choice${d}`,
            new OrtTensor(
              'int32',
              Int32Array.from(sequences, (s) => s[d] ?? 0),
              [batch],
            ),
          ]),
        ),
      });
      if (t === 1) {
        expect(relativeDifference(floatsOf(results, 'logProbability'), expected['logp']?.data ?? [])).toBeLessThan(1e-5);
        expect(relativeDifference(floatsOf(results, 'entropy'), expected['entropy']?.data ?? [])).toBeLessThan(1e-5);
      }
      [p, m, v] = [floatsOf(results, 'p'), floatsOf(results, 'm'), floatsOf(results, 'v')];
    }
    await session.release();
    for (const [name, data] of layout.unflatten(p)) expect(relativeDifference(data, expected[name]?.data ?? []), name).toBeLessThan(1e-3);
  });

  test.each([
    ['none', 'ppo'],
    ['choice', 'ppo'],
    ['choice', 'reinforce'],
  ] as const)(
    'conditioning %s, %s: updates with an entropy bonus, clipped, and of minibatches that are not full',
    async (conditioning, loss) => {
      const random = seededRandom(4).fork(conditioning);
      const decisions = decisionsOf(space);
      const sequences = Array.from({ length: batch }, () => choicesOf(randomGenotype(random)));
      const options = { learningRate: 1e-3, clipNorm: 0.02, entropyCoefficient: 0.3, minibatch: batch };
      const batches = loss === 'ppo' ? [[0, 1, 2, 3, 4, 5], [4, 1], [2, 3, 5], [0]] : [[0], [1], [2], [0]];
      const controller = { hidden: 100, layers: 2, conditioning };
      const scope = Scope.root('inference');
      rollOut(scope, decisions, controller, batch, replaying(choiceInputs(decisions, batch), decisions));
      const layout = new FlatLayout(scope.parameters);
      const network = await ControllerNetwork.create(
        portable,
        space,
        controller,
        options,
        loss === 'ppo'
          ? (now, then, advantage) => clippedSurrogate(now, then, advantage, 0.1)
          : (now, _then, advantage) => policyGradient(now, advantage),
        random.fork('parameters'),
      );
      const parametersOf = (): Map<string, Float32Array> => {
        const { parameters } = stateSchema.parse(network.state());
        return layout.unflatten(new Float32Array(Uint8Array.from(Buffer.from(parameters, 'base64')).buffer));
      };
      const start = parametersOf();
      const [old, advantage] = [randomFloats(random, [batch], -36, -34), randomFloats(random, [batch])];
      const expected = await torch.run(
        code.replace(
          'loss = -torch.min(',
          loss === 'ppo' ? 'loss = -torch.min(' : 'loss = -(logp * advantage).mean() - args["entropy"] * entropy; _ = -torch.min(',
        ),
        {
          ...asValues(scope.parameters, start),
          choices: { dims: [batch, decisions.length], data: Int32Array.from(sequences.flat()) },
          old,
          advantage,
        },
        { decisions, feedsBack: conditioning === 'choice', batches, entropy: options.entropyCoefficient, clip: options.clipNorm },
      );
      // The norm's clip is at work in most steps; Adam would hide one that is the same in all.
      expect((expected['norms']?.data ?? []).filter((n) => n > 2 * options.clipNorm).length).toBeGreaterThanOrEqual(2);
      const entropies: number[] = [];
      for (const rows of batches)
        entropies.push(
          await network.update(
            rows.map((i) => ({ choices: sequences[i] ?? [], logProbability: old.data[i] ?? 0, advantage: advantage.data[i] ?? 0 })),
          ),
        );
      expect(relativeDifference(entropies, expected['entropies']?.data ?? [])).toBeLessThan(1e-5);
      for (const [name, data] of parametersOf()) {
        // By what they moved: an absolute value would hide it.
        const moved = (values: Float32Array): number[] => Array.from(values, (v, i) => v - (start.get(name)?.[i] ?? 0));
        expect(relativeDifference(moved(data), moved(expected[name]?.data ?? new Float32Array())), name).toBeLessThan(2e-2);
      }
      await network.close();
    },
  );
});
