// The search loop with a synthetic evaluator, for tests.

import path from 'node:path';
import { loadEncoder } from '../../src/core/model/index.js';
import { RandomSearch } from '../../src/core/policy/index.js';
import { loadPreset } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { type Evaluate, type EvaluationContext, InProcess, RunFolder, search, type SearchOptions } from '../../src/core/search/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { maskDescription, maskTask } from '../task/mask-task.js';
import { decoderWeights } from './weights.js';

const encoder = await loadEncoder('movenet');
const cache = { count: 1, shapes: [], taps: [], targets: new Uint8Array(), targetShape: [64, 96], imageShape: [64, 96] } as const;
export const context: EvaluationContext = {
  runtime: portable,
  task: maskTask(3),
  stage1: {
    epochs: 1,
    batch: 1,
    decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 },
    optimiser: { learningRate: 1, weightDecay: 0, clipNorm: 1, polyakDecay: 0.9 },
  },
  train: cache,
  validation: cache,
};

/** The share of 3×3 separable convolutions, with a little noise from the candidate's own generator. */
export const synthetic: Evaluate = async (_context, genotype, { random }) => {
  const ops = [genotype.cell.first, ...genotype.cell.rounds.flatMap((round) => round.ops)];
  const reward = ops.filter((op) => op === 2).length / ops.length + 0.01 * random.next();
  return {
    reward,
    firstReward: reward,
    rungs: [],
    metrics: { meanIoU: reward },
    loss: 1 - reward,
    epochs: [
      { stage: 1, epoch: 1, loss: 1 },
      { stage: 1, epoch: 2, loss: 1 - reward },
    ],
    steps: 3,
    stage: 1,
    trainSeconds: 0,
    validationSeconds: 0,
    parameters: decoderWeights(genotype, 1),
  };
};

export const preset = await loadPreset('demo');

export async function runWith(evaluate: Evaluate, options: Partial<SearchOptions> = {}, seed = 1) {
  const run = options.run ?? (await RunFolder.create(path.join(await temporaryFolder(), 'run')));
  await run.writeConfig({ seed, data: 'nowhere', preset });
  const store = options.store ?? run.openStore();
  const policy = new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(seed).fork('policy'));
  const executor = new InProcess(context, seed, evaluate);
  const { decoder } = context.stage1;
  const base = { run, store, policy, executor, encoder, task: maskDescription(3), decoder, inputSize: [64, 96] as const, seed };
  const result = await search({ ...base, candidates: 6, ...options });
  const epochs = store.epochs(1);
  store.close();
  return { run, result, epochs };
}
