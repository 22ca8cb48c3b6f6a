// A search with a synthetic evaluator, in a process of its own that the tests kill: node synthetic-search.js RUN CANDIDATES.
// It takes no time to speak of and is as long as a real one in everything else: strategy, store, best network.

import '../../dist/platform/node/use-sqlite.js';
import { loadEncoder } from '../../dist/core/model/index.js';
import { loadPreset } from '../../dist/core/preset/index.js';
import { seededRandom } from '../../dist/core/random/index.js';
import { nodeRuntime } from '../../dist/platform/node/runtime.js';
import { candidateRandom, createPolicy, RunFolder, search } from '../../dist/core/search/index.js';
import { decoderWeightsOf } from './program-weights.js';

const [folder, candidates] = process.argv.slice(2);
const seed = 1;
const preset = { ...(await loadPreset('demo')), strategy: process.argv[4] ?? 'ppo' };
const runtime = await nodeRuntime({ layout: 'portable' });
const run = RunFolder.open(folder);
const store = run.openStore();
const saved = store.resume();
const policy = await createPolicy(runtime, preset, seededRandom(seed).fork('policy'), saved?.policy);
const executor = {
  slots: 1,
  evaluate: async ({ index, genotype }) => {
    const ops = [genotype.cell.first, ...genotype.cell.rounds.flatMap((round) => round.ops)];
    const reward = ops.filter((op) => op === 2).length / ops.length + 0.01 * candidateRandom(seed, index).next();
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (index % 7 === 0) throw new Error('this one cannot be trained');
    return {
      reward,
      firstReward: reward,
      rungs: [],
      metrics: { meanIoU: reward },
      loss: 1 - reward,
      epochs: [{ stage: 1, epoch: 1, loss: 1 - reward }],
      steps: 3,
      stage: 1,
      trainSeconds: 1,
      validationSeconds: 1,
      parameters: decoderWeightsOf(genotype, index),
    };
  },
  close: async () => {},
};
process.send?.('begun');
await search({
  run,
  store,
  policy,
  executor,
  encoder: await loadEncoder('movenet'),
  task: { task: 'segmentation', classes: ['a', 'b', 'c'] },
  decoder: { width: 16, sepRepeats: 1 },
  inputSize: [64, 96],
  seed,
  candidates: Number(candidates),
  pending: saved?.pending ?? [],
});
await policy.close();
store.close();
