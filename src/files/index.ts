export * from './parse-json.js';
export * from './read-bounded.js';
export * from './replace-file.js';
