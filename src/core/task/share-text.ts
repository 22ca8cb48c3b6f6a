// How many digits a share has: no more than the images that it is of support.

/** Below so many images a share's standard error is above a hundredth, and a fourth digit says nothing. */
const manyImages = 2500;

/** A share, as a reward or mean IoU. @param images that it is of; absent or null: not known */
export function shareText(value: number, images?: number | null): string {
  return value.toFixed(images !== undefined && images !== null && images >= manyImages ? 4 : 3);
}
