export * from './decoder-training.js';
export * from './step.js';
export * from './tap-cache.js';
export * from './validation.js';
