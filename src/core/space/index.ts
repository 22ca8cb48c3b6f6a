// The search space: what a genotype is, when two are equal, and how one is told and drawn.

export * from './architecture-drawing.js';
export * from './architecture.js';
export * from './canonical.js';
export * from './decoder-size.js';
export * from './describe.js';
export * from './drawing.js';
export * from './encoder-spec.js';
export * from './genotype.js';
export * from './hand-designed.js';
export * from './ops.js';
