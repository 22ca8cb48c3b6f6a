export * from './segmentation.js';
export * from './task.js';
