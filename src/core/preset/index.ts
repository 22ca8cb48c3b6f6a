export * from './data.js';
export * from './differences.js';
export * from './json-schema.js';
export * from './load-preset.js';
export * from './preset.js';
export * from './recipe.js';
export * from './task.js';
export * from './run-config.js';
export { makesChildren, shortcutsFit } from './shortcuts-fit.js';
