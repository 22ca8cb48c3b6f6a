// Which device computes: what was asked for, or what is faster; and what is said where there is no GPU.

import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { freshNetwork, networkFile, writeSafetensors } from '../../src/core/model/index.js';
import { parsePreset } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import type { Device, Runtime } from '../../src/core/runtime/index.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { candidateStep } from '../../src/library/measured-step.js';
import { search } from '../../src/library/search.js';
import { chooseDevice } from '../../src/platform/node/device.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';
import { temporaryFolder, writePhoto, writeStripeFolder } from '../data/fixtures.js';
import { auxcell } from '../e2e/cli.js';
import { tinyPreset } from '../e2e/tiny-preset.js';
import { portable } from '../graph/run.js';
import { thorough } from '../thorough.js';
import { webgpuRuntime } from './device.js';

const found = await webgpuRuntime();
if (typeof found === 'string') console.warn(`WebGPU is not tested: ${found}`);
const preset = parsePreset(tinyPreset(), 'the tiny one');

async function chosen(times: Readonly<Record<Device, () => number>>): Promise<{ device: Device; said: string[] }> {
  const said: string[] = [];
  const measure = async (runtime: Runtime): Promise<number> => times[runtime.device]();
  const device = await chooseDevice('auto', { threads: 1, what: 'a step', measure, say: (text) => said.push(text) });
  return { device, said };
}

describe.skipIf(typeof found === 'string')('where WebGPU computes', () => {
  test('auto takes what is faster, and says so', async () => {
    expect(await chosen({ cpu: () => 20, webgpu: () => 10 })).toEqual({
      device: 'webgpu',
      said: ['a step takes 10.0 ms on the GPU and 20.0 ms on the processor: the GPU computes'],
    });
    expect((await chosen({ cpu: () => 10, webgpu: () => 20 })).device).toBe('cpu');
  });

  test('a GPU that has no memory for it leaves it to the processor', async () => {
    const fails = (): number => {
      throw new Error('out of memory');
    };
    expect(await chosen({ cpu: () => 20, webgpu: fails })).toEqual({
      device: 'cpu',
      said: ['the GPU cannot compute a step (out of memory): the processor computes'],
    });
  });

  test.skipIf(!thorough)(
    'a search trains on it, one worker unless it is said, and its trials tell',
    async () => {
      const folder = await temporaryFolder();
      await writeStripeFolder(path.join(folder, 'data'), { train: 16, val: 4 });
      const printed: string[] = [];
      const { trials } = await search({
        data: path.join(folder, 'data'),
        preset: { ...preset, candidates: 1 },
        out: path.join(folder, 'run'),
        device: 'webgpu',
        reporter: { show: () => {}, print: (text) => printed.push(text) },
      });
      expect(trials.map(({ device, error }) => ({ device, error }))).toEqual([{ device: 'webgpu', error: undefined }]);
      expect(printed.join('\n')).toContain('1 worker(s)');
    },
    400_000,
  );
});

test('a step of a preset is measured on any runtime', async () => {
  expect(await candidateStep(preset)(portable)).toBeGreaterThan(0);
  expect((await nodeRuntime()).device).toBe('cpu');
});

test('a search on the processor tells that, too', async () => {
  const folder = await temporaryFolder();
  await writeStripeFolder(path.join(folder, 'data'), { train: 16, val: 4 });
  const { trials } = await search({
    data: path.join(folder, 'data'),
    preset: { ...preset, candidates: 1 },
    out: path.join(folder, 'run'),
    workers: 1,
  });
  expect(trials.map(({ device }) => device)).toEqual(['cpu']);
});

describe('where there is no adapter', () => {
  const nowhere = { VK_ICD_FILENAMES: '/nonexistent.json', VK_DRIVER_FILES: '/nonexistent.json' };

  test('auto is the processor, with a sentence; webgpu is refused with one', async () => {
    const folder = await temporaryFolder();
    const at = (name: string): string => path.join(folder, name);
    const task = { task: 'segmentation' as const, classes: ['a', 'b', 'c'] };
    const description = { genotype: parseGenotype(publishedGenotypes.arch1), task, width: 16, sepRepeats: 1 };
    await writeSafetensors(at('model.safetensors'), networkFile(freshNetwork(description, seededRandom(1))));
    await mkdir(at('photos'));
    await writePhoto(at('photos/one.png'), 64, 48);
    const predict = (device: string) =>
      auxcell(['predict', at('model.safetensors'), at('photos/one.png'), '-o', at(device), '--device', device], undefined, nowhere);
    const auto = await predict('auto');
    expect([auto.code, auto.stderr]).toEqual([0, expect.stringMatching(/^no GPU can be used by WebGPU \(.*\): the processor computes$/m)]);
    expect((await predict('cpu')).code).toBe(0);
    expect((await readFile(at('auto/one.png'))).equals(await readFile(at('cpu/one.png')))).toBe(true);
    const webgpu = await predict('webgpu');
    expect([webgpu.code, webgpu.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: no GPU can be used by WebGPU \(.*\); install its driver/m),
    ]);
    const other = await predict('tpu');
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('--device: must be cpu, webgpu, auto, got "tpu"')]);
  });
});
