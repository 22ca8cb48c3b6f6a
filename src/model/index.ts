export * from './encoder-source.js';
export * from './encoder-weights.js';
export * from './export.js';
export * from './hub.js';
export * from './movenet.js';
export * from './network-file.js';
export * from './safetensors.js';
