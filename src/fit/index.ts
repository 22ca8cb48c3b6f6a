export * from './checkpoint.js';
export * from './fit.js';
export * from './fit-folder.js';
