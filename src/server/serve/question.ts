// What is asked of a model, and what its process answers.

import { z } from 'zod';
import type { Box } from '../../core/data/index.js';
import type { ModelCard } from '../../core/model/index.js';
import type { InputSize } from '../../core/task/index.js';

/** `png` is a mask or a depth map; `overlay` a JPEG. */
export const formats = ['json', 'png', 'overlay'] as const;
export type Format = (typeof formats)[number];

export const mostBoxes = 100;
const box = z.tuple([z.number(), z.number(), z.number().positive(), z.number().positive()]);
/** [left, top, width, height] each, in pixels of the picture as a viewer shows it. */
export const boxesSchema = z
  .array(box, { error: 'must be a list of [left, top, width, height]' })
  .min(1)
  .max(mostBoxes)
  .transform((boxes): Box[] => boxes.map(([left, top, width, height]) => ({ left, top, width, height })));

export interface Question {
  /** A file's bytes. */
  readonly picture: Uint8Array;
  readonly format: Format;
  /** Of people. */
  readonly boxes?: readonly Box[] | undefined;
  /** Averages over the picture and its mirror image. */
  readonly flip: boolean;
  /** Of the overlay's colours. */
  readonly opacity: number;
}

/** All that a process needs to answer. */
export interface ModelSetting {
  readonly model: string;
  readonly threads: number;
  readonly device: 'cpu' | 'webgpu';
  readonly size?: InputSize | undefined;
  readonly maxPixels: number;
}

export type ToModel =
  | { readonly kind: 'begin'; readonly setting: ModelSetting }
  | { readonly kind: 'question'; readonly question: Question };

export type Answer =
  | { readonly kind: 'answer'; readonly type: string; readonly body: Uint8Array }
  /** A status of HTTP, and a sentence. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string };

export type FromModel =
  | Answer
  | { readonly kind: 'ready'; readonly card: ModelCard }
  /** The model cannot be opened. */
  | { readonly kind: 'unusable'; readonly reason: string };
