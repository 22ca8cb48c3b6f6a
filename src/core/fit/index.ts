export * from './checkpoint.js';
export * from './evaluation.js';
export * from './fit.js';
export * from './fit-folder.js';
export { fullRecipe, trainingEpochs } from './training-stages.js';
