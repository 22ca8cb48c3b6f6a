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
  meanSquaredError,
  mul,
  type Optimiser,
  polyakAverage,
  resizeBilinear,
  runningAverage,
  scalar,
  sgd,
  type Target,
  type Tensor,
  topologicalOrder,
} from '../graph/index.js';
import {
  buildDecoder,
  buildMobileNetV2,
  type DropoutMask,
  type EncoderOptions,
  FlatLayout,
  type Parameter,
  reachable,
  Scope,
} from '../nn/index.js';
import type { Architecture } from '../space/index.js';
import type { MapShape, Task } from '../task/index.js';

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

/** SGD with momentum on the encoder, with a norm clip of its own. */
export interface EncoderRecipe {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  /** Whether batch normalisation normalises by the batch and learns, or stays what it was when pretrained. */
  readonly batchNorm: 'trained' | 'frozen';
}

/** What a step is fed: the taps of a frozen encoder (stage 1), or images through an encoder that learns too (stage 2). */
export type StepInputs =
  | { readonly kind: 'taps'; readonly shapes: readonly (readonly [number, number, number])[] }
  | {
      readonly kind: 'images';
      readonly height: number;
      readonly width: number;
      readonly encoder: EncoderOptions;
      readonly recipe: EncoderRecipe;
      /** Values of frozen batch normalisation, by name. */
      readonly fixed?: ReadonlyMap<string, Float32Array>;
    };

export interface StepOptions {
  readonly genotype: Architecture;
  readonly decoder: DecoderRecipe;
  readonly optimiser: OptimiserRecipe;
  readonly task: Task;
  readonly batch: number;
  readonly inputs: StepInputs;
  /** Weight of the mean squared difference from a teacher's logits; 0 or absent: no teacher. */
  readonly distillation?: number;
  /** Size of the map that the loss is computed on. */
  readonly targetShape: MapShape;
  /** Where the step will run. */
  readonly target: Target;
}

/** A vector that goes from step to step: fed as `name`, fetched as `nextName(name)`. */
export interface StateVector {
  readonly name: string;
  readonly layout: FlatLayout;
  /** Where it starts: at the parameters' values, or as the optimiser says. */
  readonly start: 'values' | (() => Float32Array);
}

export interface TrainingStep {
  readonly model: Uint8Array;
  readonly state: readonly StateVector[];
  /** Fed anew at every step. */
  readonly masks: readonly DropoutMask[];
  /** Scalars that the optimisers are fed at step t = 1, 2, …, beside the learning rates. */
  fed(t: number): Readonly<Record<string, number>>;
}

/** A model's inputs and outputs must not share names. */
export function nextName(name: string): string {
  return `next_${name}`;
}

/**
 * Inputs beside the state: `tap0` … or `image`, `target`, the masks of dropout, with distillation `teacher`, `learningRate`, `bias1`, `bias2`, and `encoderLearningRate` for images.
 * Outputs beside the state: `loss`, that of the main head.
 */
