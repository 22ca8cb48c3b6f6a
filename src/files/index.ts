export * from './cache-folder.js';
export * from './parse-json.js';
export * from './replace-file.js';
