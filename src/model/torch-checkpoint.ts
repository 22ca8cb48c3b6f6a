// PyTorch's checkpoints (torch.save): since 1.6 a zip archive of a pickle and a file per storage, before that pickles one
// behind the other with the storages after them. Both are read as data; no code in them runs.

import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import { halvesToFloats } from '../data/index.js';
import { reasonOf } from '../errors/index.js';
import type { WeightTensor } from '../nn/index.js';
import { type PickleCall, type PickleValue, readPickle } from './pickle.js';
import { WeightsError } from './safetensors.js';

/** The tensors of the state dictionary in a .pth file, by name. */
export async function readTorchCheckpoint(file: string): Promise<Map<string, WeightTensor>> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new WeightsError(`${file}: cannot be read (${reasonOf(error)})`);
  });
  return decodeTorchCheckpoint(bytes, file);
}

/** @param file for messages @throws WeightsError */
export function decodeTorchCheckpoint(bytes: Uint8Array, file: string): Map<string, WeightTensor> {
  try {
    const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
    const { value, storages } = isZip ? readZip(bytes) : readLegacy(bytes);
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

function readZip(bytes: Uint8Array): Archive {
  // torch.save stores without compression: a file cannot unfold to more than it is.
  const files = unzipSync(bytes, {
    filter: ({ name, compression, size, originalSize }) => {
      if (!/(^|\/)(data\.pkl|data\/[^/]+)$/.test(name)) return false;
      if (compression !== 0 || size !== originalSize || originalSize > bytes.length)
        throw new Error(`${name} is compressed; torch.save does not compress`);
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
  if (system.value instanceof Map && system.value.get('little_endian') === false) throw new Error('it was written on a big-endian machine');
  const content = readPickle(bytes, system.end);
  const { value: keys, end } = readPickle(bytes, content.end);
  if (!Array.isArray(keys)) throw new Error('no list of storages');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = storageSizes(content.value);
  const offsets = new Map<string, number>();
  let at = end;
  for (const key of keys) {
    if (typeof key !== 'string' || at + 8 > bytes.length) throw new Error('the storages are cut off');
    const count = Number(view.getBigInt64(at, true));
    if (count < 0 || count > bytes.length) throw new Error(`storage ${key} is said to have ${count} values`);
    offsets.set(key, at + 8);
    at += 8 + count * (sizes.get(key) ?? 0);
  }
  return {
    value: content.value,
    storages: (key, { size }, count) => {
      const offset = offsets.get(key);
      if (offset === undefined) throw new Error(`storage ${key} is not in the file`);
      return bytes.subarray(offset, offset + count * size);
    },
  };
}

interface StorageType {
  /** Bytes a value. */
  readonly size: number;
  /** Undefined for what no weight is made of (counters). */
  readonly read?: (bytes: Uint8Array<ArrayBuffer>) => Float32Array;
}

const counter = (size: number): StorageType => ({ size });
const storageTypes: Readonly<Record<string, StorageType | undefined>> = {
  'torch.FloatStorage': { size: 4, read: (b) => new Float32Array(b.buffer) },
  'torch.DoubleStorage': { size: 8, read: (b) => Float32Array.from(new Float64Array(b.buffer)) },
  'torch.HalfStorage': {
    size: 2,
    read: (b) => {
      const floats = new Float32Array(b.length / 2);
      halvesToFloats(new Uint16Array(b.buffer), floats);
      return floats;
    },
  },
  'torch.BFloat16Storage': { size: 2, read: (b) => new Float32Array(Uint32Array.from(new Uint16Array(b.buffer), (v) => v << 16).buffer) },
  'torch.LongStorage': counter(8),
  'torch.IntStorage': counter(4),
  'torch.ShortStorage': counter(2),
  'torch.CharStorage': counter(1),
  'torch.ByteStorage': counter(1),
  'torch.BoolStorage': counter(1),
};

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
  const known = storageTypes[name];
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
    visit(value);
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array || seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) for (const child of value) pending.push(child);
    else if (value instanceof Map) for (const [key, child] of value) pending.push(key, child);
    else if (value.kind === 'call') {
      pending.push(value.callee, value.args);
      for (const [key, child] of value.items) pending.push(key, child);
    } else if (value.kind === 'persistent') pending.push(value.id);
  }
}

const rebuilders = new Set(['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor']);

/** The state dictionary: the first mapping from the outside in that has tensors in it. */
function tensorsOf(root: PickleValue, storages: Storages): Map<string, WeightTensor> {
  let level = [root];
  for (let depth = 0; depth < 4 && level.length > 0; depth++) {
    const inner: PickleValue[] = [];
    for (const value of level) {
      const items = itemsOf(value);
      if (!items) continue;
      const found = new Map<string, WeightTensor>();
      for (const [name, entry] of items) {
        const tensor = typeof name === 'string' ? tensorOf(entry, storages, name) : undefined;
        if (tensor && typeof name === 'string') found.set(name, tensor);
        inner.push(entry);
      }
      if (found.size > 0) return found;
    }
    level = inner;
  }
  throw new Error('no state dictionary in it (a mapping from names to tensors)');
}

function itemsOf(value: PickleValue): Map<PickleValue, PickleValue> | undefined {
  if (value instanceof Map) return value;
  return isCall(value) && calleeOf(value) === 'collections.OrderedDict' ? value.items : undefined;
}

function isCall(value: PickleValue | undefined): value is PickleCall {
  return value !== null && typeof value === 'object' && 'kind' in value && value.kind === 'call';
}

function calleeOf({ callee }: PickleCall): string {
  return callee !== null && typeof callee === 'object' && 'kind' in callee && callee.kind === 'global' ? callee.name : '';
}

/** Undefined for what is no tensor of weights. */
function tensorOf(value: PickleValue | undefined, storages: Storages, name: string): WeightTensor | undefined {
  if (!isCall(value) || !Array.isArray(value.args)) return undefined;
  if (calleeOf(value) === 'torch._utils._rebuild_parameter') return tensorOf(value.args[0], storages, name);
  if (!rebuilders.has(calleeOf(value))) return undefined;
  const [storage, offset, shape, strides] = value.args;
  const reference = storageReference(storage);
  if (!reference || typeof offset !== 'number' || !isNumbers(shape) || !isNumbers(strides) || shape.length !== strides.length)
    throw new Error(`tensor ${name} is described wrongly`);
  if (!reference.type.read) return undefined;
  const count = shape.reduce((n, d) => n * d, 1);
  const last = offset + shape.reduce((n, d, i) => n + (d - 1) * (strides[i] ?? 0), 0);
  const bytes = storages(reference.key, reference.type, reference.count);
  const stored = Math.floor(bytes.length / reference.type.size);
  if (count > 0 && (offset < 0 || last >= stored || count > stored))
    throw new Error(`tensor ${name} of shape [${shape.join(', ')}] does not fit its storage of ${stored} values`);
  const values = reference.type.read(new Uint8Array(bytes.subarray(0, stored * reference.type.size)));
  return { shape, data: gather(values, offset, shape, strides) };
}

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
