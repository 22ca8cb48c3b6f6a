// What a search on a queue is about, so that a worker on another machine can tell whether it would evaluate candidates
// in the same way: the version, the preset, and fingerprints of data, encoder and teacher.

import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Dataset } from '../data/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { presetSchema } from '../preset/index.js';

export const runSettingSchema = z.object({
  version: z.string(),
  seed: z.number(),
  preset: presetSchema,
  data: z.string(),
  encoder: z.string(),
  teacher: z.string().nullable(),
});

export type RunSetting = z.infer<typeof runSettingSchema>;

const packageFile = new URL('../../package.json', import.meta.url);

export function ownVersion(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile, 'utf8'))).version;
}

/** Of the files' contents in the order of the lists, wherever they lie. */
export async function dataFingerprint({ train, val, labelling }: Dataset): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([labelling, train.length, val.length]));
  for (const sample of [...train, ...val]) {
    hash.update(await fileHash(sample.image));
    if ('person' in sample) hash.update(JSON.stringify({ ...sample.person, joints: [...sample.person.joints] }));
    else hash.update(await fileHash('mask' in sample ? sample.mask : sample.depth));
  }
  return hash.digest('hex');
}

export async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

export function encoderFingerprint({ tensors, options, normalisation }: EncoderWeights): string {
  const hash = createHash('sha256').update(JSON.stringify([options, normalisation]));
  for (const [name, { data }] of [...tensors].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}
