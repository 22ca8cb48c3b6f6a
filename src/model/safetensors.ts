// The safetensors format (https://huggingface.co/docs/safetensors): a JSON header, then the values.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { halfToFloat } from '../data/index.js';
import { UserError } from '../errors/index.js';
import { replaceFile } from '../files/index.js';
import type { WeightTensor } from '../nn/index.js';

export interface WeightFile {
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Weights that cannot be read or do not fit; the message names the file and what is wrong with it. */
export class WeightsError extends UserError {
  override readonly name = 'WeightsError';
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
const headerSchema = z.looseObject({ __metadata__: z.record(z.string(), z.string()).optional() });

/** The format's own bound on the header. */
const headerLimit = 100_000_000;

/** In the metadata of what is written here: a bit that flips would change a network and nobody would see it. */
const checksumKey = 'sha256';

/** Of metadata and tensors by name, so that a file that was written again in another order has the same. */
function checksum({ tensors, metadata }: WeightFile): string {
  const byName = <T>([a]: readonly [string, T], [b]: readonly [string, T]): number => (a < b ? -1 : 1);
  const hash = createHash('sha256');
  for (const entry of Object.entries(metadata).toSorted(byName)) if (entry[0] !== checksumKey) hash.update(JSON.stringify(entry));
  for (const [name, { shape, data }] of [...tensors].toSorted(byName))
    hash.update(JSON.stringify([name, shape])).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}

export function decodeSafetensors(bytes: Uint8Array, file: string): WeightFile {
  const fail = (why: string): WeightsError => new WeightsError(`${file}: not a readable safetensors file: ${why}`);
  if (bytes.length < 8) throw fail(`${bytes.length} bytes only`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > Math.min(headerLimit, bytes.length - 8))
    throw fail(`its header is said to be ${headerLength} bytes long, the file has ${bytes.length}`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + headerLength)));
  } catch {
    throw fail('its header is not JSON');
  }
  const header = headerSchema.safeParse(json);
  if (!header.success) throw fail('its header is not an object of tensors');
  const { __metadata__: { [checksumKey]: written, ...metadata } = {}, ...entries } = header.data;
  const tensors = new Map<string, WeightTensor>();
  const body = bytes.subarray(8 + headerLength);
  let isOurs = written !== undefined;
  for (const [name, raw] of Object.entries(entries)) {
    const entry = entrySchema.safeParse(raw);
    if (!entry.success) throw fail(`tensor ${name} is described wrongly`);
    const {
      dtype,
      shape,
      data_offsets: [start, end],
    } = entry.data;
    const decode = decoders[dtype];
    // num_batches_tracked and other counters are not ours to use.
    if (!decode && /^[IU]\d+$|^BOOL$/.test(dtype)) continue;
    if (!decode) throw fail(`tensor ${name} has values of type ${dtype}; F32, F16, BF16 and F64 are read`);
    const count = shape.reduce((n, d) => n * d, 1);
    if (end < start || end > body.length || end - start !== count * decode.size)
      throw fail(`tensor ${name} of shape [${shape.join(', ')}] does not fit its ${end - start} bytes`);
    isOurs &&= dtype === 'F32';
    tensors.set(name, { shape, data: decode.read(new Uint8Array(body.subarray(start, end))) });
  }
  // Whoever converts it to half precision may have kept the metadata.
  if (isOurs && written !== checksum({ tensors, metadata }))
    throw fail(
      `it was damaged: its content does not have the checksum that was written with it; take a copy of it, or make it anew (if it was changed on purpose, leave ${checksumKey} out of its metadata)`,
    );
  return { tensors, metadata };
}

interface Decoder {
  readonly size: number;
  readonly read: (bytes: Uint8Array<ArrayBuffer>) => Float32Array;
}

const decoders: Readonly<Record<string, Decoder | undefined>> = {
  F32: { size: 4, read: (b) => new Float32Array(b.buffer) },
  F64: { size: 8, read: (b) => Float32Array.from(new Float64Array(b.buffer)) },
  F16: { size: 2, read: (b) => Float32Array.from(new Uint16Array(b.buffer), halfToFloat) },
  BF16: { size: 2, read: (b) => new Float32Array(Uint32Array.from(new Uint16Array(b.buffer), (v) => v << 16).buffer) },
};

export function encodeSafetensors({ tensors, metadata }: WeightFile): Uint8Array {
  const all = { format: 'pt', ...metadata };
  const header: Record<string, unknown> = { __metadata__: { ...all, [checksumKey]: checksum({ tensors, metadata: all }) } };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // The values start at a multiple of 8 bytes; spaces fill up.
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  let at = 8 + headerLength;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

export async function readSafetensors(file: string): Promise<WeightFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new WeightsError(`${file}: cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  return decodeSafetensors(bytes, file);
}

/** Writes the whole file or nothing: a reader never sees half of it. */
export function writeSafetensors(file: string, weights: WeightFile): Promise<void> {
  return replaceFile(file, encodeSafetensors(weights));
}
