// The part of ONNX's protobuf schema (onnx.proto3, IR version 8) that we write and read back, on the wire format
// of @bufbuild/protobuf. Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.

import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export type AttributeValue = number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] };

export interface OnnxNode {
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** ONNX's TensorProto.DataType numbers. */
export const elementType = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementType;

export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Little-endian values. */
  readonly bytes: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const irVersion = 8;

export function encodeModel(model: OnnxModel): Uint8Array {
  const w = new BinaryWriter();
  w.tag(1, WireType.Varint).int64(irVersion);
  w.tag(2, WireType.LengthDelimited).string('auxcell');
  w.tag(7, WireType.LengthDelimited).fork();
  for (const node of model.nodes) {
    w.tag(1, WireType.LengthDelimited).fork();
    writeNode(w, node);
    w.join();
  }
  w.tag(2, WireType.LengthDelimited).string('auxcell');
  for (const tensor of model.initialisers) {
    w.tag(5, WireType.LengthDelimited).fork();
    writeTensor(w, tensor);
    w.join();
  }
  for (const value of model.inputs) writeValue(w.tag(11, WireType.LengthDelimited), value);
  for (const value of model.outputs) writeValue(w.tag(12, WireType.LengthDelimited), value);
  w.join();
  for (const [domain, version] of Object.entries(model.opsets)) {
    w.tag(8, WireType.LengthDelimited).fork();
    w.tag(1, WireType.LengthDelimited).string(domain);
    w.tag(2, WireType.Varint).int64(version);
    w.join();
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    w.tag(14, WireType.LengthDelimited).fork();
    w.tag(1, WireType.LengthDelimited).string(key);
    w.tag(2, WireType.LengthDelimited).string(value);
    w.join();
  }
  return w.finish();
}

function writeNode(w: BinaryWriter, node: OnnxNode): void {
  for (const name of node.inputs) w.tag(1, WireType.LengthDelimited).string(name);
  for (const name of node.outputs) w.tag(2, WireType.LengthDelimited).string(name);
  w.tag(3, WireType.LengthDelimited).string(node.name);
  w.tag(4, WireType.LengthDelimited).string(node.opType);
  for (const [name, value] of Object.entries(node.attributes)) {
    w.tag(5, WireType.LengthDelimited).fork();
    w.tag(1, WireType.LengthDelimited).string(name);
    writeAttributeValue(w, value);
    w.join();
  }
  if (node.domain) w.tag(7, WireType.LengthDelimited).string(node.domain);
}

function writeAttributeValue(w: BinaryWriter, value: AttributeValue): void {
  const type = (n: number): BinaryWriter => w.tag(20, WireType.Varint).int32(n);
  if (typeof value === 'number') {
    w.tag(3, WireType.Varint).int64(value);
    type(2);
  } else if (typeof value === 'string') {
    w.tag(4, WireType.LengthDelimited).string(value);
    type(3);
  } else if ('float' in value) {
    w.tag(2, WireType.Bit32).float(value.float);
    type(1);
  } else if ('floats' in value) {
    for (const v of value.floats) w.tag(7, WireType.Bit32).float(v);
    type(6);
  } else {
    for (const v of value) w.tag(8, WireType.Varint).int64(v);
    type(7);
  }
}

function writeTensor(w: BinaryWriter, tensor: OnnxTensor): void {
  for (const d of tensor.dims) w.tag(1, WireType.Varint).int64(d);
  w.tag(2, WireType.Varint).int32(elementType[tensor.type]);
  w.tag(8, WireType.LengthDelimited).string(tensor.name);
  w.tag(9, WireType.LengthDelimited).bytes(tensor.bytes);
}

function writeValue(w: BinaryWriter, value: OnnxValue): void {
  w.fork();
  w.tag(1, WireType.LengthDelimited).string(value.name);
  w.tag(2, WireType.LengthDelimited).fork(); // TypeProto
  w.tag(1, WireType.LengthDelimited).fork(); // TypeProto.Tensor
  w.tag(1, WireType.Varint).int32(elementType[value.type]);
  w.tag(2, WireType.LengthDelimited).fork(); // TensorShapeProto
  for (const d of value.dims) {
    w.tag(1, WireType.LengthDelimited).fork();
    if (typeof d === 'number') w.tag(1, WireType.Varint).int64(d);
    else w.tag(2, WireType.LengthDelimited).string(d);
    w.join();
  }
  w.join().join().join().join();
}

/**
 * The key-value metadata of an encoded model, without reading its weights.
 * @throws Error when the bytes are no protobuf message.
 */
export function readMetadata(bytes: Uint8Array): Record<string, string> {
  const metadata: Record<string, string> = {};
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field !== 14) {
      reader.skip(wire, field);
      continue;
    }
    const end = reader.uint32() + reader.pos;
    let key = '';
    let value = '';
    while (reader.pos < end) {
      const [entry, entryWire] = reader.tag();
      if (entry === 1) key = reader.string();
      else if (entry === 2) value = reader.string();
      else reader.skip(entryWire, entry);
    }
    metadata[key] = value;
  }
  return metadata;
}
