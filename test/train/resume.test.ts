// Both stages of a candidate are left between any two steps and go on from there with the same bytes, as full training does.

import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset, streamSamples } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import {
  buildTapCache,
  type StagePosition,
  type StageProgress,
  type StepReport,
  type TrainedNetwork,
  trainStage1,
  trainStage2,
} from '../../src/core/train/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { recordingRuntime } from '../graph/recording.js';
import { blocked } from '../graph/run.js';
import { maskTask } from '../task/mask-task.js';
import { thorough } from '../thorough.js';

const folder = await temporaryFolder();
await writeStripeFolder(folder, { train: 9, val: 1 }, 48, 40);
const dataset = await openDataset(folder, { classes: 3, ignore: 255 });
const encoder = await loadEncoder('movenet');
const task = maskTask(3);
const { labelling } = dataset;
const framing = { kind: 'random', side: 40, width: 48, height: 32, scale: [0.8, 1.3], mirror: true } as const;
const requests = dataset.train.map((sample, seed) => ({ sample, seed }));
const cache = await buildTapCache(blocked, streamSamples(requests, framing, labelling), {
  weights: encoder,
  count: requests.length,
  width: framing.width,
  height: framing.height,
  task,
  targets: 'training',
});
const recipe = {
  epochs: 3,
  batch: 4,
  decoder: { width: 8, sepRepeats: 1, auxiliaryWeight: 0.15 },
  optimiser: { learningRate: 1e-2, weightDecay: 1e-5, clipNorm: 3, polyakDecay: 0.9 },
};
const common = { genotype: parseGenotype('[[1, [0,1,2,9]], [[0,1]]]'), task };

const first = (progress: StageProgress): Promise<TrainedNetwork> =>
  trainStage1(blocked, cache, { ...common, ...progress, recipe, random: seededRandom(1) });
const decoder = (await first({})).parameters;
const second = (progress: StageProgress): Promise<TrainedNetwork> =>
  trainStage2(blocked, {
    ...common,
    ...progress,
    recipe: {
      ...recipe,
      encoder: { learningRate: 1e-2, momentum: 0.9, weightDecay: 1e-5, clipNorm: 3, batchNorm: 'frozen' },
      framing,
    },
    samples: dataset.train,
    labelling,
    encoder,
    decoder,
    random: seededRandom(1),
  });

/** Runs until so many steps are made, in this session of it. */
async function interrupt(train: (progress: StageProgress) => Promise<TrainedNetwork>, after: number, from?: StagePosition) {
  const abort = new AbortController();
  let position: StagePosition | undefined;
  const reports: StepReport[] = [];
  const training = train({
    from,
    onStep: (report) => {
      reports.push(report);
      if (reports.length === after) abort.abort();
    },
    signal: abort.signal,
    onInterrupted: (where) => {
      position = where;
    },
  });
  await expect(training).rejects.toThrow(/abort/i);
  if (!position) throw new Error('nobody said where it is');
  return { position, reports };
}

describe.each([
  ['stage 1', first],
  ['stage 2', second],
])('%s', (_name, train) => {
  let whole: TrainedNetwork;
  const reports: StepReport[] = [];
  beforeAll(async () => {
    whole = await train({ onStep: (report) => reports.push(report) });
  });

  // Nine samples in batches of four: two steps an epoch, six in all.
  test.each(thorough ? [1, 2, 5] : [2])('left after step %i', async (after) => {
    expect(reports.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    const { position, reports: before } = await interrupt(train, after);
    expect([position.epoch, position.step]).toEqual([Math.floor(after / 2), after % 2]);
    expect(position.losses).toEqual(whole.losses.slice(0, position.epoch));
    const behind: StepReport[] = [];
    const resumed = await train({ from: position, onStep: (report) => behind.push(report) });
    expect([...before, ...behind]).toEqual(reports);
    expect(resumed).toEqual(whole);
  });

  test('left twice', async () => {
    const { position } = await interrupt(train, 1);
    const again = await interrupt(train, 2, position);
    expect(await train({ from: again.position })).toEqual(whole);
  });

  test("another network's position is refused", async () => {
    const { position } = await interrupt(train, 1);
    const other = { ...position, vectors: new Map([...position.vectors].map(([name, data]) => [name, data.subarray(1)])) };
    await expect(train({ from: other })).rejects.toThrow(/\d+ values, expected \d+/);
  });
});

test('every epoch has an order of its own: what one generator draws, epoch by epoch', async () => {
  const { runtime, fed } = recordingRuntime('tap0');
  await trainStage1(runtime, cache, { ...common, recipe, random: seededRandom(1) });
  const order = seededRandom(1).fork('order');
  const expected = [0, 1, 2].flatMap(() => order.permutation(cache.count).slice(0, 8));
  const last = cache.shapes[3]?.reduce((a, b) => a * b, 1) ?? 0;
  const rowOf = new Map(requests.map((_, row) => [String(Array.from(cache.taps[3]?.gather([row]) ?? [], Number)), row]));
  // The last batch is looked at once more.
  const seen = fed.slice(0, 6).flatMap(({ tap3 = [] }) => [0, 1, 2, 3].map((b) => rowOf.get(String(tap3.slice(b * last, (b + 1) * last)))));
  expect(rowOf.size).toBe(cache.count);
  expect(seen).toEqual(expected);
});
