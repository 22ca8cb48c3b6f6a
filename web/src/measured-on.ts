// Of which images and which classes a search's figures are: said wherever they are shown.

import type { RunView } from '../../src/server/api.js';
import { channelNames } from '../../src/core/task/channels.js';

type Measured = Pick<RunView, 'output' | 'excluded' | 'inputSize' | 'scoredImages'>;

/** Labels that means leave out. */
export function leftOut({ output, excluded }: Pick<Measured, 'output' | 'excluded'>): ReadonlySet<number> {
  const ignored = output.task === 'segmentation' && output.ignore !== undefined ? [output.ignore] : [];
  return new Set([...excluded, ...ignored].filter((label) => label < channelNames(output).length));
}

/** `39 images held out of the training list, seen at 256×192`. */
export function imagesText({ output, inputSize: [height, width], scoredImages }: Measured): string {
  const [one, many] = output.task === 'pose' ? ['person', 'people'] : ['image', 'images'];
  const count = scoredImages === null ? many : `${scoredImages.toLocaleString('en')} ${scoredImages === 1 ? one : many}`;
  return `${count} held out of the training list, seen at ${width}×${height}`;
}

/** `means over 6 of 7 classes, without background`; empty where nothing is a mean over classes. */
export function classesText(measured: Pick<Measured, 'output' | 'excluded'>): string {
  const { output } = measured;
  if (output.task !== 'segmentation') return '';
  const names = channelNames(output);
  const out = leftOut(measured);
  if (out.size === 0) return `means over all ${names.length} classes`;
  return `means over ${names.length - out.size} of ${names.length} classes, without ${[...out].map((label) => names[label]).join(', ')}`;
}

export function measuredText(measured: Measured): string {
  return [imagesText(measured), classesText(measured)].filter((part) => part !== '').join('; ');
}
