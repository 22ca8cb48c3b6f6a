export * from './folder-lock.js';
export * from './own-version.js';
export * from './parse-json.js';
export * from './replace-file.js';
export * from './write-all.js';
