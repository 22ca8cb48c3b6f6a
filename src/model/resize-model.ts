// The step behind a network: its logits at the size of an image.

import { input, lowerGraph, resizeBilinear, softmax } from '../graph/index.js';

/** Logits of any size to the size of `like`, as they are (`resized`) and as `probabilities`. */
export function resizeModel(channels: number): Uint8Array {
  const open = (symbol: string) => ({ symbol, divisor: 1 });
  const like = input('like', [1, 1, open('height'), open('width')]);
  const [, , h, w] = like.shape;
  if (h === undefined || w === undefined) throw new RangeError('a map has four axes');
  const resized = resizeBilinear(input('logits', [1, channels, open('h'), open('w')]), h, w, like);
  return lowerGraph({ resized, probabilities: softmax(resized) });
}
