export * from './encoder-source.js';
export * from './encoder-weights.js';
export * from './hub.js';
export * from './movenet.js';
export * from './safetensors.js';
