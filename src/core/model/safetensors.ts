// The safetensors format (https://huggingface.co/docs/safetensors): a JSON header, then the values.

import { z } from 'zod';
import { floatToHalf, halvesToFloats } from '../data/index.js';
import { parseJson, reasonOf, UserError } from '../errors/index.js';
import { files, sha256 } from '../platform/index.js';
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
  shape: z.array(z.number().int().nonnegative()).max(16),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
const metadataSchema = z.record(z.string(), z.string()).default({});

/** The format allows 100 MB; a network of a thousand tensors has 150 KB. */
const headerLimit = 4 * 2 ** 20;
const mostBytes = 2 ** 31 - 1;

/** In the metadata of what is written here: a bit that flips would change a network and nobody would see it. */
const checksumKey = 'sha256';

/** Of metadata and tensors by name, so that a file that was written again in another order has the same. */
function checksum({ tensors, metadata }: WeightFile): string {
  const byName = <T>([a]: readonly [string, T], [b]: readonly [string, T]): number => (a < b ? -1 : 1);
  const hash = sha256();
  for (const entry of Object.entries(metadata).toSorted(byName)) if (entry[0] !== checksumKey) hash.update(JSON.stringify(entry));
  for (const [name, { shape, data }] of [...tensors].toSorted(byName))
    hash.update(JSON.stringify([name, shape])).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest();
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** In the values. */
  readonly start: number;
  readonly end: number;
}

interface Header {
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the values begin. */
  readonly length: number;
}

/** Bytes of the header with its length, as the file's first eight say. @param size of the file */
function headerBytes(start: Uint8Array, size: number, fail: (why: string) => WeightsError): number {
  if (start.length < 8) throw fail(`${start.length} bytes only`);
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > Math.min(headerLimit, size - 8)) throw fail(`its header is said to be ${length} bytes long, the file has ${size}`);
  return 8 + length;
}

/** @param bytes up to where the values begin, or more @param size of the file */
function parseHeader(bytes: Uint8Array, size: number, fail: (why: string) => WeightsError): Header {
  const length = headerBytes(bytes, size, fail);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, length));
  } catch {
    throw fail('its header is not JSON');
  }
  const json = parseJson(text);
  if (json === undefined) throw fail('its header is not JSON');
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw fail('its header is not an object of tensors');
  const entries: Entry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, raw] of Object.entries(json)) {
    if (name === '__metadata__') {
      const texts = metadataSchema.safeParse(raw);
      if (!texts.success) throw fail('its header is not an object of tensors');
      metadata = texts.data;
      continue;
    }
    const entry = entrySchema.safeParse(raw);
    if (!entry.success) throw fail(`tensor ${name} is described wrongly`);
    const { dtype, shape, data_offsets } = entry.data;
    entries.push({ name, dtype, shape, start: data_offsets[0], end: data_offsets[1] });
  }
  checkLayout(entries, size - length, fail);
  return { entries, metadata, length };
}

/** As the format has it: every byte belongs to one tensor. */
function checkLayout(entries: readonly Entry[], size: number, fail: (why: string) => WeightsError): void {
  let at = 0;
  for (const { name, start, end } of entries.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) throw fail(`tensor ${name} overlaps the one before it, at byte ${start} of the values`);
    if (start > at) throw fail(`bytes ${at} to ${start} of its values belong to no tensor, before ${name}`);
    if (end < start || end > size) throw fail(`tensor ${name} ends at byte ${end} of the values, of which there are ${size}`);
    at = end;
  }
  if (at < size) throw fail(`its last ${size - at} bytes belong to no tensor`);
}

/** @param file for messages @throws WeightsError */
export function decodeSafetensors(bytes: Uint8Array, file: string): WeightFile {
  const fail = failing(file);
  const { entries, metadata: all, length } = parseHeader(bytes, bytes.length, fail);
  const { [checksumKey]: written, ...metadata } = all;
  const tensors = new Map<string, WeightTensor>();
  const body = bytes.subarray(length);
  let isOurs = written !== undefined;
  for (const { name, dtype, shape, start, end } of entries) {
    const decode = decoders.get(dtype);
    // num_batches_tracked and other counters are not ours to use.
    if (!decode && /^[IU]\d+$|^BOOL$/.test(dtype)) continue;
    if (!decode) throw fail(`tensor ${name} has values of type ${dtype}; F32, F16, BF16 and F64 are read`);
    const count = shape.reduce((n, d) => n * d, 1);
    if (end - start !== count * decode.size)
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

function failing(file: string): (why: string) => WeightsError {
  return (why) => new WeightsError(`${file}: not a readable safetensors file: ${why}`);
}

interface Decoder {
  readonly size: number;
  readonly read: (bytes: Uint8Array<ArrayBuffer>) => Float32Array;
}

const decoders = new Map<string, Decoder>([
  ['F32', { size: 4, read: (b) => new Float32Array(b.buffer) }],
  ['F64', { size: 8, read: (b) => new Float32Array(new Float64Array(b.buffer)) }],
  ['F16', { size: 2, read: floatsOfHalves }],
  ['BF16', { size: 2, read: floatsOfBfloats }],
]);

export function floatsOfHalves(bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const floats = new Float32Array(bytes.length / 2);
  halvesToFloats(new Uint16Array(bytes.buffer), floats);
  return floats;
}

/** A bfloat16 is the upper half of a float. */
export function floatsOfBfloats(bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const halves = new Uint16Array(bytes.buffer);
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < words.length; i++) words[i] = (halves[i] ?? 0) << 16;
  return new Float32Array(words.buffer);
}

export function encodeSafetensors({ tensors, metadata }: WeightFile): Uint8Array {
  const all = { format: 'pt', ...metadata };
  return encoded('F32', tensors, { ...all, [checksumKey]: checksum({ tensors, metadata: all }) });
}

/** In half precision, without a checksum: for what is named by the hash of its bytes. */
export function encodeHalfSafetensors({ tensors, metadata }: WeightFile): Uint8Array {
  const halves = new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: Uint16Array.from(data, floatToHalf) }]));
  return encoded('F16', halves, { format: 'pt', ...metadata });
}

function encoded(
  dtype: 'F32' | 'F16',
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array | Uint16Array }>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
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

/** The header is read and checked before the values are. @throws WeightsError */
export async function readSafetensors(file: string): Promise<WeightFile> {
  const unreadable = (error: unknown): never => {
    throw new WeightsError(`${file}: cannot be read (${reasonOf(error)})`);
  };
  const { size } = (await files().facts(file)) ?? unreadable(new Error('there is no such file'));
  const fail = failing(file);
  const length = headerBytes(await files().readStart(file, 8).catch(unreadable), size, fail);
  parseHeader(await files().readStart(file, length).catch(unreadable), size, fail);
  return decodeSafetensors(await files().readBounded(file, mostBytes).catch(unreadable), file);
}

/** Writes the whole file or nothing: a reader never sees half of it. */
export function writeSafetensors(file: string, weights: WeightFile): Promise<void> {
  return files().replace(file, encodeSafetensors(weights));
}
