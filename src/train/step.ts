// A training step as one graph: forward, loss, backward, clipping, Adam, Polyak average and running statistics. It
// takes the state and a batch, and gives the new state and the loss: one session run.

import {
  adam,
  add,
  clipGlobalNorm,
  concat,
  constant,
  gradients,
  input,
  lowerGraph,
  mul,
  polyakAverage,
  resizeBilinear,
  runningAverage,
  scalar,
  type Tensor,
  topologicalOrder,
} from '../graph/index.js';
import { buildDecoder, FlatLayout, type Parameter, reachable, Scope } from '../nn/index.js';
import type { Genotype } from '../space/index.js';
import type { Task } from '../task/index.js';

export interface DecoderRecipe {
  readonly width: number;
  readonly sepRepeats: number;
  /** Auxiliary cells, with this weight of their losses; 0 leaves them out. */
  readonly auxiliaryWeight: number;
}

export interface OptimiserRecipe {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  /** Decay of the Polyak average of the parameters; 0 turns averaging off. */
  readonly polyakDecay: number;
  /** Momentum of batch normalisation's running statistics. */
  readonly statisticsMomentum?: number;
}

export interface StepOptions {
  readonly genotype: Genotype;
  readonly decoder: DecoderRecipe;
  readonly optimiser: OptimiserRecipe;
  readonly task: Task;
  readonly batch: number;
  readonly tapShapes: readonly (readonly [number, number, number])[];
  /** Size of the map that the loss is computed on. */
  readonly targetSize: readonly [number, number];
  readonly blockSize: number;
}

export interface TrainingStep {
  readonly model: Uint8Array;
  /** The trained weights, and the running statistics beside them. */
  readonly weights: FlatLayout;
  readonly statistics: FlatLayout;
}

/** Inputs that carry state from step to step; the output that becomes the next input is called `nextName(name)`. */
export const stateNames = ['parameters', 'firstMoment', 'secondMoment', 'average', 'statistics'] as const;

/** A model's inputs and outputs must not share names. */
export function nextName(name: string): string {
  return `next_${name}`;
}

export function buildTrainingStep(options: StepOptions): TrainingStep {
  const { genotype, decoder, optimiser, task, batch, tapShapes, targetSize } = options;
  const scope = Scope.root('training', 'decoder.');
  const taps = tapShapes.map((shape, i) => input(`tap${i}`, [batch, ...shape]));
  const { logits, auxiliary } = buildDecoder(scope, taps, genotype, {
    outputs: task.outputs,
    ...decoder,
    auxiliary: decoder.auxiliaryWeight > 0,
  });
  const [h, w] = targetSize;
  const spec = task.targetSpec(h, w);
  const prepared = task.prepareTarget(input('target', [batch, ...spec.shape], spec.dtype));
  const headLoss = (output: Tensor): Tensor => task.loss(resizeBilinear(output, h, w), prepared);
  const mainLoss = headLoss(logits);
  const loss = auxiliary.reduce((sum, output) => add(sum, mul(headLoss(output), scalar(decoder.auxiliaryWeight))), mainLoss);

  const weights = new FlatLayout(
    reachable(
      scope.parameters.filter(({ role }) => role === 'weight'),
      [loss],
    ),
  );
  const parameters = input('parameters', [weights.length]);
  const all = gradients(
    loss,
    weights.parameters.map(({ tensor }) => tensor),
  ).map((g, i) => {
    if (!g) throw new RangeError(`parameter ${weights.parameters[i]?.name} has no gradient`);
    return g;
  });
  const state = { parameters, firstMoment: input('firstMoment', [weights.length]), secondMoment: input('secondMoment', [weights.length]) };
  const next = adam(state, clipGlobalNorm(weights.join(all), optimiser.clipNorm), {
    learningRate: input('learningRate', []),
    bias1: input('bias1', []),
    bias2: input('bias2', []),
    weightDecay: optimiser.weightDecay,
  });
  const average = polyakAverage(input('average', [weights.length]), next.parameters, optimiser.polyakDecay);
  const statistics = statisticsLayout(scope, [loss]);
  const running = runningAverage(input('statistics', [statistics.layout.length]), statistics.batch, optimiser.statisticsMomentum ?? 0.1);
  const renamed = Object.fromEntries(Object.entries({ ...next, average, statistics: running }).map(([name, t]) => [nextName(name), t]));
  const model = lowerGraph({ ...renamed, loss: mainLoss }, { blockSize: options.blockSize, bindings: weights.bind(parameters) });
  return { model, weights, statistics: statistics.layout };
}

/** The running statistics of every batch normalisation in use, and this batch's as one vector in the same order. */
function statisticsLayout(scope: Scope, outputs: readonly Tensor[]): { layout: FlatLayout; batch: Tensor } {
  const byTensor = new Map(scope.parameters.map((p) => [p.tensor, p]));
  const named = (t: Tensor): Parameter => {
    const p = byTensor.get(t);
    if (!p) throw new RangeError('a running statistic was not declared');
    return p;
  };
  const nodes = new Set(topologicalOrder(outputs));
  const used = scope.statistics.filter(({ mean }) => nodes.has(mean.node));
  const layout = new FlatLayout(used.flatMap((s) => [named(s.runningMean), named(s.runningVariance)]));
  // PyTorch keeps the unbiased variance.
  const unbiased = used.flatMap((s, i) => {
    const channels = layout.sizes[2 * i] ?? 0;
    return [...Array.from({ length: channels }, () => 1), ...Array.from({ length: channels }, () => s.count / Math.max(1, s.count - 1))];
  });
  const batch = mul(
    concat(
      used.flatMap((s) => [s.mean, s.variance]),
      0,
    ),
    constant(Float32Array.from(unbiased), [layout.length]),
  );
  return { layout, batch };
}
