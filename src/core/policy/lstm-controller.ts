// The controller (method, section 2): a 2-layer LSTM that is stepped once per encoder tap and once per decision; each
// decision is a softmax over a linear head on the top hidden state.
//
// The whole sampling is one graph: a decision takes the first choice whose cumulative probability exceeds a uniform
// number that is fed. So is the whole evaluation of a batch of given sequences.

import {
  add,
  constant,
  exp,
  greater,
  input,
  logSoftmax,
  matmul,
  mul,
  neg,
  oneHot,
  reduceSum,
  reshape,
  scalar,
  split,
  sub,
  sumAll,
  type Tensor,
} from '../graph/index.js';
import { type Initialiser, LstmCell, type LstmState, type Scope } from '../nn/index.js';
import { tapCount } from '../space/index.js';
import type { Decision } from './decisions.js';

export interface ControllerOptions {
  readonly hidden: number;
  readonly layers: number;
  /** `none`: the next input is the hidden state (the authors'); `choice`: the sampled choice, embedded (ENAS). */
  readonly conditioning: 'none' | 'choice';
}

const initialiser: Initialiser = { kind: 'uniform', bound: 0.1 };

/** Takes a decision: from log-probabilities [1 or B, choices] to the choice, one-hot [B, choices]. */
export type Chooser = (logProbabilities: Tensor, decision: number) => Tensor;

export interface Rollout {
  /** ln π of each sequence, [B]. */
  readonly logProbability: Tensor;
  /** Mean entropy of a decision over the sequences, by their weights; a scalar. */
  readonly entropy: Tensor;
  readonly chosen: readonly Tensor[];
}

/**
 * Steps the controller through all decisions. Declares its parameters in `scope`.
 * @param weight of each sequence in the mean, [B], their sum 1; all alike without it
 */
export function rollOut(
  scope: Scope,
  decisions: readonly Decision[],
  options: ControllerOptions,
  batch: number,
  choose: Chooser,
  weight: Tensor = constant(new Float32Array(batch).fill(1 / batch), [batch]),
): Rollout {
  const { hidden, layers, conditioning } = options;
  const cells = Array.from({ length: layers }, (_, l) => new LstmCell(scope.child('lstm').child(l), hidden, hidden, initialiser));
  const heads = new Map<string, { weight: Tensor; bias: Tensor; embedding: Tensor | undefined }>();
  for (const { head, choices } of decisions)
    if (!heads.has(head)) {
      const own = scope.child(head);
      heads.set(head, {
        weight: own.weight('weight', [choices, hidden], initialiser),
        bias: own.weight('bias', [choices], initialiser),
        embedding: conditioning === 'choice' ? own.weight('embedding', [choices, hidden], initialiser) : undefined,
      });
    }

  // Until the first choice is fed back the state is the same for the whole batch: one row that is broadcast.
  const zeros = constant(new Float32Array(hidden), [1, hidden]);
  let states: readonly LstmState[] = cells.map(() => ({ h: zeros, c: zeros }));
  let x = reshape(scope.weight('start', [hidden], initialiser), [1, hidden]);
  const step = (): void => {
    let y = x;
    states = states.map((state, l) => {
      const next = cells[l]?.step(y, state) ?? state;
      y = next.h;
      return next;
    });
    x = y;
  };
  for (let tap = 0; tap < tapCount; tap++) step();

  const chosen: Tensor[] = [];
  const logProbabilities: Tensor[] = [];
  const entropies: Tensor[] = [];
  decisions.forEach(({ head, choices }, d) => {
    step();
    const parameters = heads.get(head);
    if (!parameters) throw new RangeError(`no head ${head}`);
    const { weight: headWeight, bias, embedding } = parameters;
    const logP = logSoftmax(add(matmul(x, headWeight, { transposeB: true }), bias));
    const choice = choose(logP, d);
    if (choice.shape[1] !== choices) throw new RangeError(`decision ${d} has ${choices} choices`);
    chosen.push(choice);
    logProbabilities.push(reduceSum(mul(logP, choice), [1]));
    // One entropy where nothing was fed back yet, else one a sequence.
    entropies.push(sumAll(mul(neg(reduceSum(mul(exp(logP), logP), [1])), weight)));
    if (embedding) x = matmul(choice, embedding);
  });
  const total = logProbabilities.reduce(add);
  if (total.shape[0] !== batch) throw new RangeError(`rollout: ${String(total.shape[0])} sequences instead of ${batch}`);
  return { logProbability: total, entropy: mul(entropies.reduce(add), scalar(1 / decisions.length)), chosen };
}

/** Draws choices by uniform numbers. @param uniforms [decisions] */
export function sampling(uniforms: Tensor, decisions: readonly Decision[]): Chooser {
  const numbers = split(
    uniforms,
    decisions.map(() => 1),
    0,
  );
  return (logP, d) => {
    const n = decisions[d]?.choices ?? 0;
    const u = numbers[d];
    if (!u) throw new RangeError(`no uniform number for decision ${d}`);
    // F_k = Σ_{j ≤ k} p_j without the last, which is 1 but for rounding; choice k where F_{k−1} ≤ u < F_k.
    const triangle = Float32Array.from({ length: n * n }, (_, i) => (Math.floor(i / n) <= i % n && i % n < n - 1 ? 1 : 0));
    const last = Float32Array.from({ length: n }, (_, k) => (k === n - 1 ? 2 : 0));
    const cumulative = add(matmul(exp(logP), constant(triangle, [n, n])), constant(last, [1, n]));
    const above = greater(cumulative, u);
    const shifted = matmul(
      above,
      constant(
        Float32Array.from({ length: n * n }, (_, i) => (i % n === Math.floor(i / n) + 1 ? 1 : 0)),
        [n, n],
      ),
    );
    return sub(above, shifted);
  };
}

/** Replays given sequences. @param choices int32 [B, decisions] */
export function replaying(columns: readonly Tensor[], decisions: readonly Decision[]): Chooser {
  return (_logP, d) => {
    const column = columns[d];
    if (!column) throw new RangeError(`no choices for decision ${d}`);
    return oneHot(column, decisions[d]?.choices ?? 0);
  };
}

/** One int32 input [B] per decision. */
export function choiceInputs(decisions: readonly Decision[], batch: number): Tensor[] {
  return decisions.map((_, d) => input(`choice${d}`, [batch], 'int32'));
}

/** The index of each one-hot row, as floats [B]. */
export function indexOf(choice: Tensor): Tensor {
  const n = Number(choice.shape[1]);
  const range = constant(
    Float32Array.from({ length: n }, (_, k) => k),
    [n, 1],
  );
  return reshape(matmul(choice, range), [Number(choice.shape[0])]);
}
