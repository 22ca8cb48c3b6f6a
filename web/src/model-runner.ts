// A model in the browser: pixels in, labels, joints or depths out. The same steps as `auxcell predict`.

import { Tensor } from 'onnxruntime-web/webgpu';
import { normaliseImages, type PixelImage } from '../../src/nn/pretrained.js';
import { type Backend, webRuntime } from '../../src/runtime/web.js';
import { floatsOf, type Session } from '../../src/runtime/session.js';
import type { PlaygroundManifest } from '../../src/server/playground.js';
import { type Box, cropImage, jointsInImage, planPerson } from '../../src/data/person.js';
import { createTask } from '../../src/task/create.js';
import type { Depiction, Task } from '../../src/task/task.js';

export interface Seen {
  readonly depiction: Depiction;
  /** Of network, resize, and reading of the maps. */
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

export class ModelRunner {
  readonly manifest: PlaygroundManifest;
  /** As people are told it. */
  readonly engine: string;
  readonly #task: Task;
  readonly #model: Session;
  readonly #resize: Session;

  private constructor(manifest: PlaygroundManifest, engine: string, model: Session, resize: Session) {
    this.manifest = manifest;
    this.engine = engine;
    this.#task = createTask(manifest.task);
    this.#model = model;
    this.#resize = resize;
  }

  static async open(backend: Backend | 'auto'): Promise<ModelRunner> {
    const manifest: PlaygroundManifest = await (await fetch('manifest.json')).json();
    const chosen = backend === 'auto' ? ((await hasWebGpu()) ? 'webgpu' : 'wasm') : backend;
    const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
    const runtime = webRuntime({ assets: new URL('ort/', location.href).href, backend: chosen, threads });
    const model = await runtime.open(await bytesOf('model.onnx'));
    const resize = await runtime.open(await bytesOf('resize.onnx'));
    const engine = chosen === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads} thread${threads === 1 ? '' : 's'}`;
    return new ModelRunner(manifest, engine, model, resize);
  }

  /** @param box of the person whose pose it is; without one, somebody who fills the picture */
  async run({ width, height, data }: ImageData, box?: Box): Promise<Seen> {
    const { task } = this.manifest;
    const rgb = new Uint8Array(3 * width * height);
    for (let i = 0; i < width * height; i++) rgb.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
    const picture = { width, height, data: rgb };
    if (task.task !== 'pose') return this.#look(picture);
    const plan = planPerson(picture, box, task);
    const { depiction, milliseconds } = await this.#look(cropImage(picture, plan));
    if (depiction.kind !== 'joints') throw new Error('a pose is depicted by joints');
    return { depiction: { kind: 'joints', width, height, joints: jointsInImage(depiction.joints, plan) }, milliseconds };
  }

  async #look(picture: PixelImage): Promise<Seen> {
    const { input, output, normalisation } = this.manifest;
    const { width, height } = picture;
    const planes = normaliseImages([picture], normalisation);
    const begun = performance.now();
    const results = await this.#model.run({ [input]: new Tensor('float32', planes, [1, 3, height, width]) });
    const logits = results[output];
    if (!logits) throw new Error(`the model gave no ${output}`);
    const [h, w] = this.#task.validationShape(height, width);
    const like = new Tensor('float32', new Float32Array(w * h), [1, 1, h, w]);
    const maps = floatsOf(await this.#resize.run({ logits, like }), 'resized');
    return { depiction: this.#task.depict(maps, [h, w], picture), milliseconds: performance.now() - begun };
  }
}
