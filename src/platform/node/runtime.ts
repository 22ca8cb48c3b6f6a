// ONNX Runtime on Node.js.

// The first: the library is loaded by the next line.
import './no-telemetry.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel, portableTarget, type Target, webgpuTarget } from '../../core/graph/index.js';
import {
  type Device,
  elementsOf,
  type Feeds,
  floatsOf,
  type Results,
  type Runtime,
  type Session,
  type SessionOptions,
  type TensorValue,
} from '../../core/runtime/session.js';

class NodeSession implements Session {
  readonly #session: InferenceSession;

  constructor(session: InferenceSession) {
    this.#session = session;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  run(feeds: Feeds): Promise<Results> {
    return this.#session.run(Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, tensorOf(value)])));
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** Its own tensors as they are; arrays become tensors without a copy. */
function tensorOf(value: TensorValue): Tensor {
  if (value instanceof Tensor) return value;
  const { type, data } = elementsOf(value.data);
  return new Tensor(type, data, value.dims);
}

class NodeRuntime implements Runtime {
  readonly target: Target;
  readonly threads: number;
  readonly device: Device;

  constructor(target: Target, threads: number, device: Device) {
    this.target = target;
    this.threads = threads;
    this.device = device;
  }

  with({ threads }: { readonly threads: number }): Runtime {
    return new NodeRuntime(this.target, threads, this.device);
  }

  open(model: Uint8Array, { purpose = 'inference' }: SessionOptions = {}): Promise<Session> {
    return openNode(model, { purpose, threads: this.threads, device: this.device });
  }
}

interface Opening {
  readonly purpose: 'training' | 'inference';
  readonly threads: number;
  readonly device: Device;
}

async function openNode(model: Uint8Array, { purpose, threads, device }: Opening): Promise<Session> {
  const session = await InferenceSession.create(model, {
    executionProviders: device === 'webgpu' ? ['webgpu', 'cpu'] : ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // A training step's weights are inputs: there is nothing to fold, and looking for it doubles the time to open.
    graphOptimizationLevel: purpose === 'training' ? 'disabled' : 'all',
    logSeverityLevel: 3,
  });
  return new NodeSession(session);
}

/**
 * Finds the block of the processor's blocked kernels (16 with AVX-512, 8 with AVX2) by reordering a counting tensor,
 * and whether they are there at all.
 */
async function findBlockSize(): Promise<number> {
  const channels = 32;
  const model = encodeModel({
    nodes: [{ opType: 'ReorderInput', domain: 'com.microsoft.nchwc', name: 'reorder', inputs: ['x'], outputs: ['y'], attributes: {} }],
    initialisers: [],
    inputs: [{ name: 'x', type: 'float32', dims: [1, channels, 1, 2] }],
    outputs: [{ name: 'y', type: 'float32', dims: [1, channels, 1, 2] }],
    opsets: { '': 18, 'com.microsoft.nchwc': 1 },
    metadata: {},
  });
  try {
    const session = await openNode(model, { purpose: 'inference', threads: 1, device: 'cpu' });
    const x = Float32Array.from({ length: channels * 2 }, (_, i) => i);
    const y = floatsOf(await session.run({ x: new Tensor('float32', x, [1, channels, 1, 2]) }), 'y');
    await session.release();
    // Pixel 0 of a block of n channels comes first, then pixel 1: value 1 stands behind n values.
    const n = y.indexOf(1);
    return [4, 8, 16].includes(n) && y[1] === 2 ? n : 0;
  } catch {
    return 0;
  }
}

export interface NodeRuntimeOptions {
  /** For one op; absent: 1. */
  readonly threads?: number | undefined;
  /** `portable` leaves the processor's blocked kernels alone. */
  readonly layout?: 'auto' | 'portable' | undefined;
  /** `webgpu` is a GPU by Vulkan, Direct3D 12 or Metal; opening a model fails where there is none. */
  readonly device?: Device | undefined;
}

/** ONNX Runtime on this machine. */
export async function nodeRuntime({ threads = 1, layout = 'auto', device = 'cpu' }: NodeRuntimeOptions = {}): Promise<Runtime> {
  if (device === 'webgpu') return new NodeRuntime(webgpuTarget, threads, device);
  const blockSize = layout === 'portable' ? portableTarget.blockSize : await findBlockSize();
  return new NodeRuntime({ ...portableTarget, blockSize }, threads, device);
}
