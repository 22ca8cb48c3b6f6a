// At what size a network sees pictures: about their own aspect, in steps that an encoder of stride 32 halves without remainder four times.

export interface NetworkSize {
  readonly width: number;
  readonly height: number;
}

/** Sides are multiples of it: maps of strides 4, 8 and 16 are whole then. */
export const step = 16;
/** A map of stride 32 has one pixel. */
const leastSide = 32;

/**
 * The picture's size where it has at most `mostPixels`, else that of its aspect with as many.
 * @param picture in pixels, upright
 */
export function networkSize(picture: NetworkSize, mostPixels: number): NetworkSize {
  const factor = Math.min(1, Math.sqrt(mostPixels / (picture.width * picture.height)));
  const whole = (side: number): number => Math.max(leastSide, step * Math.round((factor * side) / step));
  return { width: whole(picture.width), height: whole(picture.height) };
}
