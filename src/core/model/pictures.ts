// What a network sees, as pictures: labels in their colours, depth on a colour scale, people as skeletons.

import { encode } from 'fast-png';
import { images } from '../platform/index.js';
import { depthColour, depthLevel, depthLevels, encodeMask, levelColour, overlay, type Rgb, type RgbImage } from '../data/index.js';
import {
  backgroundLabel,
  channelNames,
  type Depiction,
  drawSkeleton,
  learntDepths,
  peopleOf,
  type TaskDescription,
} from '../task/index.js';

/** To lay over the image: PNG, or for people SVG. */
export function encodeDepiction(depiction: Depiction, description: TaskDescription): Uint8Array {
  const { width, height } = depiction;
  switch (depiction.kind) {
    case 'labels':
      return encodeMask(depiction, channelNames(description).length);
    case 'joints':
      return new TextEncoder().encode(drawSkeleton(depiction.joints, skeletonDescription(description), width, height));
    case 'depth': {
      const [near, far] = depthRange(description);
      const data = Uint8Array.from(depiction.metres, (metres) => depthLevel(metres, near, far));
      const palette = Array.from({ length: depthLevels }, (_, level) => [...levelColour(level)]);
      return encode({ width, height, data, channels: 1, depth: 8, palette });
    }
  }
}

/** Of what `encodeDepiction` gave. */
export function depictionType(picture: Uint8Array): 'image/svg+xml' | 'image/png' {
  return picture[0] === '<'.charCodeAt(0) ? 'image/svg+xml' : 'image/png';
}

/** The image with the depiction over it, or, where that covers everything, in its place. @param opacity of labels, 0 to 1 */
export async function overlayDepiction(
  image: RgbImage,
  depiction: Depiction,
  description: TaskDescription,
  opacity: number,
): Promise<RgbImage> {
  switch (depiction.kind) {
    case 'labels':
      return overlay(image, depiction, { classes: channelNames(description).length, opacity, clear: backgroundLabel(description) });
    case 'depth':
      return colouredDepth(depiction, description);
    case 'joints': {
      const svg = drawSkeleton(depiction.joints, skeletonDescription(description), image.width, image.height);
      const { width, height } = image;
      const place = { left: 0, top: 0 };
      return {
        width,
        height,
        data: await images().compose({
          width,
          height,
          pieces: [
            { image, ...place },
            { svg, ...place },
          ],
        }),
      };
    }
  }
}

function colouredDepth({ width, height, metres }: Extract<Depiction, { kind: 'depth' }>, description: TaskDescription): RgbImage {
  const [near, far] = depthRange(description);
  const data = new Uint8Array(3 * width * height);
  metres.forEach((m, i) => {
    const colour: Rgb = depthColour(m, near, far);
    data.set(colour, 3 * i);
  });
  return { width, height, data };
}

function depthRange(description: TaskDescription): [number, number] {
  const range = learntDepths(description);
  if (!range) throw new RangeError(`depth of a model of ${description.task}`);
  return [range.minDepth, range.maxDepth];
}

function skeletonDescription(description: TaskDescription) {
  const people = peopleOf(description);
  if (!people) throw new RangeError(`joints of a model of ${description.task}`);
  return people;
}
