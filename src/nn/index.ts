export * from './cell.js';
export * from './decoder.js';
export * from './layers.js';
export * from './mobilenet-v2.js';
export * from './pretrained.js';
export * from './scope.js';
