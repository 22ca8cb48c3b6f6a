// A whole search by the core alone: data read, taps computed, two candidates trained and scored, the best one's weights kept.
// Whoever calls it has said where it runs.

import { openDataset } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { files, path } from '../../src/core/platform/index.js';
import { parsePreset, taskOf } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import type { Runtime } from '../../src/core/runtime/index.js';
import { createPolicy, InProcess, openContext, prepareTaps, RunFolder, search } from '../../src/core/search/index.js';
import { readNetwork } from '../../src/core/model/index.js';

export const classes = ['a', 'b', 'c'];

const seed = 1;
const preset = parsePreset(
  `
task: segmentation
data: { classes: [a, b, c], ignore: 255, metaTrainShare: 0.75 }
reward: { excluded: [] }
encoder: movenet
space: { blocks: 1, rounds: 1 }
decoder: { width: 8, sepRepeats: 1, auxiliaryWeight: 0.15 }
stage1:
  samples: 12
  epochs: 1
  batch: 4
  learningRate: 1.0e-2
  weightDecay: 0
  clipNorm: 3
  polyakDecay: 0.5
  framing: { kind: random, side: 40, width: 48, height: 32, scale: [0.8, 1.2], mirror: true }
validation: { framing: { kind: resize, width: 64, height: 32 } }
strategy: random
candidates: 2
`,
  'test',
);

export interface SearchedAnywhere {
  /** Of each step of each candidate. */
  readonly losses: readonly number[];
  readonly trials: readonly { readonly genotype: unknown; readonly reward: number }[];
  /** Parameters of the best network that was kept and read again. */
  readonly bestTensors: number;
}

/** @param data the folder of the pictures @param out of the run */
export async function searchAnywhere(runtime: Runtime, data: string, out: string): Promise<SearchedAnywhere> {
  const dataset = await openDataset(data, { classes: classes.length, ignore: 255, names: classes });
  const encoder = await loadEncoder('movenet');
  const random = seededRandom(seed);
  const run = await RunFolder.create(out);
  const store = run.openStore();
  const setting = { preset, dataset, encoder, random };
  const taps = path.join(out, 'taps');
  await prepareTaps(runtime, setting, taps);
  const executor = new InProcess(await openContext(runtime, setting, taps), seed);
  const policy = await createPolicy(runtime, preset, random.fork('policy'), undefined);
  const losses: number[] = [];
  const { trials } = await search({
    run,
    store,
    policy,
    executor,
    encoder,
    task: taskOf(preset, preset.validation.framing).description,
    decoder: preset.decoder,
    inputSize: [32, 64],
    seed,
    candidates: preset.candidates,
    observer: { onStep: (_, { loss }) => losses.push(loss) },
  });
  await executor.close();
  await policy.close();
  for (const { error } of trials) if (error !== undefined) throw new Error(error);
  const best = await readNetwork(run.path('best.safetensors'));
  await files().remove(taps);
  return {
    losses,
    trials: trials.map(({ genotype, reward }) => ({ genotype, reward })),
    bestTensors: best.tensors.size,
  };
}
