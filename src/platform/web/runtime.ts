// ONNX Runtime in a browser: on WebGPU, or on WebAssembly with SIMD.

import { env, InferenceSession } from 'onnxruntime-web/webgpu';
import type { Runtime, Session } from '../../core/runtime/session.js';

export type Backend = 'webgpu' | 'wasm';

export interface WebRuntimeOptions {
  /** Address of the folder with ONNX Runtime's own files. */
  readonly assets: string;
  readonly backend: Backend;
  /** Of WebAssembly; more than one needs a page that is cross-origin isolated. */
  readonly threads: number;
}

export function webRuntime({ assets, backend, threads }: WebRuntimeOptions): Runtime {
  env.wasm.wasmPaths = assets;
  env.wasm.numThreads = threads;
  return {
    target: { blockSize: 0, maxBuffers: backend === 'webgpu' ? 8 : Number.POSITIVE_INFINITY },
    open: (model): Promise<Session> =>
      InferenceSession.create(model, { executionProviders: [backend], graphOptimizationLevel: 'all', logSeverityLevel: 3 }),
  };
}
