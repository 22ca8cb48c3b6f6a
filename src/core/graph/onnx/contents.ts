// What a stranger's ONNX model may contain, looked at before ONNX Runtime opens it. A model is a program: one with graphs
// inside of its ops may loop without end, functions that call each other may unfold without end, and tensors may claim more
// than the file holds. A network that maps an image to an image needs none of that.

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** Nodes of a large transformer are some thousand; ONNX Runtime takes seconds to open fifty thousand. */
const mostNodes = 20_000;
/** Values of a map that is made from constants alone: 512 MB of floats. */
const mostMade = 2 ** 27;
/** Models are trees of messages, and ours to walk are this deep. */
const field = { graph: 7, functions: 25 } as const;

/** What is wrong with the model; undefined where nothing is. @throws Error when the bytes are no protobuf message */
export function modelProblem(bytes: Uint8Array): string | undefined {
  return new ModelInspector().model(bytes);
}

class ModelInspector {
  #nodes = 0;
  /** Small whole-number tensors by name: shapes, repeats, limits. */
  readonly #constants = new Map<string, readonly number[]>();

  model(bytes: Uint8Array): string | undefined {
    const graphs: Uint8Array[] = [];
    for (const { number, content } of fields(bytes)) {
      if (number === field.functions)
        return 'it has functions of its own, which may call each other without end; export it with its functions inlined';
      if (number === field.graph && content) graphs.push(content);
    }
    for (const graph of graphs) {
      const problem = this.#graph(graph);
      if (problem !== undefined) return problem;
    }
    return graphs.length === 0 ? 'it has no graph' : undefined;
  }

  #graph(bytes: Uint8Array): string | undefined {
    const nodes: Uint8Array[] = [];
    for (const { number, content } of fields(bytes)) {
      if (!content) continue;
      if (number === 1) nodes.push(content);
      if (nodes.length > mostNodes) return `it has more than ${mostNodes} nodes`;
      if (number === 15) return 'it has sparse tensors, which may unfold to any size; export it with dense ones';
      const problem = number === 5 ? this.#tensor(content) : undefined;
      if (problem !== undefined) return problem;
    }
    for (const node of nodes) {
      const problem = this.#node(node);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #node(bytes: Uint8Array): string | undefined {
    this.#nodes++;
    let op = '';
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes: Attribute[] = [];
    for (const { number, content } of fields(bytes)) {
      if (!content) continue;
      if (number === 1) inputs.push(text(content));
      else if (number === 2) outputs.push(text(content));
      else if (number === 4) op = text(content);
      else if (number === 5) attributes.push(attributeOf(content));
    }
    for (const attribute of attributes) {
      if (attribute.hasGraph)
        return `its node ${this.#nodes}, ${op.slice(0, 40)}, has a graph of its own, which may run without end; export it without loops and branches`;
      if (attribute.isSparse) return 'it has sparse tensors, which may unfold to any size; export it with dense ones';
      for (const tensor of attribute.tensors) {
        const problem = this.#tensor(tensor, outputs[0]);
        if (problem !== undefined) return problem;
      }
    }
    const made = this.#made(op, inputs, attributes);
    return made > mostMade ? `its node ${this.#nodes}, ${op}, makes ${made} values out of nothing; at most ${mostMade} are` : undefined;
  }

  /** Values that a node makes from constants, as far as they say how many. */
  #made(op: string, inputs: readonly string[], attributes: readonly Attribute[]): number {
    const constant = (i: number): readonly number[] => this.#constants.get(inputs[i] ?? '') ?? [];
    switch (op) {
      case 'ConstantOfShape':
        return product(constant(0));
      case 'Expand':
      case 'Tile':
      case 'Reshape':
        return product(constant(1));
      case 'Resize':
        return product(constant(3));
      case 'Pad':
        return constant(1).reduce((n, d) => Math.max(n, d), 0);
      case 'Range': {
        const [start = 0, limit = 0, delta = 1] = [constant(0)[0], constant(1)[0], constant(2)[0]];
        return Math.abs((limit - start) / (delta || 1));
      }
      case 'OneHot':
      case 'EyeLike':
        return constant(1)[0] ?? 0;
      case 'RandomNormal':
      case 'RandomUniform':
        return product(attributes.find(({ name }) => name === 'shape')?.ints ?? []);
      default:
        return 0;
    }
  }

  /** @param output of the node that holds it as a constant */
  #tensor(bytes: Uint8Array, output?: string): string | undefined {
    const dims: number[] = [];
    let [payload, type, name] = [0, 0, output ?? ''];
    let raw: Uint8Array | undefined;
    const whole: number[] = [];
    for (const { number, content, value } of fields(bytes)) {
      if (number === 1) dims.push(...(content ? varints(content, 16) : [value]));
      else if (number === 2) type = value;
      else if (number === 8 && content) name = output ?? text(content);
      else if (number === 13 || (number === 14 && value !== 0))
        return `the values of its tensor ${name} lie in another file; export it as one file`;
      else if (number >= 4 && number <= 11) {
        payload += content?.length ?? 8;
        if (number === 9) raw = content;
        if (number === 7) whole.push(...(content ? varints(content, 16) : [value]));
      }
      if (dims.length > 16) return `its tensor ${name} has more than 16 axes`;
    }
    const count = product(dims);
    // Four bits a value is the least there is.
    if (!(count <= 2 * payload)) return `its tensor ${name} is said to be [${dims.join(', ')}], but has ${payload} bytes`;
    if (count <= 16 && type === int64) this.#constants.set(name, raw ? wholeNumbers(raw) : whole);
    return undefined;
  }
}

/** ONNX's number of the type of shapes. */
const int64 = 7;

interface Attribute {
  readonly name: string;
  readonly hasGraph: boolean;
  readonly isSparse: boolean;
  readonly tensors: readonly Uint8Array[];
  readonly ints: readonly number[];
}

function attributeOf(bytes: Uint8Array): Attribute {
  let [name, hasGraph, isSparse] = ['', false, false];
  const tensors: Uint8Array[] = [];
  const ints: number[] = [];
  for (const { number, content, value } of fields(bytes)) {
    if (number === 1 && content) name = text(content);
    else if (number === 6 || number === 11) hasGraph = true;
    else if (number === 22 || number === 23) isSparse = true;
    else if ((number === 5 || number === 10) && content) tensors.push(content);
    else if (number === 8 && ints.length < 16) ints.push(...(content ? varints(content, 16) : [value]));
  }
  return { name, hasGraph, isSparse, tensors, ints };
}

interface Field {
  readonly number: number;
  /** Of a field with a length. */
  readonly content?: Uint8Array;
  /** Of a whole number. */
  readonly value: number;
}

function* fields(bytes: Uint8Array): Generator<Field> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (wire === WireType.LengthDelimited) yield { number, content: reader.bytes(), value: 0 };
    else if (wire === WireType.Varint) yield { number, value: Number(reader.int64()) };
    else {
      reader.skip(wire, number);
      yield { number, value: 0 };
    }
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The first ones of a packed list. */
function varints(bytes: Uint8Array, most: number): number[] {
  const reader = new BinaryReader(bytes);
  const values: number[] = [];
  while (reader.pos < reader.len && values.length <= most) values.push(Number(reader.int64()));
  return values;
}

function wholeNumbers(raw: Uint8Array): number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: Math.floor(raw.length / 8) }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}

function product(dims: readonly number[]): number {
  return dims.reduce((n, d) => n * d, 1);
}
