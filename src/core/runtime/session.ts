// What the rest of the code knows of ONNX Runtime: a model is opened as a session, a session is run.

import type { Tensor } from 'onnxruntime-common';
import type { Target } from '../graph/index.js';

export type Feeds = Readonly<Record<string, Tensor>>;
export type Results = Readonly<Record<string, Tensor>>;

export interface SessionOptions {
  /** Threads for one op. */
  readonly threads?: number;
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
  run(feeds: Feeds): Promise<Results>;
  release(): Promise<void>;
}

export interface Runtime {
  /** What models for it are lowered to. */
  readonly target: Target;
  open(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}

/** The float values of one result. */
export function floatsOf(results: Results, name: string): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`the session gave no floats named ${name}`);
  return data;
}
