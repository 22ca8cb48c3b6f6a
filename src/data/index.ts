// Images with masks: reading, checking, augmenting, and the generated demo set.

export * from './dataset.js';
export * from './demo.js';
export * from './errors.js';
export * from './half.js';
export { encodeJpeg, type LabelMap, readImage, resizeImage, resizeLabels, type RgbImage, writeImage } from './image.js';
export * from './loader.js';
export * from './mask.js';
export * from './open.js';
export * from './palette.js';
export { SamplePool, type SampleRequest, streamSamples } from './sample-stream.js';
