// The search space: what a genotype is, when two are equal, and how one is told and drawn.

export * from './canonical.js';
export * from './describe.js';
export * from './drawing.js';
export * from './encoder-spec.js';
export * from './genotype.js';
export * from './ops.js';
