// What a search keeps between its sessions and candidates read, damaged by a single bit: no candidate is scored by it. An error
// while it is used, which is the machine's; made again when the search is prepared.

import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDataset, streamSamples } from '../../src/core/data/index.js';
import { cardOfModel, exportNetwork, freshNetwork, loadEncoder, Predictor } from '../../src/core/model/index.js';
import { parsePreset } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import {
  evaluateCandidate,
  machineErrorOf,
  openContext,
  openTeacherLogits,
  prepareTaps,
  storedTeacherLogits,
} from '../../src/core/search/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { closeTapCache } from '../../src/core/train/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { demoPreset } from '../preset/demo-preset.js';
import { maskDescription } from '../task/mask-task.js';

const preset = parsePreset(demoPreset({ data: 'data: { classes: [a, b, c], ignore: 255, metaTrainShare: 0.75 }' }), 'mine.yaml');
const encoder = await loadEncoder('movenet');
const genotype = parseGenotype('[[1], [[0,1]]]');

const data = await temporaryFolder();
await writeStripeFolder(data, { train: 8, val: 2 });
const dataset = await openDataset(data, { classes: 3, ignore: 255, names: ['a', 'b', 'c'] });
const setting = { preset, dataset, encoder, random: seededRandom(1) };

async function flip(file: string, place: number): Promise<void> {
  const bytes = await readFile(file);
  const at = place < 0 ? bytes.length + place : place;
  bytes[at] = (bytes[at] ?? 0) ^ 0x40;
  await writeFile(file, bytes);
}

async function rewardFrom(taps: string): Promise<number> {
  const context = await openContext(portable, setting, taps);
  try {
    return (await evaluateCandidate(context, genotype, { random: seededRandom(5) })).reward;
  } finally {
    closeTapCache(context.train);
    closeTapCache(context.validation);
  }
}

describe('cached taps', () => {
  let whole: string;
  let reward: number;
  beforeAll(async () => {
    whole = await temporaryFolder();
    await prepareTaps(portable, setting, whole);
    reward = await rewardFrom(whole);
  });

  test.each([
    ['train', 'tap1.f32', 40],
    ['validation', 'tap0.f32', -500],
    ['train', 'targets.bin', 17],
    ['validation', 'targets.bin', -1],
  ] as const)('%s/%s', async (part, name, place) => {
    const taps = await temporaryFolder();
    for (const folder of ['train', 'validation']) await writeCopy(path.join(whole, folder), path.join(taps, folder));
    await flip(path.join(taps, part, name), place);
    const error: unknown = await rewardFrom(taps).catch((reason: unknown) => reason);
    // The search pauses with it; no architecture is scored 0 for it.
    expect(machineErrorOf(error)).toMatchObject({
      suspect: false,
      message: expect.stringMatching(/made again when|resume, and it is made again/),
    });
    const notes: string[] = [];
    await prepareTaps(portable, { ...setting, onNote: (text) => notes.push(text) }, taps);
    expect(notes).toEqual([
      expect.stringMatching(new RegExp(`${part}.*${name}.*: the ${part === 'train' ? 'training' : part} taps are computed again$`)),
    ]);
    expect(await rewardFrom(taps)).toBe(reward);
  });

  async function writeCopy(from: string, to: string): Promise<void> {
    await mkdir(to, { recursive: true });
    for (const name of await readdir(from)) await copyFile(path.join(from, name), path.join(to, name));
  }
});

test("a teacher's logits: computed once, read again while they are whole, and computed again where a bit is another", async () => {
  const folder = await temporaryFolder();
  const network = freshNetwork({ genotype, task: maskDescription(3), width: 8, sepRepeats: 1 }, seededRandom(3));
  const file = path.join(folder, 'teacher.onnx');
  const model = exportNetwork(network);
  await writeFile(file, model);
  const predictor = await Predictor.of(portable, model, cardOfModel(model, file), file);
  const framing = { kind: 'resize', width: 48, height: 40 } as const;
  const requests = dataset.train.slice(0, 3).map((sample) => ({ sample, seed: 0 }));
  let computed = 0;
  const store = async (): Promise<string> =>
    storedTeacherLogits(
      { file, predictor },
      requests,
      framing,
      () => {
        computed++;
        return streamSamples(requests, framing, dataset.labelling);
      },
      { count: 3, outputs: 3, size: [10, 12] },
      path.join(folder, 'kept'),
    );
  const kept = await store();
  const rows = (): Uint16Array => {
    const opened = openTeacherLogits(kept, 3, 3, [10, 12]).rows;
    const values = opened.gather([0, 1, 2]);
    opened.close();
    return values;
  };
  const logits = rows();
  expect(new Set(logits).size).toBeGreaterThan(10);
  expect(await store()).toBe(kept);
  expect(computed).toBe(1);
  for (const [n, place] of [9, 900, -2].entries()) {
    await flip(kept, place);
    expect(rows).toThrow(/row [012] has other contents/);
    expect(await store()).toBe(kept);
    expect(computed).toBe(2 + n);
    expect(rows()).toEqual(logits);
  }
  // Nothing beside it is left.
  expect(await readdir(path.join(folder, 'kept'))).toEqual([path.basename(kept)]);
  await predictor.close();
});
