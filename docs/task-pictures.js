// The README's picture of pose and depth: validation images with truth and prediction.
//   node docs/task-pictures.js POSE_MODEL POSE_DATA DEPTH_MODEL DEPTH_DATA
// Models are best.safetensors of `train` with the presets lspet-pose and demo-depth.

import '../dist/platform/node/use-sqlite.js';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { loadForModel } from '../dist/core/fit/index.js';
import { exportDeployed, readNetwork } from '../dist/core/model/index.js';
import { loadTrainPreset, openPresetData, taskOf } from '../dist/core/preset/index.js';
import { nodeRuntime } from '../dist/platform/node/runtime.js';
import { drawPredictions } from '../dist/core/search/index.js';

const [poseModel, poseData, depthModel, depthData] = process.argv.slice(2);
const runtime = await nodeRuntime();
const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-pictures-'));

/** @param chosen numbers of validation images */
async function draw(name, modelFile, data, chosen) {
  const preset = await loadTrainPreset(name);
  const task = taskOf(preset, preset.train.validation.framing);
  const { val, labelling } = await openPresetData(data, preset);
  const samples = await Promise.all(chosen.map((i) => loadForModel(val[i], task, labelling)));
  const file = path.join(folder, `${name}.png`);
  await drawPredictions(runtime, file, { model: exportDeployed(await readNetwork(modelFile)), samples, threads: 2 });
  return file;
}

const pose = await draw('lspet-pose', poseModel, poseData, [1, 7, 13, 19]);
const depth = await draw('demo-depth', depthModel, depthData, [0, 1, 3]);
const height = 700;
const parts = await Promise.all([pose, depth].map((file) => sharp(file).resize({ height }).toBuffer({ resolveWithObject: true })));
const [left, right] = parts;
await sharp({ create: { width: left.info.width + right.info.width, height, channels: 3, background: '#ffffff' } })
  .composite([
    { input: left.data, left: 0, top: 0 },
    { input: right.data, left: left.info.width, top: 0 },
  ])
  .png({ palette: true })
  .toFile(path.join(import.meta.dirname, 'images', 'pose-and-depth.png'));
