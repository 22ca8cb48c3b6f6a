// The search space: what a genotype is, when two are equal, what one costs, and how it is drawn.

export * from './canonical.js';
export * from './encoder-spec.js';
export * from './genotype.js';
export * from './ops.js';
