export * from './files.js';
export * from './images.js';
export * as paths from './paths.js';
export * from './platform.js';
export * from './threads.js';
