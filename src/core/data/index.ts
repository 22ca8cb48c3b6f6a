// Images with masks, depth or people: reading, checking, augmenting.

export * from './dataset.js';
export { readDepth, readDepthOf, writeDepth } from './depth.js';
export { encodeDepth } from './encode-depth.js';
export { encodeMask } from './encode-mask.js';
export * from './errors.js';
export * from './finding.js';
export * from './fingerprint.js';
export * from './finite.js';
export * from './half.js';
export { describeImage, encodeJpeg, type ImageFacts, readImage, resizeImage, type RgbImage, writeImage } from './image.js';
export * from './load-sample.js';
export * from './loader.js';
export * from './maps.js';
export { overlay, readMask, writeMask } from './mask.js';
export { exists } from './lists.js';
export { type ColourLabel, type MaskCoding, noLabel } from './mask-coding.js';
export * from './open.js';
export * from './open-depth.js';
export * from './open-pose.js';
export * from './open-folder.js';
export * from './palette.js';
export * from './person.js';
export * from './sides.js';
export { requireUnused } from './results-folder.js';
export { type RawLabels, readRawLabels, type Strange } from './raw-labels.js';
export { SamplePool, streamSamples } from './sample-stream.js';
export type { SampleRequest } from './sample-worker.js';
