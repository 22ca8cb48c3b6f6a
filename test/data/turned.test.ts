// Where a stored pixel is seen, against sharp, which turns the picture.

import sharp from 'sharp';
import { expect, test } from 'vitest';
import { turnBox, turnPoint } from '../../src/core/data/turned.js';

const [width, height] = [7, 4];

test.each([1, 5, 6, 7, 8])('orientation %i', async (orientation) => {
  for (const [x, y] of [
    [0, 0],
    [6, 0],
    [2, 3],
    [5, 1],
  ] as const) {
    const data = new Uint8Array(3 * width * height);
    data.fill(255, 3 * (y * width + x), 3 * (y * width + x) + 3);
    const stored = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .withMetadata({ orientation })
      .toBuffer();
    const seen = await sharp(stored).autoOrient().raw().toBuffer({ resolveWithObject: true });
    const [u, v] = turnPoint(orientation, { width, height }, x, y);
    expect(seen.data[3 * (v * seen.info.width + u)], `(${x}, ${y})`).toBe(255);
    expect(turnBox(orientation, { width, height }, { left: x, top: y, width: 1, height: 1 })).toEqual({
      left: u,
      top: v,
      width: 1,
      height: 1,
    });
  }
});
