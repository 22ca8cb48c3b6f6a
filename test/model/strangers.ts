// Files that are small and would take all memory or all time of whoever believes them.

import { encodeModel } from '../../src/core/graph/index.js';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export interface Stranger {
  /** With its ending. */
  readonly name: string;
  /** What reads it: see strangers-read.js. */
  readonly reader: 'checkpoint' | 'network' | 'model' | 'genotype' | 'preset' | 'boxes';
  readonly bytes: Uint8Array;
  /** What is said of it. */
  readonly refusal: RegExp;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((n, { length }) => n + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function number(value: number, bytes: 2 | 4 | 8): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  if (bytes === 2) view.setUint16(0, value, true);
  else if (bytes === 4) view.setUint32(0, value, true);
  else view.setBigUint64(0, BigInt(value), true);
  return new Uint8Array(view.buffer);
}

// Pickles, opcode by opcode (pickletools).
const unicode = (value: string): Uint8Array => joined([Uint8Array.of(0x58), number(text(value).length, 4), text(value)]);
const int = (value: number): Uint8Array => joined([Uint8Array.of(0x4a), number(value, 4)]);
const global = (module: string, name: string): Uint8Array => text(`c${module}\n${name}\n`);
const pickle = (...parts: readonly Uint8Array[]): Uint8Array => joined([Uint8Array.of(0x80, 2), ...parts, text('.')]);
const tuple = (...parts: readonly Uint8Array[]): Uint8Array => joined([text('('), ...parts, text('t')]);

/** A tensor of all of storage 0. */
function tensor(count: number): Uint8Array {
  const storage = joined([tuple(unicode('storage'), global('torch', 'FloatStorage'), unicode('0'), unicode('cpu'), int(count)), text('Q')]);
  return joined([
    global('torch._utils', '_rebuild_tensor_v2'),
    tuple(storage, int(0), tuple(int(count)), tuple(int(1)), Uint8Array.of(0x89), text('}')),
    text('R'),
  ]);
}

interface ZipEntry {
  readonly name: string;
  /** Where its content is, in the archive. */
  readonly at: number;
  readonly size: number;
}

/** Stored files; entries may point wherever they like. */
function zip(
  contents: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  more: readonly ZipEntry[] = [],
  said?: number,
): Uint8Array {
  const parts: Uint8Array[] = [];
  const entries: ZipEntry[] = [];
  let at = 0;
  for (const { name, bytes } of contents) {
    const header = joined([
      text('PK\x03\x04'),
      new Uint8Array(14),
      number(bytes.length, 4),
      number(bytes.length, 4),
      number(name.length, 2),
      number(0, 2),
      text(name),
    ]);
    entries.push({ name, at, size: bytes.length });
    parts.push(header, bytes);
    at += header.length + bytes.length;
  }
  const all = [...entries, ...more];
  const central = joined(
    all.map(({ name, at: offset, size }) =>
      joined([
        text('PK\x01\x02'),
        new Uint8Array(16),
        number(size, 4),
        number(size, 4),
        number(name.length, 2),
        new Uint8Array(12),
        number(offset, 4),
        text(name),
      ]),
    ),
  );
  const end = joined([
    text('PK\x05\x06'),
    new Uint8Array(4),
    number(said ?? all.length, 2),
    number(said ?? all.length, 2),
    number(central.length, 4),
    number(at, 4),
    number(0, 2),
  ]);
  return joined([...parts, central, end]);
}

function checkpoint(state: Uint8Array, storage = new Uint8Array(16)): Uint8Array {
  return zip([
    { name: 'a/data.pkl', bytes: state },
    { name: 'a/data/0', bytes: storage },
  ]);
}

/** A dictionary of dictionaries of dictionaries, each of a thousand keys and each the same one below. */
function nested(): Uint8Array {
  const keys = Array.from({ length: 1000 }, (_, i) => i);
  const level = (below: Uint8Array): Uint8Array => {
    const put = Uint8Array.of(0x71, 0);
    const get = Uint8Array.of(0x68, 0);
    return joined([below, put, text('0}('), ...keys.map((k) => joined([int(k), get])), text('u')]);
  };
  return pickle(level(level(level(level(text('}'))))));
}

/** A safetensors file. */
function safetensors(header: unknown, body: Uint8Array): Uint8Array {
  const json = text(typeof header === 'string' ? header : JSON.stringify(header));
  return joined([number(json.length, 8), json, body]);
}

const description = {
  genotype: '[[1,[0,1,2,9],[1,0,0,3]],[[0,1],[4,0]]]',
  classes: '["a","b"]',
  width: '8',
  sep_repeats: '1',
  padding: 'torch',
  normalisation: '{"mean":[0,0,0],"std":[1,1,1]}',
};
const described = (changes: Partial<typeof description>): Uint8Array =>
  safetensors({ __metadata__: { ...description, ...changes } }, new Uint8Array());
const rounds = (count: number, blocks = 1): string =>
  JSON.stringify([[1, ...Array.from({ length: count }, () => [0, 1, 2, 3])], Array.from({ length: blocks }, () => [0, 1])]);

const modelMetadata = { classes: '["a","b"]', normalisation: '{"mean":[0,0,0],"std":[1,1,1]}' };
const image = { name: 'image', type: 'float32', dims: [1, 3, 'h', 'w'] } as const;
const logits = { name: 'logits', type: 'float32', dims: [1, 2, 'h', 'w'] } as const;

/** A model whose graph's fields are written by hand. */
function model(write: (graph: BinaryWriter) => void, tail?: (model: BinaryWriter) => void): Uint8Array {
  const w = new BinaryWriter();
  w.tag(1, WireType.Varint).int64(8);
  w.tag(7, WireType.LengthDelimited).fork();
  write(w);
  w.join();
  for (const [key, value] of Object.entries(modelMetadata)) {
    w.tag(14, WireType.LengthDelimited).fork();
    w.tag(1, WireType.LengthDelimited).string(key);
    w.tag(2, WireType.LengthDelimited).string(value);
    w.join();
  }
  tail?.(w);
  return w.finish();
}

function node(w: BinaryWriter, op: string, attribute?: (w: BinaryWriter) => void): void {
  w.tag(1, WireType.LengthDelimited).fork();
  w.tag(4, WireType.LengthDelimited).string(op);
  if (attribute) {
    w.tag(5, WireType.LengthDelimited).fork();
    attribute(w);
    w.join();
  }
  w.join();
}

function withSubgraph(op: string): Uint8Array {
  return model((g) =>
    node(g, op, (a) => {
      a.tag(1, WireType.LengthDelimited).string('body');
      a.tag(6, WireType.LengthDelimited).fork();
      node(a, 'Identity');
      a.join();
    }),
  );
}

/** A model that makes a map of a shape that stands in it. */
function making(op: string, shape: readonly number[]): Uint8Array {
  return encodeModel({
    nodes: [
      {
        opType: op,
        domain: '',
        name: 'x',
        inputs: op === 'ConstantOfShape' ? ['shape'] : ['image', 'shape'],
        outputs: ['logits'],
        attributes: {},
      },
    ],
    initialisers: [{ name: 'shape', type: 'int64', dims: [shape.length], bytes: new Uint8Array(BigInt64Array.from(shape, BigInt).buffer) }],
    inputs: [image],
    outputs: [logits],
    opsets: { '': 18 },
    metadata: modelMetadata,
  });
}

function initialiser(w: BinaryWriter, write: (w: BinaryWriter) => void): void {
  w.tag(5, WireType.LengthDelimited).fork();
  write(w);
  w.tag(8, WireType.LengthDelimited).string('weights');
  w.join();
}

export const strangers: readonly Stranger[] = [
  { name: 'nested.pth', reader: 'checkpoint', bytes: checkpoint(nested()), refusal: /no state dictionary in it/ },
  {
    name: 'dictionaries.pth',
    reader: 'checkpoint',
    bytes: checkpoint(pickle(text('('), text('}'.repeat(10_000_000)), text('t'))),
    refusal: /more than 1000000 values/,
  },
  {
    name: 'marks.pth',
    reader: 'checkpoint',
    bytes: joined([Uint8Array.of(0x80, 2), text('('.repeat(10_000_000))]),
    refusal: /more than 1000000 values/,
  },
  {
    name: 'sharing.pth',
    reader: 'checkpoint',
    bytes: checkpoint(
      pickle(
        text('}('),
        tensor(500_000),
        Uint8Array.of(0x71, 1),
        text('0'),
        ...Array.from({ length: 20_000 }, (_, i) => joined([unicode(`t${i}`), Uint8Array.of(0x68, 1)])),
        text('u'),
      ),
      new Uint8Array(2_000_000),
    ),
    refusal: /its tensors share storages without end/,
  },
  {
    name: 'overlap.pth',
    reader: 'checkpoint',
    bytes: zip(
      [
        { name: 'a/data.pkl', bytes: pickle(text('}')) },
        { name: 'a/data/0', bytes: new Uint8Array(1_000_000) },
      ],
      Array.from({ length: 20_000 }, (_, i) => ({ name: `a/data/${i + 1}`, at: 50, size: 1_000_000 })),
    ),
    refusal: /its files overlap/,
  },
  {
    name: 'overlap.safetensors',
    reader: 'network',
    bytes: safetensors(
      Object.fromEntries(
        Array.from({ length: 20_000 }, (_, i) => [`t${i}`, { dtype: 'F32', shape: [500_000], data_offsets: [0, 2_000_000] }]),
      ),
      new Uint8Array(2_000_000),
    ),
    refusal: /overlaps the one before it/,
  },
  {
    name: 'hole.safetensors',
    reader: 'network',
    bytes: safetensors({ a: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, new Uint8Array(8)),
    refusal: /bytes 0 to 4 of its values belong to no tensor/,
  },
  {
    name: 'tail.safetensors',
    reader: 'network',
    bytes: safetensors({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(8)),
    refusal: /its last 4 bytes belong to no tensor/,
  },
  {
    name: 'brackets.safetensors',
    reader: 'network',
    bytes: safetensors('['.repeat(3_000_000), new Uint8Array()),
    refusal: /its header is not JSON/,
  },
  {
    name: 'header.safetensors',
    reader: 'network',
    bytes: safetensors(`{${'"a":[],'.repeat(1_400_000)}"b":[]}`, new Uint8Array()),
    refusal: /its header is said to be \d+ bytes long/,
  },
  { name: 'repeats.safetensors', reader: 'network', bytes: described({ sep_repeats: '1000000000' }), refusal: /too large: .* layers/ },
  { name: 'width.safetensors', reader: 'network', bytes: described({ width: '1000000000' }), refusal: /too large: a width of 1000000000/ },
  { name: 'rounds.safetensors', reader: 'network', bytes: described({ genotype: rounds(20_000) }), refusal: /its genotype cannot be read/ },
  { name: 'shorter.safetensors', reader: 'network', bytes: described({ genotype: rounds(1000) }), refusal: /1000 rounds; it may have 64/ },
  {
    name: 'all.safetensors',
    reader: 'network',
    bytes: described({ genotype: rounds(64, 64) }),
    refusal: /too large: 64 blocks of 64 rounds/,
  },
  {
    name: 'classes.safetensors',
    reader: 'network',
    bytes: described({ classes: `[${'"a",'.repeat(300_000)}"b"]` }),
    refusal: /at most 1048576 are read/,
  },
  { name: 'nested.json', reader: 'genotype', bytes: text('['.repeat(10_000)), refusal: /genotype is not JSON/ },
  {
    name: 'deep.json',
    reader: 'genotype',
    bytes: text(`${'['.repeat(9_000)}${']'.repeat(9_000)}`),
    refusal: /lists nested without end|must be a list|must have/,
  },
  { name: 'large.json', reader: 'genotype', bytes: new Uint8Array(1_000_000), refusal: /it has 1000000 bytes; at most 65536/ },
  {
    name: 'aliases.yaml',
    reader: 'preset',
    bytes: text(
      [
        'a: &a [x,x,x,x,x,x,x,x,x,x]',
        ...'bcdefghij'.split('').map((c, i) => `${c}: &${c} [${Array(10).fill(`*${'abcdefghi'[i]}`).join(',')}]`),
      ].join('\n'),
    ),
    refusal: /not YAML: .*alias/i,
  },
  { name: 'nested.yaml', reader: 'preset', bytes: text('['.repeat(65_000)), refusal: /not YAML: nested too deep/ },
  { name: 'deep.yaml', reader: 'preset', bytes: text('['.repeat(500_000)), refusal: /at most 65536 are read/ },
  { name: 'boxes.json', reader: 'boxes', bytes: text('['.repeat(10_000_000)), refusal: /cannot be read as JSON/ },
  { name: 'loop.onnx', reader: 'model', bytes: withSubgraph('Loop'), refusal: /its node 1, Loop, has a graph of its own/ },
  { name: 'scan.onnx', reader: 'model', bytes: withSubgraph('Scan'), refusal: /Scan, has a graph of its own/ },
  { name: 'if.onnx', reader: 'model', bytes: withSubgraph('If'), refusal: /If, has a graph of its own/ },
  {
    name: 'functions.onnx',
    reader: 'model',
    bytes: model(
      (g) => node(g, 'Mine'),
      (m) => m.tag(25, WireType.LengthDelimited).string('x'),
    ),
    refusal: /it has functions of its own/,
  },
  {
    name: 'giant.onnx',
    reader: 'model',
    bytes: model((g) =>
      initialiser(g, (w) => {
        w.tag(1, WireType.Varint).int64(1_000_000).tag(1, WireType.Varint).int64(1_000_000);
        w.tag(2, WireType.Varint).int32(1);
        w.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(16));
      }),
    ),
    refusal: /its tensor weights is said to be \[1000000, 1000000\], but has 16 bytes/,
  },
  {
    name: 'elsewhere.onnx',
    reader: 'model',
    bytes: model((g) => initialiser(g, (w) => w.tag(14, WireType.Varint).int32(1))),
    refusal: /lie in another file/,
  },
  { name: 'sparse.onnx', reader: 'model', bytes: model((g) => g.tag(15, WireType.LengthDelimited).string('')), refusal: /sparse tensors/ },
  {
    name: 'nodes.onnx',
    reader: 'model',
    bytes: model((g) => {
      for (let i = 0; i < 500_000; i++) node(g, 'Relu');
    }),
    refusal: /more than 20000 nodes/,
  },
  {
    name: 'shape.onnx',
    reader: 'model',
    bytes: making('ConstantOfShape', [1, 2, 1_000_000, 1_000_000]),
    refusal: /ConstantOfShape, makes \d+ values/,
  },
  { name: 'tile.onnx', reader: 'model', bytes: making('Tile', [1, 1, 100_000, 100_000]), refusal: /Tile, makes/ },
  { name: 'expand.onnx', reader: 'model', bytes: making('Expand', [100_000, 3, 1000, 1000]), refusal: /Expand, makes/ },
  { name: 'junk.onnx', reader: 'model', bytes: new Uint8Array(1000), refusal: /not an ONNX model, or a damaged one/ },
  {
    name: 'groups.onnx',
    reader: 'model',
    bytes: joined([Uint8Array.of(0x08, 8), new Uint8Array(1_000_000).fill(0x0b)]),
    refusal: /not an ONNX model/,
  },
];
