// What an op may ask for when it writes itself as ONNX nodes. The emitter answers; ops and tensors know this alone.
//
// Values go by their names in the model. Feature maps exist in one of two layouts: *plain* is ONNX's own [B, C, H, W];
// *blocked* is that of ONNX Runtime's fast CPU kernels, [B, C/n, H, W, n] in memory under the declared shape
// [B, C, H, W], C rounded up to a multiple of the block n. The channels that this adds are zero.

import type { Dim } from './dim.js';
import type { AttributeValue } from './onnx/proto.js';
import type { Tensor } from './tensor.js';

export type Layout = 'plain' | 'blocked';

export interface NodeOptions {
  readonly domain?: string | undefined;
  readonly outputs?: number | undefined;
}

export interface Lowering {
  /** Channels a block, or 0 where all maps are plain. */
  readonly blockSize: number;
  /** How many tensors one node may touch; finite on GPUs. */
  readonly maxBuffers: number;
  /** The version of ONNX's operators that the model asks for. */
  readonly opset: number;
  /** The name of `t`'s value in the plain layout. */
  plain(t: Tensor): string;
  /** The name of map `t`'s value in the blocked layout. */
  blocked(t: Tensor): string;
  /** The layout in which `t` is computed. */
  layoutOf(t: Tensor): Layout;
  /** Channels of a blocked map in memory: rounded up to a multiple of the block. */
  paddedChannels(channels: number): number;
  /** Says under which name `t` can be had, in the layout in which it was computed. */
  define(t: Tensor, name: string, layout?: Layout): void;
  /** Writes one ONNX node and gives the name of its (first) output. */
  emit(opType: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeValue>>, options?: NodeOptions): string;
  /** The same, of all its outputs. */
  emitAll(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    options?: NodeOptions,
  ): string[];
  /** Joined along an axis, in as many steps as the target's limit of buffers asks for. */
  concat(names: readonly string[], axis: number): string;
  /** Parts of the given sizes along an axis, in as many steps as the target's limit of buffers asks for. */
  split(name: string, sizes: readonly number[], axis: number): string[];
  /** Under another shape; a chain of these is one node. */
  reshape(name: string, dims: readonly number[]): string;
  /** An int64 vector (a shape, axes, positions) as an initialiser. */
  ints(values: readonly number[]): string;
  /** A float tensor as an initialiser. */
  floats(values: ArrayLike<number>, dims: readonly number[]): string;
  /** No floats at all, where an older operator wants a place filled. */
  noFloats(): string;
  /** A float as an initialiser. */
  float(value: number): string;
  /** Zeros of a shape that is known at run time only. */
  zeros(shape: string): string;
  /** The sizes of axes as an int64 vector, open ones by the shape of the model's input that has them. */
  sizes(dims: readonly Dim[]): string;
  /** A value derived from `t` that several ops need in the same form: made once. */
  memo(t: Tensor, key: string, make: () => string): string;
  /**
   * The name of `addend + t` computed as one node, if `t` is computed nowhere else and its op can accumulate.
   * The addend is a blocked map.
   */
  accumulate(addend: () => string, t: Tensor): string | undefined;
  /** The name of `t` limited to [low, high] computed as one node, if `t` is used nowhere else and its op can do that. */
  clipped(t: Tensor, low: number, high: number): string | undefined;
  /**
   * Weights [O, …] and bias [O] of a convolution on a map that is rounded to 8 bits, rounded too; undefined where `x`
   * is not.
   */
  quantisedWeights(x: Tensor, w: Tensor, bias: Tensor | undefined): string[] | undefined;
}
