export * from './confusion-drawing.js';
export * from './segmentation.js';
export * from './task.js';
