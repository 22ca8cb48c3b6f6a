export * from './cache-folder.js';
export * from './folder-lock.js';
export * from './make-folder.js';
export * from './read-bounded.js';
export * from './read-own.js';
export * from './replace-file.js';
export * from './write-all.js';
