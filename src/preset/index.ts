export * from './preset.js';
