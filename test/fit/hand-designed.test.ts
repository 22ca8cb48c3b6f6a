// Decoders that people designed, trained by the library: what is stored says which one it is and opens again; dropout draws the same when a training is
// taken up again.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readMetadata } from '../../src/core/graph/index.js';
import { exportDeployed, readNetwork } from '../../src/core/model/index.js';
import { parseTrainPreset } from '../../src/core/preset/index.js';
import { handDesignedNames } from '../../src/core/space/index.js';
import { exportModel } from '../../src/library/export-model.js';
import { openModel } from '../../src/library/model.js';
import { resumeTraining, train, type TrainStart } from '../../src/library/train.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { thorough } from '../thorough.js';
import { smallTraining } from './small-training.js';

const preset = parseTrainPreset(smallTraining({ 'sepRepeats: 1': 'sepRepeats: 2', 'epochs: 4': 'epochs: 2' }), 'test');
const folder = await temporaryFolder();
const data = path.join(folder, 'data');
beforeAll(() => writeStripeFolder(data, { train: 9, val: 3 }));

describe('a hand-designed decoder', () => {
  test.each(thorough ? handDesignedNames : (['lr-aspp', 'lw-refinenet'] as const))(
    '%s is trained, kept, opened and exported',
    async (genotype) => {
      const out = path.join(folder, genotype);
      const { network, best, history } = await train({ genotype, data, preset, out, width: 16 });
      expect(best?.metrics?.['meanIoU']).toBeGreaterThan(0);
      expect(history.at(-1)?.loss).toBeLessThan(history[0]?.loss ?? 0);
      const read = await readNetwork(network);
      expect(read.description).toMatchObject({ genotype: { kind: genotype }, width: 16, sepRepeats: 1 });
      const onnx = path.join(folder, `${genotype}.onnx`);
      // Refuses by itself where the model does not agree with the network.
      const model = await exportModel({ network, output: onnx, upsample: true, normalise: true });
      expect(readMetadata(model)).toMatchObject({ genotype, width: '16' });
      await using opened = await openModel(onnx);
      const seen = await opened.predict({ width: 48, height: 40, data: new Uint8Array(3 * 48 * 40).fill(100) });
      expect(seen).toMatchObject({ kind: 'labels', width: 48, height: 40 });
      expect(readMetadata(exportDeployed(read))['genotype']).toBe(genotype);
    },
  );

  test('an interrupted training gives the bytes of one that was not', async () => {
    const genotype = 'fpn';
    const whole = path.join(folder, 'whole');
    const out = path.join(folder, 'interrupted');
    await train({ genotype, data, preset, out: whole, width: 16 });
    const abort = new AbortController();
    let steps = 0;
    const onStep = (): void => {
      if (++steps === 3) abort.abort();
    };
    const begun = await train({ genotype, data, preset, out, width: 16, onStep, signal: abort.signal });
    expect(begun.interrupted).toBe(true);
    await resumeTraining(out);
    const [expected, resumed] = await Promise.all([whole, out].map((dir) => readFile(path.join(dir, 'last.safetensors'))));
    expect(resumed?.equals(expected ?? Buffer.alloc(0))).toBe(true);
  });

  test('has its own width of 128, not the preset’s', async () => {
    const out = path.join(folder, 'wide');
    let width: number | undefined;
    const onStart = ({ config }: TrainStart): void => {
      ({ width } = config.preset.train.decoder);
    };
    await train({ genotype: 'lr-aspp', data, preset, out, onStart, signal: AbortSignal.abort() });
    expect(width).toBe(128);
    await expect(train({ genotype: 'unet', data, preset, out: path.join(folder, 'none'), width: 30 })).rejects.toThrow('a multiple of 4');
  });
});
