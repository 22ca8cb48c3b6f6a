// What differs between places where JavaScript runs, as interfaces.

export * from './assets.js';
export * from './files.js';
export * from './hash.js';
export * from './images.js';
export * from './join-bytes.js';
export * from './locks.js';
export { path, type Paths } from './paths.js';
export * from './platform.js';
export * from './row-files.js';
export * from './threads.js';
export * from './version.js';
