// Knowledge distillation: a teacher's logits on the cached samples, computed once (method, section 3). They are kept in
// half precision: 4 000 maps of 21 × 64 × 64 are 0.7 GB then.

import { floatToHalf, type LabelledImage, type RgbImage } from '../data/index.js';
import type { Rows } from './rows.js';

export interface TeacherLogits {
  /** Half precision, a row [outputs, h, w] a sample, at the resolution of the cached labels. */
  readonly rows: Rows<Uint16Array>;
  readonly outputs: number;
}

export interface TeacherOptions {
  readonly count: number;
  readonly outputs: number;
  /** [height, width] of the logits. */
  readonly size: readonly [number, number];
  readonly onProgress?: (done: number) => void;
}

/** @param logitsAt the teacher: an image's logits [outputs, height, width], resized bilinearly */
export async function* teacherLogits(
  samples: AsyncIterable<LabelledImage>,
  logitsAt: (image: RgbImage, size: { readonly width: number; readonly height: number }) => Promise<Float32Array>,
  { outputs, size: [height, width], onProgress }: TeacherOptions,
): AsyncGenerator<Uint16Array> {
  const row = outputs * height * width;
  let done = 0;
  for await (const { image } of samples) {
    const logits = await logitsAt(image, { width, height });
    if (logits.length !== row) throw new RangeError(`the teacher gave ${logits.length} logits, expected ${row}`);
    yield Uint16Array.from(logits, floatToHalf);
    done++;
    onProgress?.(done);
  }
}
