export * from './data.js';
export * from './preset.js';
export * from './recipe.js';
