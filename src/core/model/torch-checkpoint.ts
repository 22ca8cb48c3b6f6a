// PyTorch's checkpoints (torch.save): since 1.6 a zip archive of a pickle and a file per storage, before that pickles one
// behind the other with the storages after them. Both are read as data; no code in them runs.

import { unzipSync } from 'fflate';
import { reasonOf } from '../errors/index.js';
import { files } from '../platform/index.js';
import type { WeightTensor } from '../nn/index.js';
import { type PickleCall, type PickleValue, readPickle } from './pickle.js';
import { floatsOfBfloats, floatsOfHalves, WeightsError } from './safetensors.js';

/** The tensors of the state dictionary in a .pth file, by name. */
export async function readTorchCheckpoint(file: string): Promise<Map<string, WeightTensor>> {
  const fail = (error: unknown): never => {
    throw new WeightsError(`${file}: cannot be read (${reasonOf(error)})`);
  };
  // What is something else by its first bytes is not read to its end.
  const start = await files().readStart(file, 2).catch(fail);
  if (!isZip(start) && start[0] !== 0x80)
    throw new WeightsError(`${file}: not a readable PyTorch checkpoint: neither a zip archive nor of the older format`);
  return decodeTorchCheckpoint(await files().readBounded(file, mostBytes).catch(fail), file);
}

const mostBytes = 2 ** 31 - 1;

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** @param file for messages @throws WeightsError */
export function decodeTorchCheckpoint(bytes: Uint8Array, file: string): Map<string, WeightTensor> {
  try {
    const { value, storages } = isZip(bytes) ? readZip(bytes) : readLegacy(bytes);
    return tensorsOf(value, storages);
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    throw new WeightsError(`${file}: not a readable PyTorch checkpoint: ${reasonOf(error)}`);
  }
}

/** Values that lie outside of the pickle, by key. */
type Storages = (key: string, type: StorageType, count: number) => Uint8Array;

interface Archive {
  readonly value: PickleValue;
  readonly storages: Storages;
}

/** Bytes of a file's two headers in a zip archive. */
const smallestEntry = 76;

function readZip(bytes: Uint8Array): Archive {
  // torch.save stores without compression: a file cannot unfold to more than it is.
  let [entries, total] = [0, 0];
  const files = unzipSync(bytes, {
    filter: ({ name, compression, size, originalSize }) => {
      // What an archive says of the number of its files may be anything.
      entries++;
      if (entries > bytes.length / smallestEntry) throw new Error('its list of files is longer than the archive');
      if (!/(^|\/)(data\.pkl|data\/[^/]+)$/.test(name)) return false;
      if (compression !== 0 || size !== originalSize) throw new Error(`${name} is compressed; torch.save does not compress`);
      total += size;
      if (!(total <= bytes.length))
        throw new Error(`its files overlap: up to ${name} they have ${total} bytes, the archive ${bytes.length}`);
      return true;
    },
  });
  const pickle = Object.keys(files).find((name) => /(^|\/)data\.pkl$/.test(name));
  const content = pickle === undefined ? undefined : files[pickle];
  if (pickle === undefined || !content) throw new Error('no data.pkl in the archive');
  const folder = pickle.slice(0, -'data.pkl'.length);
  return {
    value: readPickle(content).value,
    storages: (key) => {
      const storage = files[`${folder}data/${key}`];
      if (!storage) throw new Error(`storage ${key} is not in the archive`);
      return storage;
    },
  };
}

const legacyMagic = 0x1950a86a20f9469cfc6cn;

