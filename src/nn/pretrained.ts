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
