// Where layers get their parameters: a tree of names in which every weight and running statistic is declared once.

import { parameter, type Tensor } from '../graph/index.js';

/** How a fresh value is drawn; what PyTorch's layers do by default. */
export type Initialiser = { readonly kind: 'constant'; readonly value: number } | { readonly kind: 'uniform'; readonly bound: number };

export interface Parameter {
  /** Name as in the authors' PyTorch checkpoints. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly tensor: Tensor;
  /** Trained by gradient; a running statistic of batch normalisation; or part of a frozen batch normalisation. */
  readonly role: 'weight' | 'statistic' | 'fixed';
  readonly initialiser: Initialiser;
}

/** One batch normalisation's statistics of the batch at hand, to be folded into the running ones. */
export interface BatchStatistics {
  readonly runningMean: Tensor;
  readonly runningVariance: Tensor;
  readonly mean: Tensor;
  /** Biased. */
  readonly variance: Tensor;
  /** Values per channel, for the unbiased variance that is kept: n / (n − 1). */
  readonly count: number;
}

/** What dropout leaves of a map, as every training step is fed it: 0, or 1 / (1 − share). */
export interface DropoutMask {
  /** The input's name. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Of what is left out. */
  readonly share: number;
}

/** A convolution that has its batch normalisation in it, where values are known: what its weights are made of. */
export interface Fold {
  /** The convolution's weights, and the shift that is left of the normalisation. */
  readonly weight: Tensor;
  readonly bias: Tensor;
  /** Names of the parameters behind them, without `weight`, `bias`, `running_mean`, `running_var`. */
  readonly conv: string;
  readonly norm: string;
}

/**
 * Batch normalisation by the batch's statistics; by the running ones; by those with its scale and shift fixed too;
 * or folded into the convolution before it.
 */
export type Mode = 'training' | 'inference' | 'frozen' | 'folded';

export class Scope {
  readonly mode: Mode;
  readonly #prefix: string;
  readonly #parameters: Parameter[];
  readonly #statistics: BatchStatistics[];
  readonly #folds: Fold[];
  readonly #masks: DropoutMask[];

  private constructor(
    mode: Mode,
    prefix: string,
    parameters: Parameter[],
    statistics: BatchStatistics[],
    folds: Fold[],
    masks: DropoutMask[],
  ) {
    this.mode = mode;
    this.#prefix = prefix;
    this.#parameters = parameters;
    this.#statistics = statistics;
    this.#folds = folds;
    this.#masks = masks;
  }

  static root(mode: Mode, prefix = ''): Scope {
    return new Scope(mode, prefix, [], [], [], []);
  }

  child(name: string | number): Scope {
    return new Scope(this.mode, `${this.#prefix}${name}.`, this.#parameters, this.#statistics, this.#folds, this.#masks);
  }

  /** The same names with another treatment of batch normalisation (a frozen encoder under a trained decoder). */
  withMode(mode: Mode): Scope {
    return new Scope(mode, this.#prefix, this.#parameters, this.#statistics, this.#folds, this.#masks);
  }

  weight(name: string, shape: readonly number[], initialiser: Initialiser): Tensor {
    return this.#declare(name, shape, 'weight', initialiser);
  }

  /** Scale or shift of a batch normalisation: trained, unless that is frozen. */
  scale(name: string, shape: readonly number[], value: number): Tensor {
    return this.#declare(name, shape, this.mode === 'frozen' ? 'fixed' : 'weight', { kind: 'constant', value });
  }

  statistic(name: string, shape: readonly number[], value: number): Tensor {
    return this.#declare(name, shape, this.mode === 'frozen' ? 'fixed' : 'statistic', { kind: 'constant', value });
  }

  /** Notes that `weight` and `bias` hold this convolution's normalisation too. @param norm where its parameters are */
  fold(weight: Tensor, bias: Tensor, norm: Scope): void {
    this.#folds.push({ weight, bias, conv: this.#prefix, norm: norm.#prefix });
  }

  get folds(): readonly Fold[] {
    return this.#folds;
  }

  /** A mask of dropout, 0 or 1 / (1 − share), that every training step is fed; gives the input's name. */
  mask(shape: readonly number[], share: number): string {
    const name = `dropout${this.#masks.length}`;
    this.#masks.push({ name, shape, share });
    return name;
  }

  get masks(): readonly DropoutMask[] {
    return this.#masks;
  }

  observe(statistics: BatchStatistics): void {
    this.#statistics.push(statistics);
  }

  /** Everything declared under the root so far, in order. */
  get parameters(): readonly Parameter[] {
    return this.#parameters;
  }

  get statistics(): readonly BatchStatistics[] {
    return this.#statistics;
  }

  #declare(name: string, shape: readonly number[], role: Parameter['role'], initialiser: Initialiser): Tensor {
    const full = this.#prefix + name;
    const tensor = parameter(full, shape);
    this.#parameters.push({ name: full, shape, tensor, role, initialiser });
    return tensor;
  }
}
