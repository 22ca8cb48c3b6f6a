// One candidate with both stages; what its training may see; and what ends it early, also after a resume.

import { decode } from 'fast-png';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../src/core/data/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { parsePreset } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import {
  type CandidateTicket,
  EarlyStop,
  evaluateCandidate,
  type EvaluationContext,
  openContext,
  prepareTaps,
  splitTraining,
} from '../../src/core/search/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { validateDecoder, validateNetwork } from '../../src/core/train/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';

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
  epochs: 3
  batch: 4
  learningRate: 1.0e-2
  weightDecay: 0
  clipNorm: 3
  polyakDecay: 0.5
  framing: { kind: resize, width: 48, height: 32 }
stage2:
  epochs: 2
  batch: 4
  learningRate: 1.0e-2
  weightDecay: 0
  clipNorm: 3
  polyakDecay: 0.5
  framing: { kind: resize, width: 48, height: 32 }
  encoder: { learningRate: 1.0e-2, momentum: 0.9, weightDecay: 0, clipNorm: 3, batchNorm: frozen }
progressiveStop: { decay: 0.9, initial: 0.01, tolerance: 0.5, multipliers: { 2: 0.5 } }
halving: { rungs: [1, 2], eta: 2 }
validation: { framing: { kind: resize, width: 64, height: 32 } }
controller:
  hidden: 8
  layers: 2
  conditioning: none
  learningRate: 1.0e-3
  clipNorm: 2
  entropyCoefficient: 0
  baselineDecay: 0.95
  ppo: { clipCoefficient: 0.1, bufferSize: 100, minibatch: 10 }
