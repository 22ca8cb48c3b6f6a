// What the rest of the code knows of ONNX Runtime: a model is opened as a session, a session is run.

import type { Target } from '../graph/index.js';

/** Values and their shape: floats, int32, int64 or bytes, as the array has it. What a session gave is fed back as it is, without a copy. */
export interface TensorValue {
  readonly data: unknown;
  readonly dims: readonly number[];
}

export type Feeds = Readonly<Record<string, TensorValue>>;
/** By output name; `data` is an array of the output's type. */
export type Results = Readonly<Record<string, TensorValue>>;

export interface SessionOptions {
  /**
   * `training`: a graph that is run a few dozen times; run as it is written, quick to open.
   * `inference`: constants folded, layouts chosen, as deployed.
   */
  readonly purpose?: 'training' | 'inference';
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs the model; results are by output name. */
  /** Feeds that the model has no input for are passed over. */
  run(feeds: Feeds): Promise<Results>;
  release(): Promise<void>;
}

export type Device = 'cpu' | 'webgpu';

export interface Runtime {
  /** What computes. */
  readonly device: Device;
  /** What models for it are lowered to. */
  readonly target: Target;
  /** For one op. */
  readonly threads: number;
  /** The same with other threads; itself where a platform has one pool of threads for all. */
  with(options: { readonly threads: number }): Runtime;
  open(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}

export type NumericArray = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** What an array is to ONNX. @throws TypeError when it is none that models are fed */
export function elementsOf(data: unknown): { readonly type: 'float32' | 'int32' | 'int64' | 'uint8'; readonly data: NumericArray } {
  if (data instanceof Float32Array) return { type: 'float32', data };
  if (data instanceof Int32Array) return { type: 'int32', data };
  if (data instanceof BigInt64Array) return { type: 'int64', data };
  if (data instanceof Uint8Array) return { type: 'uint8', data };
  throw new TypeError('a tensor is made of a Float32Array, Int32Array, BigInt64Array or Uint8Array');
}

/** The float values of one result. */
export function floatsOf(results: Results, name: string): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`the session gave no floats named ${name}`);
  return data;
}