function readLegacy(bytes: Uint8Array): Archive {
  const magic = readPickle(bytes);
  if (magic.value !== legacyMagic) throw new Error('neither a zip archive nor of the older format');
  const protocol = readPickle(bytes, magic.end);
  const system = readPickle(bytes, protocol.end);
  const endian = itemsOf(system.value)?.find(([name]) => name === 'little_endian');
  if (endian?.[1] === false) throw new Error('it was written on a big-endian machine');
  const content = readPickle(bytes, system.end);
  const { value: keys, end } = readPickle(bytes, content.end);
  if (!Array.isArray(keys)) throw new Error('no list of storages');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = storageSizes(content.value);
  const found = new Map<string, { readonly offset: number; readonly count: number; readonly size: number }>();
  let at = end;
  for (const key of keys) {
    if (typeof key !== 'string' || at + 8 > bytes.length) throw new Error('the storages are cut off');
    const count = Number(view.getBigInt64(at, true));
    if (count < 0 || count > bytes.length) throw new Error(`storage ${key} is said to have ${count} values`);
    const size = sizes.get(key) ?? 0;
    if (found.has(key)) throw new Error(`storage ${key} is there twice`);
    found.set(key, { offset: at + 8, count, size });
    at += 8 + count * size;
  }
  return {
    value: content.value,
    storages: (key, { size }, count) => {
      const storage = found.get(key);
      if (!storage) throw new Error(`storage ${key} is not in the file`);
      if (storage.count !== count || storage.size !== size) throw new Error(`storage ${key} is described in two ways`);
      return bytes.subarray(storage.offset, storage.offset + count * size);
    },
  };
}

interface StorageType {
  /** Bytes a value. */
  readonly size: number;
  /** Undefined for what no weight is made of (counters). */
  readonly read?: ReadValues;
}

type ReadValues = (bytes: Uint8Array<ArrayBuffer>) => Float32Array;

const counter = (size: number): StorageType => ({ size });
const storageTypes = new Map<string, StorageType>([
  ['torch.FloatStorage', { size: 4, read: (b) => new Float32Array(b.buffer) }],
  ['torch.DoubleStorage', { size: 8, read: (b) => new Float32Array(new Float64Array(b.buffer)) }],
  ['torch.HalfStorage', { size: 2, read: floatsOfHalves }],
  ['torch.BFloat16Storage', { size: 2, read: floatsOfBfloats }],
  ['torch.LongStorage', counter(8)],
  ['torch.IntStorage', counter(4)],
  ['torch.ShortStorage', counter(2)],
  ['torch.CharStorage', counter(1)],
  ['torch.ByteStorage', counter(1)],
  ['torch.BoolStorage', counter(1)],
]);

interface StorageReference {
  readonly key: string;
  readonly type: StorageType;
  readonly count: number;
}

/** A persistent id: ('storage', type, key, device, count, …). */
function storageReference(value: PickleValue | undefined): StorageReference | undefined {
  if (value === null || typeof value !== 'object' || !('kind' in value) || value.kind !== 'persistent') return undefined;
  if (!Array.isArray(value.id)) return undefined;
  const [tag, type, key, , count] = value.id;
  if (tag !== 'storage' || typeof key !== 'string' || typeof count !== 'number') return undefined;
  const name = type !== null && typeof type === 'object' && 'kind' in type && type.kind === 'global' ? type.name : '?';
  const known = storageTypes.get(name);
  if (!known) throw new Error(`values of type ${name} are not read`);
  return { key, type: known, count };
}

/** Bytes a value of every storage that is referred to. */
function storageSizes(root: PickleValue): Map<string, number> {
  const sizes = new Map<string, number>();
  walk(root, (value) => {
    const reference = storageReference(value);
    if (reference) sizes.set(reference.key, reference.type.size);
  });
  return sizes;
}

/** Every value that can be reached, once. */
function walk(root: PickleValue, visit: (value: PickleValue) => void): void {
  const seen = new Set<PickleValue>();
  const pending = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array || seen.has(value)) continue;
    seen.add(value);
    visit(value);
    if (Array.isArray(value)) for (const child of value) pending.push(child);
    else if (value.kind === 'persistent') pending.push(value.id);
    else if (value.kind !== 'global') {
      if (value.kind === 'call') pending.push(value.callee, value.args);
      for (const [key, child] of value.items) pending.push(key, child);
    }
  }
}

const rebuilders = new Set(['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor']);

/** The state dictionary: the first mapping from the outside in that has tensors in it. */
function tensorsOf(root: PickleValue, storages: Storages): Map<string, WeightTensor> {
  const views = new StorageViews(storages);
  let level = [root];
  // Dictionaries may hold each other, by the thousand.
  const seen = new Set<PickleValue>(level);
  for (let depth = 0; depth < 4 && level.length > 0; depth++) {
    const inner: PickleValue[] = [];
    for (const value of level) {
      const items = itemsOf(value);
      if (!items) continue;
      const found = new Map<string, WeightTensor>();
      for (const [name, entry] of items) {
        const tensor = typeof name === 'string' ? tensorOf(entry, views, name) : undefined;
        if (tensor && typeof name === 'string') found.set(name, tensor);
        if (entry === null || typeof entry !== 'object' || seen.has(entry)) continue;
        seen.add(entry);
        inner.push(entry);
      }
      if (found.size > 0) return found;
    }
    level = inner;
  }
  throw new Error('no state dictionary in it (a mapping from names to tensors)');
}

