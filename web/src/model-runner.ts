// A model in the browser: pixels in, labels, joints or depths out. The same steps as `auxcell predict`.

import { normaliseImages, type PixelImage } from '../../src/core/nn/pretrained.js';
import { type Backend, webRuntime } from '../../src/platform/web/runtime.js';
import type { Session } from '../../src/core/runtime/session.js';
import type { PlaygroundManifest } from '../../src/server/playground.js';
import { type Box, cropImage, jointsInImage, planPerson } from '../../src/core/data/person.js';
import { resizePixels } from '../../src/core/data/resize-pixels.js';
import { createTask } from '../../src/core/task/create.js';
import { depictMaps, OutputMaps } from '../../src/core/task/output-maps.js';
import type { Depiction, Task } from '../../src/core/task/task.js';
import { inputOfTask, inputSizeOf, type MapSize } from '../../src/core/task/validated.js';

export interface Seen {
  readonly depiction: Depiction;
  /** At which the network saw the picture, or a person's crop. */
  readonly size: MapSize;
  /** Of network, resizing, and reading of the maps; the first run at a size, which prepares the engine for it, is not counted. */
  readonly milliseconds: number;
  /** Of every class at a pixel of the picture; of segmentation. */
  readonly probabilities: ((x: number, y: number) => Float32Array) | undefined;
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
  /** Sizes at which it has run. */
  readonly #warm = new Set<string>();

  private constructor(manifest: PlaygroundManifest, engine: string, model: Session) {
    this.manifest = manifest;
    this.engine = engine;
    this.#task = createTask(manifest.task);
    this.#model = model;
  }

  static async open(backend: Backend | 'auto'): Promise<ModelRunner> {
    const manifest: PlaygroundManifest = await (await fetch('manifest.json')).json();
    const chosen = backend === 'auto' ? ((await hasWebGpu()) ? 'webgpu' : 'wasm') : backend;
    const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
    const runtime = webRuntime({ assets: new URL('ort/', location.href).href, backend: chosen, threads });
    const model = await runtime.open(await bytesOf('model.onnx'));
    const engine = chosen === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads} thread${threads === 1 ? '' : 's'}`;
    return new ModelRunner(manifest, engine, model);
  }

  /** @param box of the person whose pose it is; without one, somebody who fills the picture */
  async run({ width, height, data }: ImageData, box?: Box): Promise<Seen> {
    const { task } = this.manifest;
    const rgb = new Uint8Array(3 * width * height);
    for (let i = 0; i < width * height; i++) rgb.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
    const picture = { width, height, data: rgb };
    if (task.task !== 'pose') return this.#look(picture);
    const plan = planPerson(picture, box, task);
    const { depiction, ...seen } = await this.#look(cropImage(picture, plan));
    if (depiction.kind !== 'joints') throw new Error('a pose is depicted by joints');
    return { ...seen, depiction: { kind: 'joints', width, height, joints: jointsInImage(depiction.joints, plan) } };
  }

  /** At the size at which the model was validated, as `predict` does. */
  async #look(picture: PixelImage): Promise<Seen> {
    const { input, output, normalisation, task } = this.manifest;
    const size = inputSizeOf(inputOfTask(task), picture);
    const run = () => {
      const planes = normaliseImages([resizePixels(picture, size.width, size.height)], normalisation);
      return this.#model.run({ [input]: { data: planes, dims: [1, 3, size.height, size.width] } });
    };
    const shape = `${size.width} ${size.height}`;
    if (!this.#warm.has(shape)) await run();
    this.#warm.add(shape);
    const begun = performance.now();
    const results = await run();
    const { dims = [], data } = results[output] ?? {};
    const [, channels = 0, height = 0, width = 0] = dims;
    if (!(data instanceof Float32Array)) throw new Error(`the model gave no floats named ${output}`);
    const maps = new OutputMaps([{ channels, height, width, data }], 'logits');
    const depiction = depictMaps(this.#task, maps, picture);
    const probabilities =
      task.task === 'segmentation'
        ? (x: number, y: number) => maps.probabilities({ width: picture.width, height: picture.height }, x, y)
        : undefined;
    return { depiction, size, milliseconds: performance.now() - begun, probabilities };
  }
}
