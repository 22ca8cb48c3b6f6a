export * from './parse-json.js';
export * from './user-error.js';
