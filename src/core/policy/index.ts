// The strategies: what proposes the next architecture.

export * from './decisions.js';
export * from './encoding.js';
export * from './evolution.js';
export * from './hypervolume.js';
export * from './local-search.js';
export type { ControllerOptions } from './lstm-controller.js';
export * from './non-dominated-sorting.js';
export * from './nsga2.js';
export * from './objectives.js';
export * from './policy.js';
export * from './ppo.js';
export * from './predictor-search.js';
export * from './random-search.js';
export * from './reinforce.js';
export * from './reward-ensemble.js';
export * from './saved-state.js';
