// A WebGPU device for the tests: a card, or chromium's SwiftShader, which computes in software. None where there is no Vulkan.

import { existsSync } from 'node:fs';
import { input, lowerGraph, relu } from '../../src/core/graph/index.js';
import type { Runtime } from '../../src/core/runtime/index.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';

const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** The runtime, or why there is none. */
export async function webgpuRuntime(): Promise<Runtime | string> {
  if (process.env['VK_ICD_FILENAMES'] === undefined && process.env['VK_DRIVER_FILES'] === undefined) {
    if (!existsSync(swiftShader)) return `neither VK_ICD_FILENAMES nor ${swiftShader}`;
    process.env['VK_ICD_FILENAMES'] = swiftShader;
  }
  const runtime = await nodeRuntime({ device: 'webgpu' });
  try {
    // It stays open: with the last session ONNX Runtime gives up the device, and to open one takes seconds.
    await runtime.open(lowerGraph({ y: relu(input('x', [1])) }), {});
    return runtime;
  } catch (error) {
    return `no adapter (${String(error).split('\n')[0]}); is libvulkan1 installed?`;
  }
}
