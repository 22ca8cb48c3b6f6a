// Where models are computed: on the processor, on a GPU, or on what is faster for the work at hand.

import { input, lowerGraph, relu } from '../../core/graph/index.js';
import { reasonOf, UserError } from '../../core/errors/index.js';
import type { Device, Runtime } from '../../core/runtime/session.js';
import { nodeRuntime } from './runtime.js';

export const deviceChoices = ['cpu', 'webgpu', 'auto'] as const;
/** `auto`: what is faster, measured. */
export type DeviceChoice = (typeof deviceChoices)[number];

export interface DeviceQuestion {
  /** Of the processor. */
  readonly threads: number;
  /** What is measured, for people: `a training step`. */
  readonly what: string;
  /** Milliseconds of it. */
  readonly measure: (runtime: Runtime) => Promise<number>;
  /** Is told what was chosen, and why. */
  readonly say: (text: string) => void;
}

/** @throws UserError where a GPU is wanted and there is none */
export async function chooseDevice(choice: DeviceChoice, { threads, what, measure, say }: DeviceQuestion): Promise<Device> {
  if (choice === 'cpu') return 'cpu';
  const gpu = await nodeRuntime({ device: 'webgpu', threads });
  const fault = await faultOf(gpu);
  if (choice === 'webgpu') {
    if (fault !== undefined)
      throw new UserError(`no GPU can be used by WebGPU (${fault}); install its driver and Vulkan's loader, or compute on the processor`);
    return 'webgpu';
  }
  if (fault !== undefined) {
    say(`no GPU can be used by WebGPU (${fault}): the processor computes`);
    return 'cpu';
  }
  const onProcessor = await measure(await nodeRuntime({ threads }));
  let onGpu: number;
  try {
    onGpu = await measure(gpu);
  } catch (error) {
    say(`the GPU cannot compute ${what} (${reasonOf(error)}): the processor computes`);
    return 'cpu';
  }
  const device = onGpu < onProcessor ? 'webgpu' : 'cpu';
  const chosen = device === 'webgpu' ? 'the GPU' : 'the processor';
  say(`${what} takes ${onGpu.toFixed(1)} ms on the GPU and ${onProcessor.toFixed(1)} ms on the processor: ${chosen} computes`);
  return device;
}

/** Why nothing can be computed; undefined where it can. */
async function faultOf(runtime: Runtime): Promise<string | undefined> {
  try {
    const session = await runtime.open(lowerGraph({ y: relu(input('x', [1])) }), {});
    await session.run({ x: { data: Float32Array.of(1), dims: [1] } });
    await session.release();
    return undefined;
  } catch (error) {
    // Behind where in its source and which condition.
    return reasonOf(error).replace(/^.* was false\. /, '');
  }
}
