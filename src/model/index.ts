export * from './encoder-weights.js';
export * from './movenet.js';
export * from './safetensors.js';
