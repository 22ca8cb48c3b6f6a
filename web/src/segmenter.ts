// A segmentation model in the browser: pixels in, a label a pixel out. The same steps as `auxcell predict`.

import { Tensor } from 'onnxruntime-web/webgpu';
import { normaliseImages } from '../../src/nn/pretrained.js';
import { type Backend, webRuntime } from '../../src/runtime/web.js';
import { floatsOf, type Session } from '../../src/runtime/session.js';
import type { PlaygroundManifest } from '../../src/server/playground.js';
import { argmax } from '../../src/task/segmentation.js';

export interface Segmented {
  readonly labels: Uint8Array;
  /** Of network, resize and argmax. */
  readonly milliseconds: number;
}

async function bytesOf(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function hasWebGpu(): Promise<boolean> {
  if (!('gpu' in navigator)) return false;
  const gpu: { requestAdapter?: () => Promise<unknown> } = Object(navigator.gpu);
  try {
    return Boolean(await gpu.requestAdapter?.());
  } catch {
    return false;
  }
}

export class Segmenter {
  readonly manifest: PlaygroundManifest;
  /** As people are told it. */
  readonly engine: string;
  readonly #model: Session;
  readonly #resize: Session;

  private constructor(manifest: PlaygroundManifest, engine: string, model: Session, resize: Session) {
    this.manifest = manifest;
    this.engine = engine;
    this.#model = model;
    this.#resize = resize;
  }

  static async open(backend: Backend | 'auto'): Promise<Segmenter> {
    const manifest: PlaygroundManifest = await (await fetch('manifest.json')).json();
    const chosen = backend === 'auto' ? ((await hasWebGpu()) ? 'webgpu' : 'wasm') : backend;
    const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
    const runtime = webRuntime({ assets: new URL('ort/', location.href).href, backend: chosen, threads });
    const model = await runtime.open(await bytesOf('model.onnx'));
    const resize = await runtime.open(await bytesOf('resize.onnx'));
    const engine = chosen === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads} thread${threads === 1 ? '' : 's'}`;
    return new Segmenter(manifest, engine, model, resize);
  }

  async run({ width, height, data }: ImageData): Promise<Segmented> {
    const { input, output, normalisation, classes } = this.manifest;
    const rgb = new Uint8Array(3 * width * height);
    for (let i = 0; i < width * height; i++) rgb.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
    const planes = normaliseImages([{ width, height, data: rgb }], normalisation);
    const begun = performance.now();
    const results = await this.#model.run({ [input]: new Tensor('float32', planes, [1, 3, height, width]) });
    const logits = results[output];
    if (!logits) throw new Error(`the model gave no ${output}`);
    const like = new Tensor('float32', new Float32Array(width * height), [1, 1, height, width]);
    const resized = floatsOf(await this.#resize.run({ logits, like }), 'resized');
    const labels = argmax(resized, classes.length, width * height);
    return { labels, milliseconds: performance.now() - begun };
  }
}
