export * from './cell.js';
export * from './decoder.js';
export * from './flat-parameters.js';
export * from './layers.js';
export * from './lstm.js';
export * from './mobilenet-v2.js';
export * from './pretrained.js';
export * from './scope.js';
