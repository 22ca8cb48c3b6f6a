// Writes a graph as ONNX nodes, on demand: an output asks for its value, that for its inputs, and so on. Each op says which layout its
// result has; a map that is asked for in the other is converted once.

import { axisOf, type Dim, formatDim, GraphError, isStatic, sizeOf, staticMap, staticShape } from '../dim.js';
import type { Layout, Lowering, NodeOptions } from '../lowering.js';
import { leafOf, type Tensor, topologicalOrder } from '../tensor.js';
import { nchwc } from './blocked.js';
import {
  type AttributeValue,
  elementType,
  encodeModel,
  type ElementType,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './proto.js';

/**
 * Versions of the standard operators. 18 is widespread (onnxruntime-web, converters), and the first with axes as inputs throughout; what a deployed
 * network needs can be said from 11 on.
 */
export const opsets = { oldest: 11, usual: 18 } as const;

/** What lowering has to know of where a model will run. */
export interface Target {
  /** Channels a block of the CPU's blocked kernels, or 0 for the portable lowering (standard ops, plain layout). */
  readonly blockSize: number;
  /** How many tensors one node may touch, inputs and outputs together; Infinity where nothing limits it. WebGPU promises 8 storage buffers. */
  readonly maxBuffers: number;
}

/** Standard ops in the plain layout, for everywhere but WebGPU. */
export const portableTarget: Target = { blockSize: 0, maxBuffers: Number.POSITIVE_INFINITY };

/** The same within what every implementation of WebGPU gives a shader (maxStorageBuffersPerShaderStage). */
export const webgpuTarget: Target = { blockSize: 0, maxBuffers: 8 };

export interface LowerOptions {
  /** 11 … 18, of deployed networks; absent: 18, which training steps need. */
  readonly opset?: number | undefined;
  /** Absent: `portableTarget`. */
  readonly target?: Target | undefined;
  /** What parameters stand for: values (they become initialisers), or another tensor of the same shape. */
  readonly bindings?: ReadonlyMap<Tensor, Tensor | Float32Array>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Computes and keeps constants in half precision; inputs and outputs stay float32. */
  readonly half?: (values: Float32Array) => Uint16Array;
  /** Maps that are rounded to 8 bits, and by what. */
  readonly quantised?: ReadonlyMap<Tensor, Quantisation>;
}

/** real = scale · (quantised − zeroPoint), quantised in 0 … 255. */
export interface Quantisation {
  readonly scale: number;
  readonly zeroPoint: number;
}

export class Emitter implements Lowering {
  readonly blockSize: number;
  readonly opset: number;
  readonly maxBuffers: number;
  readonly #bindings: ReadonlyMap<Tensor, Tensor | Float32Array>;
  readonly #half: LowerOptions['half'];
  readonly #quantised: ReadonlyMap<Tensor, Quantisation>;
  readonly #consumers = new Map<Tensor, number>();
  readonly #values: Record<Layout, Map<Tensor, string>> = { plain: new Map(), blocked: new Map() };
  readonly #native = new Map<Tensor, Layout>();
  /** Where open sizes come from. */
  readonly #symbols = new Map<string, { readonly input: Tensor; readonly axis: number }>();
  readonly #nodes: OnnxNode[] = [];
  readonly #initialisers: OnnxTensor[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #constants = new Map<string, string>();
  readonly #memo = new Map<Tensor, Map<string, string>>();
  readonly #domains = new Set<string>();
  /** Of a reshaped value: what it was before, so that a chain of reshapes is one. */
  readonly #reshaped = new Map<string, { readonly source: string; readonly dims: readonly number[] }>();
  #counter = 0;

  constructor(outputs: readonly Tensor[], options: LowerOptions) {
    const target = options.target ?? portableTarget;
    this.blockSize = target.blockSize;
    this.opset = options.opset ?? opsets.usual;
    this.maxBuffers = target.maxBuffers;
    this.#bindings = options.bindings ?? new Map();
    this.#half = options.half;
    this.#quantised = options.quantised ?? new Map();
    const count = (t: Tensor): void => void this.#consumers.set(t, (this.#consumers.get(t) ?? 0) + 1);
    outputs.forEach(count);
    for (const node of topologicalOrder(outputs)) {
      node.inputs.forEach(count);
      if (node.op.kind !== 'input') continue;
      for (const input of node.outputs)
        input.shape.forEach((d, axis) => {
          if (typeof d !== 'number' && d.divisor === 1) this.#symbols.set(d.symbol, { input, axis });
        });
    }
  }

  plain(t: Tensor): string {
    return this.#value(t, 'plain');
  }

  blocked(t: Tensor): string {
    return this.#value(t, 'blocked');
  }

  layoutOf(t: Tensor): Layout {
    this.#ensure(t);
    return this.#native.get(t) ?? 'plain';
  }

  paddedChannels(channels: number): number {
    return Math.ceil(channels / this.blockSize) * this.blockSize;
  }

  define(t: Tensor, name: string, layout: Layout = 'plain'): void {
    const [, channels] = t.shape;
    if (layout === 'blocked' && !t.node.keepsZero && (typeof channels !== 'number' || channels !== this.paddedChannels(channels)))
      throw new GraphError(`${t.node.op.kind} of ${String(channels)} channels is blocked, and does not say that it keeps their padding 0`);
    this.#values[layout].set(t, name);
    this.#native.set(t, layout);
  }

  emit(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: NodeOptions = {},
  ): string {
    const [first] = this.emitAll(opType, inputs, attributes, options);
    if (first === undefined) throw new GraphError(`${opType} has no outputs`);
    return first;
  }

  emitAll(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: NodeOptions = {},
  ): string[] {
    const { domain = '', outputs: n = 1 } = options;
    const name = `${opType}_${this.#counter++}`;
    const outputs = Array.from({ length: n }, (_, i) => (n === 1 ? name : `${name}.${i}`));
    this.#domains.add(domain);
    this.#nodes.push({ opType, domain, name, inputs, outputs, attributes });
    return outputs;
  }

  concat(names: readonly string[], axis: number): string {
    const most = this.maxBuffers - 1;
    let parts = [...names];
    while (parts.length > most) parts = groupsOf(parts, most).map((group) => this.#joined(group, axis));
    return this.#joined(parts, axis);
  }

  #joined(names: readonly string[], axis: number): string {
    return names.length === 1 && names[0] !== undefined ? names[0] : this.emit('Concat', names, { axis });
  }

  split(name: string, sizes: readonly number[], axis: number): string[] {
    const most = this.maxBuffers - 1;
    if (sizes.length <= most) return this.emitAll('Split', [name, this.ints(sizes)], { axis }, { outputs: sizes.length });
    let width = most;
    while (width * most < sizes.length) width *= most;
    const groups = groupsOf(sizes, width);
    const wholes = this.split(
      name,
      groups.map((group) => group.reduce((n, size) => n + size, 0)),
      axis,
    );
    return groups.flatMap((group, i) => {
      const whole = wholes[i] ?? '';
      return group.length === 1 ? [whole] : this.split(whole, group, axis);
    });
  }

  ints(values: readonly number[]): string {
    return this.#constant('int64', [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  floats(values: ArrayLike<number>, dims: readonly number[]): string {
    return this.#constant('float32', dims, new Uint8Array(Float32Array.from(values).buffer));
  }

  noFloats(): string {
    const name = `const_${this.#counter++}`;
    this.#initialisers.push({ name, dims: [0], type: 'float32', bytes: new Uint8Array() });
    return name;
  }

  float(value: number): string {
    return this.floats([value], []);
  }

  reshape(name: string, dims: readonly number[]): string {
    const known = this.#reshaped.get(name);
    if (known && known.dims.length === dims.length && known.dims.every((d, i) => d === dims[i])) return name;
    const source = known?.source ?? name;
    const reshaped = this.emit('Reshape', [source, this.ints(dims)]);
    this.#reshaped.set(reshaped, { source, dims });
    return reshaped;
  }

  memo(t: Tensor, key: string, make: () => string): string {
    const forms = this.#memo.get(t) ?? new Map<string, string>();
    this.#memo.set(t, forms);
    const name = forms.get(key) ?? make();
    forms.set(key, name);
    return name;
  }

  accumulate(addend: () => string, t: Tensor): string | undefined {
    if (this.#consumers.get(t) !== 1 || this.#native.has(t)) return undefined;
    const lower = t.node.lowerAccumulating;
    return lower && this.blockSize > 0 ? lower(this, addend()) : undefined;
  }

  clipped(t: Tensor, low: number, high: number): string | undefined {
    if (this.#consumers.get(t) !== 1 || this.#native.has(t) || this.blockSize === 0) return undefined;
    return t.node.lowerClipped?.(this, low, high);
  }

  #value(t: Tensor, layout: Layout): string {
    this.#ensure(t);
    const known = this.#values[layout].get(t);
    if (known !== undefined) return known;
    const converted = layout === 'plain' ? this.#toPlain(t) : this.#toBlocked(t);
    this.#values[layout].set(t, converted);
    return converted;
  }

  #ensure(t: Tensor): void {
    if (this.#native.has(t)) return;
    const binding = this.#bindings.get(t);
    const leaf = leafOf(t.node);
    if (binding instanceof Float32Array) {
      const dims = staticShape(t.shape, 'a bound parameter');
      if (sizeOf(dims) !== binding.length) throw new GraphError(`bound data has ${binding.length} values for shape [${dims.join(', ')}]`);
      const name = leaf?.kind === 'parameter' ? leaf.name : `bound_${this.#counter++}`;
      this.#initialisers.push({ name, dims, ...this.#stored('float32', bytesOf(binding)) });
      this.define(t, name);
    } else if (binding) {
      this.define(t, this.plain(binding));
    } else if (leaf?.kind === 'input') {
      this.#inputs.push({ name: leaf.name, type: t.dtype, dims: valueDims(t) });
      const halved = this.#half && t.dtype === 'float32';
      this.define(t, halved ? this.emit('Cast', [leaf.name], { to: elementType.float16 }) : leaf.name);
    } else if (leaf?.kind === 'constant') {
      this.define(t, this.#constant(t.dtype, staticShape(t.shape, 'constant'), bytesOf(leaf.data)));
    } else if (leaf) {
      throw new GraphError(`parameter ${leaf.name} is not bound to data or to another tensor`);
    } else {
      if (!t.node.lower) throw new GraphError(`${t.node.op.kind} cannot be lowered`);
      t.node.lower(this, t.node.outputs);
      if (!this.#native.has(t)) throw new GraphError(`${t.node.op.kind} did not define output ${t.index}`);
    }
    const quantisation = this.#quantised.get(t);
    if (quantisation) this.define(t, this.#rounded(this.plain(t), quantisation));
  }

  sizes(dims: readonly Dim[]): string {
    if (isStatic(dims)) return this.ints(dims);
    const each = dims.map((d) => {
      if (typeof d === 'number') return this.ints([d]);
      const place = this.#symbols.get(d.symbol);
      if (!place) throw new GraphError(`no input of the model has the size ${d.symbol}`);
      const whole = this.memo(place.input, `size of axis ${place.axis}`, () =>
        this.emit('Slice', [
          this.emit('Shape', [this.plain(place.input)]),
          this.ints([place.axis]),
          this.ints([place.axis + 1]),
          this.ints([0]),
        ]),
      );
      if (d.divisor === 1) return whole;
      return this.memo(place.input, `size of axis ${place.axis} by ${d.divisor}`, () =>
        this.emit('Div', [this.emit('Add', [whole, this.ints([d.divisor - 1])]), this.ints([d.divisor])]),
      );
    });
    return this.concat(each, 0);
  }

  /** A map as 8 bits can hold it. Runtimes make 8-bit kernels of what lies between two of these pairs. */
  #rounded(name: string, { scale, zeroPoint }: Quantisation): string {
    const parameters = [this.float(scale), this.#constant('uint8', [], Uint8Array.of(zeroPoint))];
    return this.emit('DequantizeLinear', [this.emit('QuantizeLinear', [name, ...parameters]), ...parameters]);
  }

  /**
   * Weights [O, …] and bias [O] of a convolution on an 8-bit map, kept in 8 bits with a scale per output and in 32 bits
   * with the product of scales; undefined where `x` is not rounded.
   */
  quantisedWeights(x: Tensor, w: Tensor, bias: Tensor | undefined): string[] | undefined {
    const map = this.#quantised.get(x);
    const values = this.#bindings.get(w);
    if (!map || !(values instanceof Float32Array)) return undefined;
    const dims = staticShape(w.shape, 'a bound parameter');
    const outputs = axisOf(dims, 0);
    const perOutput = values.length / outputs;
    const scales = new Float32Array(outputs);
    values.forEach((v, i) => {
      const o = Math.floor(i / perOutput);
      scales[o] = Math.max(scales[o] ?? 0, Math.abs(v) / 127, 1e-12);
    });
    const rounded = Int8Array.from(values, (v, i) => Math.round(v / (scales[Math.floor(i / perOutput)] ?? 1)));
    const names = [
      this.emit(
        'DequantizeLinear',
        [
          this.#constant('int8', dims, new Uint8Array(rounded.buffer)),
          this.floats(scales, [outputs]),
          this.#constant('int8', [outputs], new Uint8Array(outputs)),
        ],
        { axis: 0 },
      ),
    ];
    const shifts = bias && this.#bindings.get(bias);
    if (bias && !(shifts instanceof Float32Array)) return undefined;
    if (shifts instanceof Float32Array) {
      const products = scales.map((s) => s * map.scale);
      const whole = Int32Array.from(shifts, (v, o) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(v / (products[o] ?? 1)))));
      names.push(
        this.emit(
          'DequantizeLinear',
          [
            this.#constant('int32', [outputs], bytesOf(whole)),
            this.floats(products, [outputs]),
            this.#constant('int32', [outputs], bytesOf(new Int32Array(outputs))),
          ],
          { axis: 0 },
        ),
      );
    }
    return names;
  }

  #toBlocked(t: Tensor): string {
    const [b, c, h, w] = staticMap(t.shape, 'blocked layout');
    const padded = this.paddedChannels(c);
    let name = this.plain(t);
    if (padded !== c) name = this.emit('Pad', [name, this.ints([0, 0, 0, 0, 0, padded - c, 0, 0])]);
    // One pixel a map: the two layouts are the same bytes.
    if (h === 1 && w === 1) return this.reshape(name, [b, padded, 1, 1]);
    return this.emit('ReorderInput', [name], {}, { domain: nchwc });
  }

  #toPlain(t: Tensor): string {
    const [b, c, h, w] = staticMap(t.shape, 'plain layout');
    const name = this.blocked(t);
    if (h === 1 && w === 1 && c % this.blockSize === 0) return this.reshape(name, [b, c, 1, 1]);
    return this.emit('ReorderOutput', [name], { channels: c }, { domain: nchwc });
  }

  #constant(type: ElementType, dims: readonly number[], bytes: Uint8Array): string {
    // Small constants (shapes, axes, scalars) recur by the hundred.
    const key = bytes.length <= 256 ? `${type}|${dims.join()}|${bytes.join()}` : undefined;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `const_${this.#counter++}`;
    this.#initialisers.push({ name, dims, ...this.#stored(type, bytes) });
    if (key !== undefined) this.#constants.set(key, name);
    return name;
  }

  /** How values are kept: floats as halves where those are asked for. */
  #stored(type: ElementType, bytes: Uint8Array): { type: ElementType; bytes: Uint8Array } {
    if (type !== 'float32' || !this.#half) return { type, bytes };
    return { type: 'float16', bytes: bytesOf(this.#half(new Float32Array(bytes.slice().buffer))) };
  }

  zeros(shape: string): string {
    const zeros = this.emit('ConstantOfShape', [shape]);
    return this.#half ? this.emit('Cast', [zeros], { to: elementType.float16 }) : zeros;
  }

  finish(outputs: Readonly<Record<string, Tensor>>, metadata: Readonly<Record<string, string>>): Uint8Array {
    const values: OnnxValue[] = [];
    for (const [name, t] of Object.entries(outputs)) {
      const back = this.#half && t.dtype === 'float32';
      this.#nodes.push({
        opType: back ? 'Cast' : 'Identity',
        domain: '',
        name: `output_${name}`,
        inputs: [this.plain(t)],
        outputs: [name],
        attributes: back ? { to: elementType.float32 } : {},
      });
      values.push({ name, type: t.dtype, dims: valueDims(t) });
    }
    const versions: Record<string, number> = { '': this.opset };
    for (const domain of this.#domains) if (domain) versions[domain] = 1;
    return encodeModel({
      nodes: inUse(this.#nodes, Object.keys(outputs)),
      initialisers: this.#initialisers,
      inputs: this.#inputs,
      outputs: values,
      opsets: versions,
      metadata,
    });
  }
}

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** The nodes that the outputs need: of a chain of reshapes only the last one is. */
function inUse(nodes: readonly OnnxNode[], outputs: readonly string[]): OnnxNode[] {
  const needed = new Set(outputs);
  const used: OnnxNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    used.push(node);
  }
  return used.reverse();
}

/** Writes the graph of `outputs` as an ONNX model whose outputs have the given names. */
export function lowerGraph(outputs: Readonly<Record<string, Tensor>>, options: LowerOptions = {}): Uint8Array {
  const roots = Object.values(outputs);
  // What parameters are bound to belongs to the graph too.
  for (const t of options.bindings?.values() ?? []) if (!(t instanceof Float32Array)) roots.push(t);
  const emitter = new Emitter(roots, options);
  return emitter.finish(outputs, options.metadata ?? {});
}

function bytesOf(data: Float32Array | Int32Array | BigInt64Array | Uint16Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function valueDims(t: Tensor): (number | string)[] {
  return t.shape.map((d) => (typeof d === 'number' ? d : formatDim(d)));
}
