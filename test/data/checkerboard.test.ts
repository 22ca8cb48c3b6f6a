// Image and mask are placed together: on a checkerboard whose fields are labelled by their colour, every pixel that lies within a
// field has the label of its colour, however the two were resized, cropped and mirrored.

import { describe, expect, test } from 'vitest';
import { frame, type Framing, type LabelledImage, type Labelling } from '../../src/core/data/index.js';
import { seededRandom } from '../../src/core/random/index.js';

const labelling: Labelling = { kind: 'masks', classes: ['black', 'white', 'red'], ignore: 255 };

/** Fields of `field` pixels in turn; the top left one is red. */
function checkerboard(width: number, height: number, field: number): LabelledImage {
  const label = (i: number): number => {
    const [column, row] = [Math.floor((i % width) / field), Math.floor(i / width / field)];
    return column === 0 && row === 0 ? 2 : (column + row) % 2;
  };
  const colours = [
    [0, 0, 0],
    [255, 255, 255],
    [255, 0, 0],
  ];
  return {
    image: {
      width,
      height,
      data: Uint8Array.from({ length: 3 * width * height }, (_, i) => colours[label(Math.floor(i / 3))]?.[i % 3] ?? 0),
    },
    truth: { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => label(i)) },
  };
}

/** The label that a colour stands for, where it is clear of a field's edge. */
function labelOf(r: number, g: number): number | undefined {
  if (r < 30) return 0;
  if (r > 225) return g > 225 ? 1 : g < 30 ? 2 : undefined;
  return undefined;
}

const framings: readonly (readonly [string, Framing, number])[] = [
  ['larger', { kind: 'resize', width: 150, height: 90 }, 0.6],
  ['smaller, of another shape', { kind: 'resize', width: 40, height: 45 }, 0.3],
  ['mirrored', { kind: 'resize', width: 100, height: 60, mirror: true }, 0.6],
  ['the centre', { kind: 'centre', side: 60, width: 48, height: 40 }, 0.6],
  ['the centre, with a border', { kind: 'centre', side: 30, width: 80, height: 40 }, 0.2],
  ['at random', { kind: 'random', side: 60, width: 64, height: 48, scale: [0.7, 1.5], mirror: true }, 0.3],
];

describe('a checkerboard', () => {
  test.each(framings)('%s', async (_name, framing, share) => {
    for (let seed = 0; seed < 12; seed++) {
      const { image, truth } = await frame(checkerboard(100, 60, 20), framing, labelling, seededRandom(seed));
      if (!('data' in truth)) throw new TypeError('no mask');
      expect([truth.width, truth.height]).toEqual([image.width, image.height]);
      let [clear, wrong] = [0, 0];
      truth.data.forEach((label, i) => {
        const seen = labelOf(image.data[3 * i] ?? 128, image.data[3 * i + 1] ?? 128);
        // Beyond the image all is black and ignored.
        if (label === 255 || seen === undefined) return;
        clear++;
        if (seen !== label) wrong++;
      });
      expect(clear / truth.data.length).toBeGreaterThan(share);
      // A pixel of the one may be the other's neighbour where an edge falls on a pixel's centre.
      expect(wrong / clear, `seed ${seed}`).toBeLessThan(0.02);
    }
  });
});
