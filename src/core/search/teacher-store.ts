// A teacher's logits on disk: every search on the same samples finds them there. A file is named by what its content
// depends on, so it is never stale; it holds the halves as they lie in memory, and behind them a sum of each sample's.

import type { Framing, SampleRequest } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { files, path, platform, sha256 } from '../platform/index.js';
import { channelNames } from '../task/index.js';
import type { Predictor } from '../model/index.js';
import { fileRows, rowFileBytes, rowSum, sumsOf, type TeacherLogits, type TeacherOptions, teacherLogits } from '../train/index.js';

export interface Teacher {
  /** The model's file. */
  readonly file: string;
  readonly predictor: Predictor;
}

/** @throws UserError where the teacher has other outputs than the data */
export function requireSameOutputs({ file, predictor }: Teacher, outputs: number): void {
  const known = channelNames(predictor.card.task).length;
  if (known !== outputs)
    throw new UserError(`teacher ${file}: gives ${known} classes, the data has ${outputs}; a teacher must know the same ones`, {
      about: ['teacher'],
    });
}

/**
 * The file with a teacher's logits, computed unless it is there as it was written.
 * @param samples the requests' samples, asked for only when needed
 */
export async function storedTeacherLogits(
  { file, predictor }: Teacher,
  requests: readonly SampleRequest[],
  framing: Framing,
  samples: () => Parameters<typeof teacherLogits>[0],
  options: TeacherOptions,
  folder?: string,
): Promise<string> {
  const { outputs, size, count } = options;
  requireSameOutputs({ file, predictor }, outputs);
  const place = folder ?? (await files().makeCacheFolder('teacher'));
  const name = path.join(place, `${await fingerprint(file, requests, framing, size)}.f16`);
  if (await isWhole(name, count, outputs, size)) return name;
  await files().makeFolder(place);
  const partial = `${name}.${crypto.randomUUID()}.partial`;
  const writer = await platform().rowFiles.create(partial);
  try {
    const sums: number[] = [];
    for await (const row of teacherLogits(samples(), (image, at) => predictor.logitsAt(image, at), options)) {
      const bytes = new Uint8Array(row.buffer, row.byteOffset, row.byteLength);
      await writer.write(bytes);
      sums.push(rowSum(bytes));
    }
    await writer.write(sumsOf(sums));
    await writer.sync();
  } finally {
    await writer.close();
  }
  await files().rename(partial, name);
  return name;
}

type Size = readonly [height: number, width: number];

async function isWhole(file: string, count: number, outputs: number, size: Size): Promise<boolean> {
  const stored = await files().facts(file);
  if (stored?.size !== fileBytes(count, outputs, size)) return false;
  const rows = rowsOf(file, count, outputs, size);
  const fault = await rows.fault();
  rows.close();
  return fault === undefined;
}

function rowsOf(file: string, count: number, outputs: number, [height, width]: Size) {
  return fileRows(file, count, outputs * height * width, (n) => new Uint16Array(n));
}

function fileBytes(count: number, outputs: number, [height, width]: Size): number {
  return rowFileBytes(count, 2 * outputs * height * width);
}

export function openTeacherLogits(file: string, count: number, outputs: number, size: Size): TeacherLogits {
  return { rows: rowsOf(file, count, outputs, size), outputs };
}

/** @throws UserError when the file is not there or not whole */
export async function checkTeacherLogits(file: string, count: number, outputs: number, at: Size): Promise<void> {
  const expected = fileBytes(count, outputs, at);
  const size = (await files().facts(file))?.size ?? 0;
  if (size !== expected)
    throw new UserError(
      `${file}: the teacher's logits have ${size} bytes, expected ${expected}; they are made again when the search is resumed`,
    );
}

/** Of the teacher's bytes and the samples: files with their sizes and times, seeds, framing. */
async function fingerprint(file: string, requests: readonly SampleRequest[], framing: Framing, size: readonly number[]): Promise<string> {
  const hash = sha256().update(await files().read(file));
  hash.update(JSON.stringify({ framing, size }));
  const times = new Map<string, string>();
  for (const { sample, seed } of requests) {
    const known = times.get(sample.image);
    const stamp = known ?? (await stampOf(sample.image));
    times.set(sample.image, stamp);
    hash.update(`${stamp} ${seed}\n`);
  }
  return hash.digest();
}

async function stampOf(file: string): Promise<string> {
  const found = await files().facts(file);
  return `${path.resolve(file)} ${found?.size} ${found?.modified}`;
}
