// Full training on a small set: it learns, it goes on after an interruption with the same result, it refuses what does not fit.

import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../src/core/data/index.js';
import { FitFolder, fitNetwork } from '../../src/core/fit/index.js';
import { loadEncoder, readNetwork } from '../../src/core/model/index.js';
import { parseTrainPreset } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { blocked } from '../graph/run.js';
import { smallTraining } from './small-training.js';

const genotype = '[[1,[0,1,2,9],[1,0,0,3]],[[0,1],[4,0]]]';
/** Three steps an epoch, as the whole network has them. */
const stage1 = `
  stage1: { samples: 12, epochs: 2, batch: 4, learningRate: 0.01, weightDecay: 1.0e-5, clipNorm: 3, polyakDecay: 0.5, framing: { kind: resize, width: 48, height: 40 } }`;

const text = (batchNorm: string): string =>
  smallTraining({
    '  framing: {': '  classWeights: [1, 1.5, 1]\n  framing: {',
    'mirror: true': 'mirror: true, jitter: { brightness: 0.2, contrast: 0.2, saturation: 0.2 }',
    'batchNorm: frozen': `batchNorm: ${batchNorm}`,
  });

const folder = await temporaryFolder();
const encoder = await loadEncoder('movenet');
beforeAll(() => writeStripeFolder(path.join(folder, 'data'), { train: 14, val: 4 }));

async function begin(name: string, batchNorm = 'frozen', more = '') {
  const preset = parseTrainPreset(text(batchNorm) + more, 'test');
  const data = path.join(folder, 'data');
  const out = await FitFolder.create(path.join(folder, name), { data, genotype, seed: 3, preset }, encoder);
  const dataset = await openDataset(data, { classes: 3, ignore: 255, names: ['a', 'b', 'c'] });
  const go = async (interruptAt?: number, onTaps = () => {}) => {
    const abort = new AbortController();
    let steps = 0;
    return fitNetwork(blocked, {
      folder: out,
      preset,
      genotype: parseGenotype(genotype),
      dataset,
      encoder: await out.readEncoder(),
      random: seededRandom(3),
      onTaps,
      onStep: () => {
        if (++steps === interruptAt) abort.abort();
      },
      signal: abort.signal,
    });
  };
  return { out, go };
}

const bytes = (out: FitFolder, name: string): Promise<Buffer> => readFile(out.path(name));

describe('full training', () => {
  test.each(['frozen', 'trained'])(
    'learns, validates every second epoch, keeps best and last (batch normalisation %s)',
    async (batchNorm) => {
      const { out, go } = await begin(`whole-${batchNorm}`, batchNorm);
      const { history, best, interrupted } = await go();
      expect(interrupted).toBe(false);
      expect(history.map(({ epoch, metrics }) => [epoch, metrics !== undefined])).toEqual([
        [1, false],
        [2, true],
        [3, false],
        [4, true],
      ]);
      expect(history[3]?.loss).toBeLessThan(history[0]?.loss ?? 0);
      // Running statistics that learn have not come far in twelve steps.
      expect(best?.metrics?.['meanIoU']).toBeGreaterThan(batchNorm === 'frozen' ? 0.3 : 0.1);
      const network = await readNetwork(out.path('last.safetensors'));
      expect(network.description.task).toMatchObject({ task: 'segmentation', classes: ['a', 'b', 'c'], ignore: 255 });
      const trained = network.tensors.get('encoder.layer3.0.conv.0.weight')?.data;
      expect(trained).not.toEqual(encoder.tensors.get('layer3.0.conv.0.weight')?.data);
      const statistic = network.tensors.get('encoder.layer3.0.conv.1.running_mean')?.data;
      const pretrained = encoder.tensors.get('layer3.0.conv.1.running_mean')?.data;
      if (batchNorm === 'frozen') expect(statistic).toEqual(pretrained);
      else expect(statistic).not.toEqual(pretrained);
    },
  );

  test('interrupted in the middle of epochs and resumed: every byte the same', async () => {
    const whole = await begin('uninterrupted');
    await whole.go();
    const parts = await begin('interrupted');
    expect((await parts.go(2)).interrupted).toBe(true);
    expect((await parts.go(5)).interrupted).toBe(true);
    expect((await parts.go(1)).interrupted).toBe(true);
    expect((await parts.go()).interrupted).toBe(false);
    for (const name of ['last.safetensors', 'best.safetensors'])
      expect((await bytes(parts.out, name)).equals(await bytes(whole.out, name)), name).toBe(true);
    const withoutTimes = async (out: FitFolder): Promise<unknown[]> =>
      (await bytes(out, 'metrics.jsonl'))
        .toString()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ ...JSON.parse(line), seconds: 0 }));
    expect(await withoutTimes(parts.out)).toEqual(await withoutTimes(whole.out));
  });

  test('a first stage trains the decoder alone, on which the whole network goes on', async () => {
    const { out, go } = await begin('two stages', 'frozen', stage1);
    const first = await go(6);
    expect(first.history.map(({ epoch, stage }) => [epoch, stage])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    const alone = await readNetwork(out.path('last.safetensors'));
    for (const [name, { data }] of encoder.tensors) expect(alone.tensors.get(`encoder.${name}`)?.data, name).toEqual(data);
    // Left with the first step of the whole network: it began where the decoder was.
    await rm(out.path('taps'), { recursive: true });
    const computed = { taps: 0 };
    expect((await go(1, () => void computed.taps++)).interrupted).toBe(true);
    expect(computed.taps).toBe(0);
    const { stage, position } = (await out.checkpoint()) ?? {};
    expect([stage, position?.epoch, position?.step]).toEqual([undefined, 0, 1]);
    const { history, interrupted } = await go();
    expect(interrupted).toBe(false);
    expect(history.map(({ epoch, stage, metrics }) => [epoch, stage, metrics !== undefined])).toEqual([
      [1, 1, false],
      [2, 1, true],
      [3, undefined, false],
      [4, undefined, true],
      [5, undefined, false],
      [6, undefined, true],
    ]);
    expect(history[2]?.loss).toBeLessThan(history[0]?.loss ?? 0);
    await expect(stat(out.path('taps'))).rejects.toThrow(/ENOENT/);
  });

  test('two stages interrupted in each and between them, and resumed: every byte the same', async () => {
    const whole = await begin('two stages at once', 'frozen', stage1);
    let computed = 0;
    await whole.go(undefined, () => {
      computed++;
    });
    expect(computed).toBeGreaterThan(0);
    const parts = await begin('two stages in parts', 'frozen', stage1);
    const again: number[] = [];
    for (const interruptAt of [2, 4, 1, 4, undefined]) {
      let taps = 0;
      await parts.go(interruptAt, () => {
        taps++;
      });
      again.push(taps);
    }
    // The encoder's outputs are computed once.
    expect(again).toEqual([computed, 0, 0, 0, 0]);
    for (const name of ['last.safetensors', 'best.safetensors'])
      expect((await bytes(parts.out, name)).equals(await bytes(whole.out, name)), name).toBe(true);
  });

  test('a folder that holds a training is not begun again; one that holds none is not resumed', async () => {
    await begin('twice');
    await expect(begin('twice')).rejects.toThrow(/twice: holds a training already; resume it, or give another folder/);
    await expect(FitFolder.open(path.join(folder, 'nowhere'))).rejects.toThrow(/there is no training in it/);
  });
});

test('a configuration of any length is not read to its end', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'config.yaml'), '['.repeat(2 ** 20));
  await expect(FitFolder.open(folder)).rejects.toThrow(/config\.yaml: cannot be read \(it has 1048576 bytes; at most 131072 are read\)/);
});