export function buildTrainingStep(options: StepOptions): TrainingStep {
  const { genotype, decoder, optimiser, task, batch, inputs, targetShape } = options;
  const scope = Scope.root('training');
  const taps =
    inputs.kind === 'taps'
      ? inputs.shapes.map((shape, i) => input(`tap${i}`, [batch, ...shape]))
      : buildMobileNetV2(
          scope.child('encoder').withMode(inputs.recipe.batchNorm === 'frozen' ? 'frozen' : 'training'),
          input('image', [batch, 3, inputs.height, inputs.width]),
          inputs.encoder,
        );
  const { logits, auxiliary } = buildDecoder(scope.child('decoder'), taps, genotype, {
    outputs: task.outputs,
    ...decoder,
    auxiliary: decoder.auxiliaryWeight > 0,
  });
  const [h, w] = targetShape;
  const spec = task.targetSpec(h, w);
  const prepared = task.prepareTarget(input('target', [batch, ...spec.shape], spec.dtype), h, w);
  const outputOf = (head: Tensor): Tensor => resizeBilinear(task.activate(head), h, w);
  const output = outputOf(logits);
  const mainLoss = task.loss(output, prepared);
  const weighted: [number, Tensor][] = auxiliary.map((head) => [decoder.auxiliaryWeight, task.loss(outputOf(head), prepared)]);
  if (options.distillation) {
    const teacher = input('teacher', [batch, task.outputs, h, w]);
    weighted.push([options.distillation, meanSquaredError(task.learnt(output), task.learnt(teacher))]);
  }
  const loss = weighted.reduce((sum, [weight, term]) => add(sum, mul(term, scalar(weight))), mainLoss);

  const trained = reachable(scope.parameters, [loss]).filter(({ role }) => role === 'weight');
  const gradientOf = new Map(
    gradients(
      loss,
      trained.map(({ tensor }) => tensor),
    ).map((g, i) => [trained[i]?.name, g]),
  );
  const group = (prefix: string): ParameterGroup => {
    const layout = new FlatLayout(trained.filter(({ name }) => name.startsWith(prefix)));
    const parts = layout.parameters.map(({ name }) => {
      const g = gradientOf.get(name);
      if (!g) throw new RangeError(`parameter ${name} has no gradient`);
      return g;
    });
    return { layout, gradient: parts.length > 0 ? layout.join(parts) : undefined };
  };

  const state: StateVector[] = [];
  const fed: ((t: number) => Readonly<Record<string, number>>)[] = [];
  const next: Record<string, Tensor> = {};
  const bindings = new Map<Tensor, Tensor | Float32Array>(fixedBindings(scope, loss, inputs));
  const vector = (name: string, layout: FlatLayout, start: StateVector['start']): Tensor => {
    state.push({ name, layout, start });
    return input(name, [layout.length]);
  };

  /** The update of some of the parameters. @param own before the names of its inputs and outputs, where another group has them plain */
  const optimise = ({ layout, gradient }: MovedGroup, by: Optimiser, clipNorm: number, own: string): void => {
    const named = (name: string): string => (own === '' ? name : `${own}${name.charAt(0).toUpperCase()}${name.slice(1)}`);
    const parameters = vector(named('parameters'), layout, 'values');
    const kept = Object.keys(by.init(0)).map((name): [string, Tensor] => [
      name,
      vector(named(name), layout, () => by.init(layout.length)[name] ?? new Float32Array(layout.length)),
    ]);
    const rate = input(named('learningRate'), []);
    const after = by.update({ ...Object.fromEntries(kept), parameters }, clipGlobalNorm(gradient, clipNorm), rate, (name) =>
      input(named(name), []),
    );
    for (const [name, t] of Object.entries(after)) next[named(name)] = t;
    next[named('average')] = polyakAverage(vector(named('average'), layout, 'values'), after.parameters, optimiser.polyakDecay);
    for (const [t, slice] of layout.bind(parameters)) bindings.set(t, slice);
    fed.push((t) => Object.fromEntries(Object.entries(by.fed(t)).map(([name, value]) => [named(name), value])));
  };

  const weights = group('decoder.');
  if (!isMoved(weights)) throw new RangeError('the decoder has no parameters');
  optimise(weights, adam({ weightDecay: optimiser.weightDecay }), optimiser.clipNorm, '');
  const encoder = group('encoder.');
  if (inputs.kind === 'images' && isMoved(encoder)) {
    const { momentum, weightDecay, clipNorm } = inputs.recipe;
    optimise(encoder, sgd({ momentum, weightDecay }), clipNorm, 'encoder');
  }

  const statistics = statisticsLayout(scope, [loss]);
  if (statistics)
    next['statistics'] = runningAverage(
      vector('statistics', statistics.layout, 'values'),
      statistics.batch,
      optimiser.statisticsMomentum ?? 0.1,
    );
  const outputs = Object.fromEntries(Object.entries(next).map(([name, t]) => [nextName(name), t]));
  const model = lowerGraph({ ...outputs, loss: mainLoss }, { target: options.target, bindings });
  return { model, state, masks: scope.masks, fed: (t) => Object.assign({}, ...fed.map((of) => of(t))) };
}

/** What frozen batch normalisation is bound to. */
function fixedBindings(scope: Scope, loss: Tensor, inputs: StepInputs): Map<Tensor, Float32Array> {
  const fixed = inputs.kind === 'images' ? inputs.fixed : undefined;
  return new Map(
    reachable(scope.parameters, [loss])
      .filter(({ role }) => role === 'fixed')
      .map(({ name, tensor }) => {
        const data = fixed?.get(name);
        if (!data) throw new RangeError(`frozen ${name} has no value`);
        return [tensor, data];
      }),
  );
}

/** Parameters that one optimiser moves, and their gradient as one vector. */
interface ParameterGroup {
  readonly layout: FlatLayout;
  readonly gradient?: Tensor | undefined;
}

interface MovedGroup extends ParameterGroup {
  readonly gradient: Tensor;
}

function isMoved(group: ParameterGroup): group is MovedGroup {
  return group.gradient !== undefined;
}

/**
 * The running statistics of every batch normalisation in use, and this batch's as one vector in the same order; undefined where none
 * learns.
 */
function statisticsLayout(scope: Scope, outputs: readonly Tensor[]): { layout: FlatLayout; batch: Tensor } | undefined {
  const byTensor = new Map(scope.parameters.map((p) => [p.tensor, p]));
  const named = (t: Tensor): Parameter => {
    const p = byTensor.get(t);
    if (!p) throw new RangeError('a running statistic was not declared');
    return p;
  };
  const nodes = new Set(topologicalOrder(outputs));
  const used = scope.statistics.filter(({ mean }) => nodes.has(mean.node));
  if (used.length === 0) return undefined;
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
