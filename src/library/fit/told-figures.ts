// The figures of a list of images in a line for people: each interval behind the figure that it is of.

import { headline } from '../../core/task/index.js';
import { isOfFewImages } from './bootstrap.js';
import type { ListFigures } from './results.js';

/** @param what the images are */
export function toldFigures({ metrics, intervals: [mean], images }: ListFigures, what: string): string {
  const few = isOfFewImages(images) ? ', too few images for it to mean much' : '';
  const interval = mean && Number.isFinite(mean.low) ? ` (95 %: ${mean.low.toFixed(3)} to ${mean.high.toFixed(3)}${few})` : '';
  const scores = headline(metrics).map(({ name, value }) => ({ name, value, text: `${name} ${value.toFixed(3)}` }));
  // Which metric the interval is of differs by task, and of pose by what can be measured; the values say it.
  const own = mean && scores.findIndex(({ value }) => Math.abs(value - mean.value) < 1e-6);
  const texts = scores.map(({ text }, k) => (k === own ? text + interval : text));
  if (mean && own === -1 && interval !== '') texts.push(`${mean.name} ${mean.value.toFixed(3)}${interval}`);
  return `${texts.join(', ')} on ${images} ${what}`;
}
