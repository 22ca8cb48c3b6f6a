// What an architecture costs, before it is given to a worker, and which limit it is beyond.

import { input } from '../graph/index.js';
import { buildNetwork, costOf, type EncoderWeights, Scope } from '../nn/index.js';
import type { Costs, Objective } from '../policy/index.js';
import { formatGenotype, type Genotype } from '../space/index.js';
import { channelNames, type TaskDescription } from '../task/index.js';
import type { DecoderRecipe } from '../train/index.js';

/** Architectures beyond these are not evaluated. */
export interface Limits {
  readonly parameters?: number | undefined;
  readonly multiplyAdds?: number | undefined;
  /** Milliseconds for one image. */
  readonly latency?: number | undefined;
}

export interface CostOptions {
  readonly encoder: Pick<EncoderWeights, 'options'>;
  readonly task: TaskDescription;
  readonly decoder: Pick<DecoderRecipe, 'width' | 'sepRepeats'>;
  /** [height, width] at which costs are counted. */
  readonly inputSize: readonly [number, number];
  readonly limits?: Limits | undefined;
  /** What is wanted of an architecture beside its reward. */
  readonly objectives?: readonly Objective[] | undefined;
  /** Measures a network, where there is a limit to its latency or that is an objective. */
  readonly latencyOf?: ((genotype: Genotype) => Promise<number>) | undefined;
  /** Whether latency is wanted of every candidate, since it is predicted or the reward depends on it. */
  readonly timesAll?: boolean | undefined;
  /** Size of the deployed model, where that is an objective. */
  readonly bytesOf?: ((genotype: Genotype) => number) | undefined;
}

/** Costs that were asked for last: a proposal's once more when it is begun. */
const remembered = 1000;

export class CostMeter {
  readonly #options: CostOptions;
  readonly #known = new Map<string, Costs>();

  constructor(options: CostOptions) {
    this.#options = options;
  }

  /** Latency, which takes a while and is never the same twice, is measured once, and only of what no other limit rules out. */
  async costOf(genotype: Genotype): Promise<Costs> {
    const text = formatGenotype(genotype);
    const known = this.#known.get(text);
    if (known) return known;
    const { limits = {}, objectives = [], latencyOf, timesAll = false, bytesOf } = this.#options;
    const counted = this.#count(genotype);
    const isWithin = overLimit(counted, limits) === undefined;
    const isTimed = isWithin && (timesAll || limits.latency !== undefined || objectives.includes('latency'));
    const isMade = isWithin && objectives.includes('modelBytes');
    const cost = {
      ...counted,
      ...(isTimed && { latency: await latencyOf?.(genotype) }),
      ...(isMade && { modelBytes: bytesOf?.(genotype) }),
    };
    const [oldest] = this.#known.keys();
    if (this.#known.size >= remembered && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(text, cost);
    return cost;
  }

  #count(genotype: Genotype): Costs {
    const { encoder, task, decoder, inputSize } = this.#options;
    const [height, width] = inputSize;
    const scope = Scope.root('inference');
    const outputs = channelNames(task).length;
    const { logits } = buildNetwork(scope, input('image', [1, 3, height, width]), {
      genotype,
      encoder: encoder.options,
      decoder: { outputs, width: decoder.width, sepRepeats: decoder.sepRepeats },
    });
    const { parameters, multiplyAdds } = costOf(scope, [logits]);
    return { parameters, multiplyAdds };
  }
}

export interface Excess {
  /** In words. */
  readonly what: string;
  /** By how much the limits are exceeded, each as a share of itself, added up: Deb's constraint violation. */
  readonly violation: number;
}

const measures = [
  { key: 'parameters', show: (value: number) => `${value} parameters` },
  { key: 'multiplyAdds', show: (value: number) => `${value} multiply-adds` },
  { key: 'latency', show: (value: number) => `${value.toFixed(1)} ms an image` },
] as const;

/** Undefined where no limit is exceeded. */
export function overLimit(cost: Costs, limits: Limits): Excess | undefined {
  const beyond = measures.flatMap(({ key, show }) => {
    const [value, limit] = [cost[key], limits[key]];
    return value !== undefined && limit !== undefined && value > limit
      ? [{ text: `${show(value)}, at most ${limit}`, share: value / limit - 1 }]
      : [];
  });
  if (beyond.length === 0) return undefined;
  return { what: beyond.map(({ text }) => text).join('; '), violation: beyond.reduce((n, { share }) => n + share, 0) };
}

/** What nothing stayed within: of every limited measure the smallest that was seen. */
export class SmallestCost {
  readonly #smallest = new Map<string, { readonly value: number; readonly text: string }>();
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  see(cost: Costs): void {
    for (const { key, show } of measures) {
      const value = cost[key];
      if (value === undefined || this.#limits[key] === undefined) continue;
      const text = `${show(value)} (the limit is ${this.#limits[key]})`;
      if (value < (this.#smallest.get(key)?.value ?? Number.POSITIVE_INFINITY)) this.#smallest.set(key, { value, text });
    }
  }

  toString(): string {
    return [...this.#smallest.values()].map(({ text }) => text).join(', ');
  }
}
