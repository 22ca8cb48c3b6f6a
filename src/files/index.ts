export * from './replace-file.js';
