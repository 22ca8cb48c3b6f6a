// A training's folder: what it keeps comes back as it was, what is damaged or another's is refused by name, one process at a time.

import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Checkpoint, type FitSetting, FitFolder, fitDifferences, readCheckpoint } from '../../src/core/fit/index.js';
import { loadEncoder, writeSafetensors } from '../../src/core/model/index.js';
import { parseTrainPreset } from '../../src/core/preset/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { smallTraining } from './small-training.js';

const preset = parseTrainPreset(
  smallTraining({
    '{ kind: random, side: 40, width: 48, height: 40, scale: [0.8, 1.3], mirror: true }': '{ kind: resize, width: 48, height: 40 }',
  }),
  'test',
);
const encoder = await loadEncoder('movenet');
const config = { data: 'somewhere', genotype: 'fpn', seed: 3, preset };
const begin = async (): Promise<FitFolder> => FitFolder.create(path.join(await temporaryFolder(), 'fit'), config, encoder);

async function flip(file: string, share: number): Promise<void> {
  const bytes = await readFile(file);
  const at = Math.floor(share * (bytes.length - 1));
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

const bytesOf = (values: Float32Array | undefined): Uint8Array =>
  values ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength) : new Uint8Array();

describe('the folder', () => {
  test('comes back as it was made: configuration, encoder, nothing else', async () => {
    const made = await begin();
    const { folder, config: read } = await FitFolder.open(made.folder);
    expect(read).toEqual(config);
    const { tensors } = await folder.readEncoder();
    expect([...tensors.keys()].toSorted()).toEqual([...encoder.tensors.keys()].toSorted());
    for (const [name, { shape, data }] of encoder.tensors) {
      expect(tensors.get(name)?.shape, name).toEqual(shape);
      expect(Buffer.compare(bytesOf(tensors.get(name)?.data), bytesOf(data)), name).toBe(0);
    }
    expect(await folder.checkpoint()).toBeUndefined();
    expect(await folder.begun()).toBeUndefined();
    expect((await readdir(made.folder)).toSorted()).toEqual(['config.yaml', 'encoder.safetensors']);
    await folder.writeConfig({ ...config, data: 'elsewhere' });
    expect((await FitFolder.open(made.folder)).config.data).toBe('elsewhere');
  });

  test('where it cannot be made: the folder, the reason, and another one', async () => {
    const file = path.join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(FitFolder.create(path.join(file, 'fit'), config, encoder)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/file\/fit: cannot be written \(.*\); give another folder$/),
      about: ['out'],
    });
  });

  test('a configuration that is missing, or cannot be read', async () => {
    const empty = await temporaryFolder();
    await expect(FitFolder.open(empty)).rejects.toThrow(`${empty}: there is no training in it (no config.yaml); give the folder that`);
    await mkdir(path.join(empty, 'config.yaml'));
    await expect(FitFolder.open(empty)).rejects.toThrow(/config\.yaml: cannot be read \(/);
  });

  test('two owners: the second is told who the first is, and changes nothing', async () => {
    const made = await begin();
    const lock = await made.claim();
    const other = (await FitFolder.open(made.folder)).folder;
    await expect(other.claim()).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(
        new RegExp(`^${made.folder}: .*${process.pid}.*${hostname()}|^${made.folder}: .*${hostname()}.*${process.pid}`),
      ),
    });
    expect((await FitFolder.open(made.folder)).config).toEqual(config);
    await lock.release();
    await (await other.claim()).release();
  });

  test.each([0.02, 0.5, 0.999])('an encoder with a flipped bit (at %d of the file) is not gone on with', async (share) => {
    const made = await begin();
    await flip(made.path('encoder.safetensors'), share);
    await expect(made.readEncoder()).rejects.toMatchObject({
      name: 'WeightsError',
      message: expect.stringContaining(made.path('encoder.safetensors')),
    });
  });

  test('the first stage: its decoder comes back; it goes with its taps, or without them where others share them', async () => {
    const made = await begin();
    const decoder = new Map([
      ['decoder.a', Float32Array.of(1, 2.5)],
      ['decoder.b', Float32Array.of(-3)],
    ]);
    await made.writeDecoder(decoder);
    expect(await made.readDecoder()).toEqual(decoder);
    await flip(made.path('decoder.safetensors'), 1);
    await expect(made.readDecoder()).rejects.toThrow(/decoder\.safetensors/);
    await mkdir(made.taps);
    await made.removeFirstStage(false);
    expect((await stat(made.taps)).isDirectory()).toBe(true);
    await expect(made.readDecoder()).rejects.toThrow(/decoder\.safetensors/);
    await made.removeFirstStage(true);
    await expect(stat(made.taps)).rejects.toThrow('ENOENT');
    // Nothing is there any more, which is all right.
    await made.removeFirstStage(true);
  });

  test('metrics are a line an epoch', async () => {
    const made = await begin();
    const history = [
      { epoch: 1, stage: 1 as const, loss: 2, seconds: 3 },
      { epoch: 2, loss: 1, seconds: 4, metrics: { meanIoU: 0.5 } },
    ];
    await made.writeMetrics(history);
    const lines = (await readFile(made.path('metrics.jsonl'), 'utf8')).split('\n');
    expect(lines.at(-1)).toBe('');
    expect(lines.slice(0, -1).map((line): unknown => JSON.parse(line))).toEqual(history);
  });
});

