// The page's model: the core's predictor on what a browser has.

import { type Box, cropImage, jointsInImage, planPerson } from '../../src/core/data/person.js';
import type { RgbImage } from '../../src/core/data/image.js';
import { Predictor } from '../../src/core/model/predictor.js';
import { choosePlatform } from '../../src/core/platform/index.js';
import { depictMaps } from '../../src/core/task/output-maps.js';
import type { Depiction } from '../../src/core/task/task.js';
import { inputSizeOf, type MapSize } from '../../src/core/task/validated.js';
import { webPlatform } from '../../src/platform/web/platform.js';
import { type Backend, webRuntime } from '../../src/platform/web/runtime.js';
import type { PlaygroundManifest } from '../../src/server/playground.js';

choosePlatform(webPlatform());

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

export class PageModel {
  readonly manifest: PlaygroundManifest;
  /** As people are told it. */
  readonly engine: string;
  readonly #predictor: Predictor;
  /** Sizes at which it has run. */
  readonly #warm = new Set<string>();

  private constructor(manifest: PlaygroundManifest, engine: string, predictor: Predictor) {
    this.manifest = manifest;
    this.engine = engine;
    this.#predictor = predictor;
  }

  static async open(backend: Backend | 'auto'): Promise<PageModel> {
    const manifest: PlaygroundManifest = await (await fetch('manifest.json')).json();
    const chosen = backend === 'auto' ? ((await hasWebGpu()) ? 'webgpu' : 'wasm') : backend;
    const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
    const runtime = webRuntime({ assets: new URL('ort/', location.href).href, backend: chosen, threads });
    const predictor = await Predictor.of(runtime, await bytesOf('model.onnx'), manifest, manifest.name);
    const engine = chosen === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads} thread${threads === 1 ? '' : 's'}`;
    return new PageModel(manifest, engine, predictor);
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

  async #look(picture: RgbImage): Promise<Seen> {
    const predictor = this.#predictor;
    const size = inputSizeOf(predictor.input, picture);
    const shape = `${size.width} ${size.height}`;
    if (!this.#warm.has(shape)) await predictor.look(picture);
    this.#warm.add(shape);
    const begun = performance.now();
    const maps = await predictor.look(picture);
    const depiction = depictMaps(predictor.task, maps, picture);
    const milliseconds = performance.now() - begun;
    const { width, height } = picture;
    const probabilities =
      predictor.task.description.task === 'segmentation'
        ? (x: number, y: number) => maps.probabilities({ width, height }, x, y)
        : undefined;
    return { depiction, size, milliseconds, probabilities };
  }
}
