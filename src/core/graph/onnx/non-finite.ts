// Weights that are not numbers, in an encoded model. Field numbers as in proto.ts.

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { elementType } from './proto.js';

export interface NonFinite {
  readonly name: string;
  readonly count: number;
  readonly values: number;
}

/** @param infinite whether infinity counts too: foreign models mask with it @throws Error when the bytes are no protobuf message */
export function nonFiniteInitialiser(model: Uint8Array, infinite: boolean): NonFinite | undefined {
  for (const graph of messages(model, 7))
    for (const tensor of messages(graph, 5)) {
      const found = nonFinite(tensor, infinite);
      if (found) return found;
    }
  return undefined;
}

function* messages(bytes: Uint8Array, wanted: number): Generator<Uint8Array> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === wanted && wire === WireType.LengthDelimited) yield reader.bytes();
    else reader.skip(wire, field);
  }
}

function nonFinite(bytes: Uint8Array, infinite: boolean): NonFinite | undefined {
  const reader = new BinaryReader(bytes);
  let [type, name] = [0, ''];
  let raw: Uint8Array | undefined;
  let floats: Uint8Array | undefined;
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 2 && wire === WireType.Varint) type = reader.int32();
    else if (field === 8 && wire === WireType.LengthDelimited) name = reader.string();
    else if (field === 9 && wire === WireType.LengthDelimited) raw = reader.bytes();
    else if (field === 4 && wire === WireType.LengthDelimited) floats = reader.bytes();
    else reader.skip(wire, field);
  }
  const read = raw ? readers.get(type) : type === elementType.float32 ? readers.get(type) : undefined;
  const values = raw ?? floats;
  if (!read || !values) return undefined;
  const total = Math.floor(values.length / read.size);
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  let count = 0;
  for (let i = 0; i < total; i++) {
    const kind = read.kind(view, i * read.size);
    if (kind === 'nan' || (infinite && kind === 'infinite')) count++;
  }
  return count > 0 ? { name, count, values: total } : undefined;
}

type Kind = 'finite' | 'infinite' | 'nan';

interface Reader {
  readonly size: number;
  readonly kind: (view: DataView, at: number) => Kind;
}

/** An exponent of ones: infinity where the fraction is 0, else not a number. */
const ofHalf =
  (exponent: number) =>
  (view: DataView, at: number): Kind => {
    const bits = view.getUint16(at, true) & 0x7fff;
    return (bits & exponent) !== exponent ? 'finite' : bits === exponent ? 'infinite' : 'nan';
  };

const ofNumber = (value: number): Kind => (Number.isNaN(value) ? 'nan' : Number.isFinite(value) ? 'finite' : 'infinite');

const readers = new Map<number, Reader>([
  [elementType.float32, { size: 4, kind: (view, at) => ofNumber(view.getFloat32(at, true)) }],
  [elementType.float16, { size: 2, kind: ofHalf(0x7c00) }],
  [11, { size: 8, kind: (view, at) => ofNumber(view.getFloat64(at, true)) }],
  // bfloat16
  [16, { size: 2, kind: ofHalf(0x7f80) }],
]);
