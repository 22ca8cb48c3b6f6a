export * from './conclude.js';
export * from './evaluate.js';
export * from './predictions.js';
export * from './prepare.js';
export * from './run-folder.js';
export * from './search.js';
export * from './strategies.js';
export * from './teacher-store.js';
