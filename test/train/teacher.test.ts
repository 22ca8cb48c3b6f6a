// A teacher's logits on a cache that is not square, row by row.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { floatToHalf, type LabelledImage } from '../../src/core/data/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { openTeacherLogits } from '../../src/core/search/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { memoryRows, rowSum, sumsOf, type TapCache, teacherLogits, trainStage1 } from '../../src/core/train/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { recordingRuntime } from '../graph/recording.js';
import { maskTask } from '../task/mask-task.js';

const [count, outputs, h, w] = [5, 3, 4, 6];
/** What no other place has: halves hold it exactly. */
const logitAt = (image: number, k: number, y: number, x: number): number => image * 128 + k * 32 + y * 8 + x;

async function* images(): AsyncGenerator<LabelledImage> {
  for (let i = 0; i < count; i++)
    yield {
      image: { width: 24, height: 16, data: new Uint8Array(3 * 24 * 16).fill(i) },
      truth: { width: 24, height: 16, data: new Uint8Array(24 * 16) },
    };
}

async function logitsAt({ data: [image = 0] }: { readonly data: Uint8Array }, size: { readonly width: number; readonly height: number }) {
  expect(size).toEqual({ width: w, height: h });
  return Float32Array.from({ length: outputs * h * w }, (_, i) => logitAt(image, Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w));
}

test("each sample's logits stand in its own row, and are fed beside its own taps", async () => {
  const rows: Uint16Array[] = [];
  for await (const row of teacherLogits(images(), logitsAt, { count, outputs, size: [h, w] })) rows.push(row);
  expect(rows.map(({ length }) => length)).toEqual(Array.from({ length: count }, () => outputs * h * w));
  expect(rows[3]?.[1 * h * w + 2 * w + 5]).toBe(floatToHalf(logitAt(3, 1, 2, 5)));
  const file = path.join(await temporaryFolder(), 'logits.f16');
  const bytes = rows.map((row) => new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
  await writeFile(file, [...bytes, sumsOf(bytes.map(rowSum))]);
  const teacher = openTeacherLogits(file, count, outputs, [h, w]);

  // Taps whose first value names the image.
  const shapes = [24, 32, 96, 320].map((c, i) => [c, Math.ceil(h / 2 ** i), Math.ceil(w / 2 ** i)] as const);
  const taps = shapes.map(([c, th, tw]) => {
    const length = c * th * tw;
    return memoryRows(
      Float32Array.from({ length: count * length }, (_, i) => (i % length === 0 ? Math.floor(i / length) : Math.sin(i))),
      length,
    );
  });
  const cache: TapCache = {
    count,
    shapes,
    taps,
    targets: new Uint8Array(count * h * w),
    targetShape: [h, w],
    imageShape: [16, 24],
    teacher,
  };
  const { runtime, fed } = recordingRuntime('teacher');
  await trainStage1(runtime, cache, {
    genotype: parseGenotype('[[0], [[0,3]]]'),
    recipe: {
      epochs: 2,
      batch: 2,
      decoder: { width: 4, sepRepeats: 1, auxiliaryWeight: 0 },
      optimiser: { learningRate: 1e-3, weightDecay: 0, clipNorm: 3, polyakDecay: 0 },
      distillation: 0.3,
    },
    task: maskTask(outputs),
    random: seededRandom(1),
  });
  teacher.rows.close();
  // Two steps an epoch, and the last batch once more: what the last step made of the weights is looked at.
  expect(fed.length).toBe(5);
  expect(fed[4]).toMatchObject({ tap0: fed[3]?.['tap0'] });
  const seen = fed.slice(0, 4).flatMap(({ teacher: logits = [], tap0 = [] }) =>
    [0, 1].map((b) => {
      const image = tap0[b * 24 * h * w] ?? -1;
      const expected = Array.from({ length: outputs * h * w }, (_, i) =>
        logitAt(image, Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w),
      );
      expect(logits.slice(b * outputs * h * w, (b + 1) * outputs * h * w)).toEqual(expected);
      return image;
    }),
  );
  // No image twice in an epoch.
  expect([new Set(seen.slice(0, 4)).size, new Set(seen.slice(4)).size]).toEqual([4, 4]);
});

test('a teacher that gives another number of logits is refused', async () => {
  const wrong = teacherLogits(images(), async () => new Float32Array(7), { count, outputs, size: [h, w] });
  await expect(wrong.next()).rejects.toThrow(`the teacher gave 7 logits, expected ${outputs * h * w}`);
});
