// Runs graphs for the tests.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { input, lowerGraph, type Tensor } from '../../src/core/graph/index.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';
import { floatsOf, type Runtime } from '../../src/core/runtime/session.js';

export const portable: Runtime = await nodeRuntime({ layout: 'portable' });
export const blocked: Runtime = await nodeRuntime();

export interface Value {
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

/** Builds with `build` from inputs of the given values, runs in one layout, and gives every output. */
export async function evaluate(
  runtime: Runtime,
  values: Readonly<Record<string, Value>>,
  build: (inputs: Record<string, Tensor>) => Record<string, Tensor>,
): Promise<Record<string, Float32Array>> {
  const inputs: Record<string, Tensor> = {};
  const feeds: Record<string, OrtTensor> = {};
  for (const [name, { data, dims }] of Object.entries(values)) {
    const type = data instanceof Int32Array ? 'int32' : 'float32';
    inputs[name] = input(name, dims, type);
    feeds[name] = new OrtTensor(type, data, dims);
  }
  const outputs = build(inputs);
  const session = await runtime.open(lowerGraph(outputs, { target: runtime.target }), { purpose: 'training' });
  const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
  const results = await session.run(used);
  await session.release();
  return Object.fromEntries(Object.keys(outputs).map((name) => [name, floatsOf(results, name)]));
}