strategy: random
candidates: 2
`,
  'test',
);
const genotype = parseGenotype('[[1, [0,1,2,9]], [[0,1]]]');
const random = seededRandom(1);
const encoder = await loadEncoder('movenet');

const folder = await temporaryFolder();
await writeStripeFolder(folder, { train: 12, val: 2 });
const dataset = await openDataset(folder, { classes: 3, ignore: 255, names: ['a', 'b', 'c'] });

/** Over the classes of the truth. */
function meanIoU(truth: ArrayLike<number>, seen: ArrayLike<number>, classes: number): number {
  const ious = Array.from({ length: classes }, (_, c) => {
    let [both, either, own] = [0, 0, 0];
    for (let i = 0; i < truth.length; i++) {
      const [t, p] = [truth[i] === c, seen[i] === c];
      if (truth[i] === 255) continue;
      if (t && p) both++;
      if (t || p) either++;
      if (t) own++;
    }
    return own === 0 ? undefined : both / either;
  }).filter((iou) => iou !== undefined);
  return ious.reduce((a, b) => a + b, 0) / ious.length;
}

describe('one candidate', () => {
  let context: EvaluationContext;
  beforeAll(async () => {
    const taps = await temporaryFolder();
    const setting = { preset, dataset, encoder, random };
    await prepareTaps(portable, setting, taps);
    context = await openContext(portable, setting, taps);
  });
  const evaluate = (ticket?: CandidateTicket, of = context) => evaluateCandidate(of, genotype, { random: seededRandom(5), ticket });

  test('the second stage is trained on what the first is, and both are scored on the rest', () => {
    const { metaTrain, metaVal } = splitTraining(dataset, 0.75, random.fork('split'));
    const files = (samples: readonly { readonly image: string }[]): string[] => samples.map(({ image }) => image).toSorted();
    expect([metaTrain.length, metaVal.length]).toEqual([9, 3]);
    // Disjoint, and together the training list: nothing of the validation list.
    expect(new Set([...files(metaTrain), ...files(metaVal)])).toEqual(new Set(files(dataset.train)));
    expect(new Set([...files(metaTrain), ...files(metaVal)]).size).toBe(12);
    expect(files(context.stage2?.samples ?? [])).toEqual(files(metaTrain));
    expect([context.train.count, context.validation.count, context.stage2?.validation.count]).toEqual([12, 3, 3]);
    expect(context.stage2?.validation.imageShape).toEqual([32, 64]);
  });

  test('who inherits begins where its parent ended, and has fewer epochs', async () => {
    const { stage2: _, ...single } = context;
    const parent = await evaluate(undefined, single);
    const inherited = { genotype, weights: parent.parameters, epochs: 1 };
    const child = await evaluateCandidate(single, genotype, { random: seededRandom(6), inherited });
    const fresh = await evaluateCandidate({ ...single, stage1: { ...single.stage1, epochs: 1 } }, genotype, { random: seededRandom(6) });
    expect([parent.steps, child.steps, fresh.steps]).toEqual([9, 3, 3]);
    expect(child.loss).toBeLessThan(parent.epochs[0]?.loss ?? 0);
    expect(child.loss).toBeLessThan(0.9 * fresh.loss);
  });

  test('two stages: the reward is that of the second, the first is kept beside it', async () => {
    const { stage2, ...single } = context;
    const onlyFirst = await evaluate(undefined, single);
    expect(onlyFirst).toMatchObject({ stage: 1, steps: 9, rungs: [] });
    expect(onlyFirst.reward).toBe(onlyFirst.firstReward);
    const decoded = await validateDecoder(portable, context.validation, {
      genotype,
      decoder: context.stage1.decoder,
      task: context.task,
      parameters: onlyFirst.parameters,
    });
    expect(onlyFirst.reward).toBeCloseTo(context.task.reward(decoded.metrics), 9);

    const both = await evaluate();
    expect(both).toMatchObject({ stage: 2, steps: 9 + 4, rungs: [] });
    expect(both.firstReward).toBe(onlyFirst.firstReward);
    expect(both.reward).not.toBe(both.firstReward);
    expect(both.reward).toBe(context.task.reward(both.metrics));
    expect(both.epochs.map(({ stage, epoch }) => [stage, epoch])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
      [2, 2],
    ]);
    expect(both.epochs.slice(0, 3)).toEqual(onlyFirst.epochs);
    expect(both.loss).toBe(both.epochs[4]?.loss);
    // The weights that it gives are those that were scored: averages, of the encoder too.
    const name = 'encoder.layer3.0.conv.0.weight';
    expect(both.parameters.get(name)).not.toEqual(encoder.tensors.get('layer3.0.conv.0.weight')?.data);
    if (!stage2) throw new Error('no second stage');
    const again = await validateNetwork(portable, stage2.validation, encoder, {
      genotype,
      decoder: context.stage1.decoder,
      task: context.task,
      parameters: both.parameters,
    });
    expect(again.metrics).toEqual(both.metrics);
    expect(again.pictures).toEqual([]);
    // Three images score it, so all are shown, best first; each score is what the picture itself says.
    const { pictures = [] } = both;
    expect(pictures.map(({ image }) => image).toSorted()).toEqual([0, 1, 2]);
    expect(pictures.map(({ score }) => score)).toEqual(pictures.map(({ score }) => score).toSorted((a, b) => b - a));
    for (const { image, score, picture } of pictures) {
      const truth = stage2.validation.targets.subarray(image * 32 * 64, (image + 1) * 32 * 64);
      expect(score).toBeCloseTo(meanIoU(truth, decode(picture).data, 3), 12);
    }
  });

  test('the progressive stop lets by what is above, and ends what is below with its first reward', async () => {
    const stop = (running: number) => ({ progressive: { running, decay: 0.9, share: 0 } });
    const stopped = await evaluate(stop(0.99));
    expect(stopped).toMatchObject({ stage: 1, steps: 9 });
    expect(stopped.reward).toBe(stopped.firstReward);
    expect([...stopped.parameters.keys()].some((name) => name.startsWith('encoder.'))).toBe(false);
    expect((await evaluate(stop(0))).stage).toBe(2);
  });

  test('halving ends it at a rung, with the reward that it had there', async () => {
    const halving = (first: number | null, second: number | null) => ({
      halving: [
        { epoch: 1, threshold: first },
        { epoch: 2, threshold: second },
      ],
    });
    const early = await evaluate(halving(0.99, null));
    expect(early).toMatchObject({ stage: 1, steps: 3, rungs: [{ epoch: 1 }] });
    expect(early.reward).toBe(early.rungs[0]?.reward);
    const later = await evaluate(halving(0, 0.99));
    expect(later).toMatchObject({ stage: 1, steps: 6 });
    expect(later.rungs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(later.reward).toBe(later.rungs[1]?.reward);
    expect(later.rungs[0]).toEqual(early.rungs[0]);
    // Whoever passes both has all epochs and the second stage.
    expect(await evaluate(halving(null, 0))).toMatchObject({ stage: 2, steps: 9 + 4, rungs: [{ epoch: 1 }, { epoch: 2 }] });
  });
});

describe('early stops after a resume', () => {
  test('bind as before: the same tickets, with thresholds, from the state as it is stored', () => {
    const whole = new EarlyStop(preset);
    for (const [k, firstReward] of [0.2, 0.5, 0.4].entries())
      whole.observe({
        firstReward,
        rungs: [
          { epoch: 1, reward: 0.1 + 0.1 * k },
          { epoch: 2, reward: 0.3 + 0.1 * k },
        ].slice(0, k === 1 ? 1 : 2),
      });
    const again = new EarlyStop(preset, JSON.parse(JSON.stringify(whole.state())));
    const [one, other] = [whole.ticket(seededRandom(1)), again.ticket(seededRandom(1))];
    expect(other).toEqual(one);
    // Rungs of three and of two: with the next that is four and three, of which two and one go on.
    expect(one.halving).toEqual([
      { epoch: 1, threshold: expect.closeTo(0.2, 9) },
      { epoch: 2, threshold: expect.closeTo(0.5, 9) },
    ]);
    // m ← 0.9 m + 0.1 r; δ halved since the second.
    const running = ((0.01 * 0.9 + 0.02) * 0.9 + 0.05) * 0.9 + 0.04;
    expect(one.progressive?.running).toBeCloseTo(running, 9);
    expect(one.progressive?.share).toBeCloseTo(0.25 * seededRandom(1).next(), 9);
    // A fresh one would bind nobody.
    expect(new EarlyStop(preset).ticket(seededRandom(1)).halving).toEqual([
      { epoch: 1, threshold: null },
      { epoch: 2, threshold: null },
    ]);
  });

  test('by learning curves: what was ended is not fitted on, and the fit is stored', () => {
    const { halving: _, ...others } = preset;
    const own = { ...others, learningCurveStop: { rungs: [1], places: 1, deviations: 0, warmUp: 3 } };
    const whole = new EarlyStop(own);
    for (const firstReward of [0.2, 0.4, 0.6]) whole.observe({ firstReward, rungs: [{ epoch: 1, reward: firstReward / 2 }] });
    const ticket = whole.ticket(seededRandom(1));
    expect(ticket.halving).toEqual([{ epoch: 1, threshold: expect.closeTo(0.3, 9) }]);
    whole.observe({ firstReward: 0.1, rungs: [{ epoch: 1, reward: 0.1 }] }, ticket);
    const again = new EarlyStop(own, JSON.parse(JSON.stringify(whole.state())));
    expect(again.ticket(seededRandom(1)).halving).toEqual(ticket.halving);
    again.observe({ firstReward: 0.9, rungs: [{ epoch: 1, reward: 0.4 }] }, ticket);
    expect(again.ticket(seededRandom(1)).halving).not.toEqual(ticket.halving);
  });
});