describe('a checkpoint', () => {
  const position = {
    epoch: 3,
    step: 2,
    loss: 0.75,
    vectors: new Map([
      ['parameters', Float32Array.of(1, 2, 3)],
      ['firstMoment', Float32Array.of(0, -1)],
    ]),
  };
  const history = [{ epoch: 1, loss: 2, seconds: 3, metrics: { meanIoU: 0.25 } }];

  test.each<Checkpoint>([
    { position, history, seconds: 1.5 },
    { stage: 1, position, history: [], seconds: 0 },
  ])('comes back as it was', async (checkpoint) => {
    const made = await begin();
    await made.writeCheckpoint(checkpoint);
    expect(await made.checkpoint()).toEqual(checkpoint);
  });

  test.each([
    ['without its position', {}],
    ['with a text that is no JSON', { training: '{"epoch": 3' }],
    ['with a null where a loss was NaN', { training: JSON.stringify({ epoch: 1, step: 0, loss: null, seconds: 0, history: [] }) }],
    ['of half a step', { training: JSON.stringify({ epoch: 1, step: 0.5, loss: 0, seconds: 0, history: [] }) }],
    ['of an epoch before the first', { training: JSON.stringify({ epoch: -1, step: 0, loss: 0, seconds: 0, history: [] }) }],
  ])('%s is refused by name', async (_, metadata) => {
    const file = path.join(await temporaryFolder(), 'checkpoint.safetensors');
    await writeSafetensors(file, { tensors: new Map(), metadata });
    await expect(readCheckpoint(file)).rejects.toMatchObject({
      name: 'WeightsError',
      message: `${file}: not a checkpoint; remove the folder and train anew`,
    });
  });

  test('with a flipped bit it is not gone on from', async () => {
    const made = await begin();
    await made.writeCheckpoint({ position, history, seconds: 0 });
    await flip(made.path('checkpoint.safetensors'), 1);
    await expect(made.checkpoint()).rejects.toThrow(/checkpoint\.safetensors/);
  });
});

describe('what a training was begun with', () => {
  const begun: FitSetting = { version: '0.3.1', genotype: 'fpn', seed: 3, preset, data: 'd', encoder: 'e' };

  test('is kept, and a file of it that cannot be read is named', async () => {
    const made = await begin();
    await made.writeBegun(begun);
    expect(await made.begun()).toEqual(begun);
    for (const text of ['{"version": 1}', '{']) {
      await writeFile(made.path('begun.json'), text);
      await expect(made.begun()).rejects.toThrow(`${made.path('begun.json')}: cannot be read; remove it to go on without comparing`);
    }
  });

  test.each<[string, Partial<FitSetting>, RegExp]>([
    ['version', { version: '0.4.0' }, /^it was begun by version 0\.3\.1, this is 0\.4\.0: go on with a 0\.3\.x$/],
    ['genotype', { genotype: 'unet' }, /^config\.yaml has been changed \(genotype\): put it back$/],
    ['seed', { seed: 4 }, /^config\.yaml has been changed \(seed\): put it back$/],
    ['preset', { preset: { ...preset, train: { ...preset.train, batch: 5 } } }, /^config\.yaml has been changed \(.*batch\): put it back$/],
    ['data', { data: 'x' }, /^the data's files have other contents: put them back, or name where they lie$/],
    ['encoder', { encoder: 'x' }, /^encoder\.safetensors has other weights: put the file back$/],
  ])('another %s is said', (_, change, text) => {
    expect(fitDifferences(begun, { ...begun, ...change })).toEqual([expect.stringMatching(text)]);
  });

  test('the same, or of a third number of the version alone: nothing', () => {
    expect(fitDifferences(begun, begun)).toEqual([]);
    expect(fitDifferences(begun, { ...begun, version: '0.3.9' })).toEqual([]);
    expect(fitDifferences(begun, { ...begun, version: '1.3.1', data: 'x', encoder: 'y', seed: 1 })).toHaveLength(4);
  });
});
