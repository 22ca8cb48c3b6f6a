// Images with masks, depth or people: reading, checking, augmenting, and the generated demo set.

export * from './dataset.js';
export * from './demo.js';
export { encodeDepth, readDepth, writeDepth } from './depth.js';
export * from './errors.js';
export * from './finding.js';
export * from './half.js';
export { encodeJpeg, imageSizeOf, readImage, resizeImage, type RgbImage, writeImage } from './image.js';
export * from './loader.js';
export * from './maps.js';
export * from './mask.js';
export * from './open.js';
export * from './open-depth.js';
export * from './open-pose.js';
export * from './palette.js';
export * from './person.js';
export { SamplePool, type SampleRequest, streamSamples } from './sample-stream.js';
