// What the command line takes as an architecture, and as the form of an export.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportCommand } from '../../src/cli/export.js';
import { readGenotype } from '../../src/cli/options.js';
import { readCard } from '../../src/core/model/model-card.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';
import { temporaryFolder } from '../data/fixtures.js';

const folder = await temporaryFolder();

describe('--genotype', () => {
  test('names of decoders that people designed, of published genotypes, JSON, and files with it', async () => {
    expect(await readGenotype('fpn')).toEqual({ kind: 'fpn' });
    const file = path.join(folder, 'genotype.json');
    await writeFile(file, '[[9],[[0,1]]]');
    expect(await readGenotype(file)).toEqual({ cell: { first: 9, rounds: [] }, connections: [[0, 1]] });
    await expect(readGenotype('pspnet')).rejects.toThrow(
      'nor arch0, arch1, arch2, lr-aspp, deeplabv3plus, fpn, unet, lw-refinenet, nor RUN#k',
    );
  });
});

describe('export', () => {
  const options = (more: Readonly<Record<string, unknown>>) => ({
    genotype: 'lr-aspp',
    classes: '3',
    output: path.join(folder, 'model.onnx'),
    overwrite: true,
    ...more,
  });

  test('--size makes a model of that size, which says that it is seen so; --opset is the one asked for', async () => {
    await exportCommand(options({ size: '96x64', opset: '11', width: '16' }));
    const file = path.join(folder, 'model.onnx');
    const bytes = await readFile(file);
    expect((await readCard(bytes, file)).task).toMatchObject({ validated: { kind: 'resize', width: 96, height: 64 } });
    // A protobuf's last entries: opset_import { domain: '', version: 11 }, before the metadata.
    expect(bytes.includes(Uint8Array.of(0x42, 0x04, 0x0a, 0x00, 0x10, 11))).toBe(true);
    const session = await (await nodeRuntime()).open(bytes);
    const feed = (height: number) => ({ image: { data: new Float32Array(3 * height * 96), dims: [1, 3, height, 96] } });
    expect((await session.run(feed(64)))['logits']?.dims).toEqual([1, 3, 8, 12]);
    await expect(session.run(feed(96))).rejects.toThrow('dimensions');
    await session.release();
  });

  test.each([
    [{ size: '96x64', validated: '200' }, 'leave out --validated'],
    [{ size: '96' }, '--size: must be WIDTHxHEIGHT'],
    [{ opset: '10' }, 'operator set 10: a network is written in 11 to 18'],
    [{ toTorch: true, opset: '12' }, '--to-torch writes the weights as they are'],
    [{ sepRepeats: '2' }, 'lr-aspp has no cells'],
    [{ task: 'pose', size: '96x64', classes: undefined }, 'sees people in crops of'],
  ])('%j is refused: %s', async (more, message) => {
    await expect(exportCommand(options(more))).rejects.toThrow(message);
  });
});
