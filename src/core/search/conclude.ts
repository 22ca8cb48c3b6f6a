// After the last candidate: the best network as a picture, as a deployable model, and at work on images it has not seen.

import { type Dataset, frame, loadSample } from '../data/index.js';
import { exportDeployed, readNetwork } from '../model/index.js';
import { files } from '../platform/index.js';
import { seededRandom } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import { drawArchitecture } from '../space/index.js';
import { drawPredictions } from './predictions.js';
import type { Preset } from '../preset/index.js';
import type { RunFolder } from './run-folder.js';

const shownImages = 4;

/** Writes best.svg, best.onnx and predictions.png; gives their paths. @pre best.safetensors is in the run's folder */
export async function concludeSearch(runtime: Runtime, run: RunFolder, preset: Preset, dataset: Dataset): Promise<string[]> {
  const written = { svg: run.path('best.svg'), onnx: run.path('best.onnx'), predictions: run.path('predictions.png') };
  const network = await readNetwork(run.path('best.safetensors'));
  await files().write(written.svg, drawArchitecture(network.description.genotype));
  const model = exportDeployed(network);
  await files().write(written.onnx, model);
  const { labelling } = dataset;
  const step = Math.max(1, Math.floor(dataset.val.length / shownImages));
  const shown = dataset.val.filter((_, i) => i % step === 0).slice(0, shownImages);
  const samples = await Promise.all(
    shown.map(async (sample) => frame(await loadSample(sample, labelling), preset.validation.framing, labelling, seededRandom(0))),
  );
  await drawPredictions(runtime, written.predictions, { model, samples });
  return Object.values(written);
}
