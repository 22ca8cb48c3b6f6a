// Pretrained weights of the encoder, and the conventions that travel with them.

import type { EncoderOptions } from './mobilenet-v2.js';

export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a network does to an image's values in 0 … 1: (v − mean) / std per channel. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

export const imagenetNormalisation: Normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** x / 127.5 − 1 on 0 … 255. */
export const tensorflowNormalisation: Normalisation = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

export interface EncoderWeights {
  /** By the authors' names, without a prefix. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly options: EncoderOptions;
  readonly normalisation: Normalisation;
  /** Where they came from, for the record. */
  readonly source: string;
}

/** Interleaved RGB, 0 … 255. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Interleaved 0 … 255 to planes as the encoder's weights ask: [B, 3, H, W]. */
export function normaliseImages(images: readonly PixelImage[], { mean, std }: Normalisation): Float32Array {
  const [first] = images;
  const pixels = first ? first.width * first.height : 0;
  const planes = new Float32Array(images.length * 3 * pixels);
  images.forEach(({ data }, b) => {
    for (let c = 0; c < 3; c++) {
      const scale = 1 / (255 * (std[c] ?? 1));
      const shift = -(mean[c] ?? 0) / (std[c] ?? 1);
      const plane = planes.subarray((3 * b + c) * pixels, (3 * b + c + 1) * pixels);
      for (let i = 0; i < pixels; i++) plane[i] = (data[3 * i + c] ?? 0) * scale + shift;
    }
  });
  return planes;
}
