// What the search itself takes per candidate, with an evaluator that takes no time: node bench/coordinator.js [CANDIDATES] [STRATEGY]
// Prints milliseconds a candidate and the memory in use, for every tenth of the candidates.

import '../dist/platform/node/use-sqlite.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadEncoder } from '../dist/core/model/index.js';
import { loadPreset } from '../dist/core/preset/index.js';
import { seededRandom } from '../dist/core/random/index.js';
import { nodeRuntime } from '../dist/platform/node/runtime.js';
import { candidateRandom, createPolicy, RunFolder, search } from '../dist/core/search/index.js';

const candidates = Number(process.argv[2] ?? 10_000);
const strategy = process.argv[3] ?? 'random';
const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-coordinator-'));
const preset = { ...(await loadPreset('demo')), strategy };
const run = await RunFolder.create(path.join(folder, 'run'));
const store = run.openStore();
const policy = await createPolicy(await nodeRuntime({ layout: 'portable' }), preset, seededRandom(1));
const executor = {
  slots: 1,
  evaluate: async ({ index }) => {
    const reward = 0.5 * candidateRandom(1, index).next();
    const common = { reward, firstReward: reward, metrics: { meanIoU: reward }, loss: 1, steps: 1, stage: 1 };
    return { ...common, epochs: [], rungs: [], trainSeconds: 0, validationSeconds: 0, parameters: new Map() };
  },
  close: async () => {},
};
let last = performance.now();
await search({
  run,
  store,
  policy,
  executor,
  encoder: await loadEncoder('movenet'),
  task: { task: 'segmentation', classes: ['a', 'b', 'c'] },
  decoder: { width: 16, sepRepeats: 1 },
  inputSize: [64, 96],
  seed: 1,
  candidates,
  observer: {
    onTrial: ({ index }) => {
      if (index % (candidates / 10) !== 0) return;
      globalThis.gc?.();
      const heap = (process.memoryUsage().heapUsed / 2 ** 20).toFixed(0);
      const ms = ((performance.now() - last) / (candidates / 10)).toFixed(2);
      console.log(`${index} candidates: ${ms} ms each, ${heap} MiB in use`);
      last = performance.now();
    },
  },
});
store.close();
await policy.close();
await rm(folder, { recursive: true });
