export * from './progressive-stop.js';
export * from './stage1.js';
export * from './stage2.js';
export * from './step.js';
export * from './tap-cache.js';
export * from './training.js';
export * from './validation.js';