function itemsOf(value: PickleValue): readonly (readonly [PickleValue, PickleValue])[] | undefined {
  if (value === null || typeof value !== 'object' || !('kind' in value)) return undefined;
  if (value.kind === 'dictionary') return value.items;
  return isCall(value) && calleeOf(value) === 'collections.OrderedDict' ? value.items : undefined;
}

function isCall(value: PickleValue | undefined): value is PickleCall {
  return value !== null && typeof value === 'object' && 'kind' in value && value.kind === 'call';
}

function calleeOf({ callee }: PickleCall): string {
  return callee !== null && typeof callee === 'object' && 'kind' in callee && callee.kind === 'global' ? callee.name : '';
}

/** Storages as numbers, each read once, and how much has been taken of them. */
class StorageViews {
  readonly #storages: Storages;
  readonly #read = new Map<string, Float32Array>();
  #stored = 0;
  #taken = 0;

  constructor(storages: Storages) {
    this.#storages = storages;
  }

  values({ key, type, count }: StorageReference & { readonly type: { readonly read: ReadValues } }): Float32Array {
    const name = `${key} ${type.size}`;
    const known = this.#read.get(name);
    if (known) return known;
    const bytes = this.#storages(key, type, count);
    const stored = Math.floor(bytes.length / type.size);
    const values = type.read(new Uint8Array(bytes.subarray(0, stored * type.size)));
    this.#read.set(name, values);
    this.#stored += stored;
    return values;
  }

  /** Tensors may share what is stored (tied weights do); twenty thousand views of one storage are an attack. */
  take(count: number, name: string): void {
    this.#taken += count;
    if (this.#taken > 4 * this.#stored)
      throw new Error(`its tensors share storages without end: up to ${name} they have ${this.#taken} values, of ${this.#stored} stored`);
  }
}

/** Undefined for what is no tensor of weights. */
function tensorOf(value: PickleValue | undefined, views: StorageViews, name: string): WeightTensor | undefined {
  // A parameter is a tensor in a wrapper; wrappers in wrappers are not.
  const wrapped = isCall(value) && calleeOf(value) === 'torch._utils._rebuild_parameter' && Array.isArray(value.args);
  const call = wrapped && Array.isArray(value.args) ? value.args[0] : value;
  if (!isCall(call) || !Array.isArray(call.args) || !rebuilders.has(calleeOf(call))) return undefined;
  const [storage, offset, shape, strides] = call.args;
  const reference = storageReference(storage);
  if (
    !reference ||
    typeof offset !== 'number' ||
    !Number.isInteger(offset) ||
    !isNumbers(shape) ||
    !isNumbers(strides) ||
    shape.length !== strides.length
  )
    throw new Error(`tensor ${name} is described wrongly`);
  const { read } = reference.type;
  if (!read) return undefined;
  const count = shape.reduce((n, d) => n * d, 1);
  const last = offset + shape.reduce((n, d, i) => n + (d - 1) * (strides[i] ?? 0), 0);
  const values = views.values({ ...reference, type: { ...reference.type, read } });
  if (shape.length > mostAxes || (count > 0 && (offset < 0 || last >= values.length || count > values.length)))
    throw new Error(`tensor ${name} of shape [${shape.slice(0, 8).join(', ')}] does not fit its storage of ${values.length} values`);
  views.take(count, name);
  return { shape, data: gather(values, offset, shape, strides) };
}

/** Weights have four. */
const mostAxes = 16;

function isNumbers(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every((v) => typeof v === 'number' && Number.isInteger(v) && v >= 0);
}

/** The values of a strided view, in row-major order. */
function gather(values: Float32Array, offset: number, shape: readonly number[], strides: readonly number[]): Float32Array {
  const data = new Float32Array(shape.reduce((n, d) => n * d, 1));
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < data.length; i++) {
    data[i] = values[at] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      at += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        break;
      }
      at -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return data;
}
