// ONNX Runtime in a browser: on WebGPU, or on WebAssembly with SIMD.

import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { portableTarget, webgpuTarget } from '../../core/graph/index.js';
import { elementsOf, type Runtime, type Session, type TensorValue } from '../../core/runtime/session.js';

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
  const runtime: Runtime = {
    target: backend === 'webgpu' ? webgpuTarget : portableTarget,
    threads,
    device: backend === 'webgpu' ? 'webgpu' : 'cpu',
    // WebAssembly has one pool of threads, begun with the first session.
    with: () => runtime,
    open: async (model): Promise<Session> => {
      const session = await InferenceSession.create(model, {
        executionProviders: [backend],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
      });
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: (feeds) => {
          // What a network makes no use of is no input of its model: here that is an error, on Node.js it is passed over.
          const used = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
          return session.run(Object.fromEntries(used.map(([name, value]) => [name, tensorOf(value)])));
        },
        release: () => session.release(),
      };
    },
  };
  return runtime;
}

/** Its own tensors as they are; arrays become tensors without a copy. */
function tensorOf(value: TensorValue): Tensor {
  if (value instanceof Tensor) return value;
  const { type, data } = elementsOf(value.data);
  return new Tensor(type, data, value.dims);
}

/** ONNX Runtime's version, in its own words. */
export function webRuntimeVersion(): string {
  return env.versions.web ?? env.versions.common;
}
