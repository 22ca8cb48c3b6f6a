// torch.nn.LSTMCell, stacked.
//
//   i, f, g, o = W_ih x + b_ih + W_hh h + b_hh;   c′ = σ(f) c + σ(i) tanh(g);   h′ = σ(o) tanh(c′)

import { add, matmul, mul, sigmoid, split, tanh, type Tensor } from '../graph/index.js';
import type { Initialiser, Scope } from './scope.js';

/** Hidden and cell state, each [B, hidden]. */
export interface LstmState {
  readonly h: Tensor;
  readonly c: Tensor;
}

export class LstmCell {
  readonly #weights: { readonly ih: Tensor; readonly hh: Tensor; readonly biasIh: Tensor; readonly biasHh: Tensor };
  readonly #hidden: number;

  constructor(scope: Scope, inputs: number, hidden: number, initialiser: Initialiser) {
    this.#hidden = hidden;
    this.#weights = {
      ih: scope.weight('weight_ih', [4 * hidden, inputs], initialiser),
      hh: scope.weight('weight_hh', [4 * hidden, hidden], initialiser),
      biasIh: scope.weight('bias_ih', [4 * hidden], initialiser),
      biasHh: scope.weight('bias_hh', [4 * hidden], initialiser),
    };
  }

  /** @param x [B, inputs] */
  step(x: Tensor, { h, c }: LstmState): LstmState {
    const { ih, hh, biasIh, biasHh } = this.#weights;
    const gates = add(add(matmul(x, ih, { transposeB: true }), biasIh), add(matmul(h, hh, { transposeB: true }), biasHh));
    const [i, f, g, o] = split(gates, [this.#hidden, this.#hidden, this.#hidden, this.#hidden], 1);
    if (!i || !f || !g || !o) throw new RangeError('lstm: four gates expected');
    const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
    return { h: mul(sigmoid(o), tanh(cell)), c: cell };
  }
}
