// What a data set is like, and what would go wrong with it.

export { readCard, writeCard } from './card-file.js';
export { cardHtml } from './card-html.js';
export { cardText, countsText } from './card-text.js';
export { type DataCard, dataCardSchema, type DepthCard, type JointsCard, type MasksCard } from './data-card.js';
export type { DepthRange } from './depth-tally.js';
export { inspectDataset, type InspectOptions } from './inspect.js';
export { type SamplePicture, samplePictures } from './sample-pictures.js';
export * from './aligned.js';
