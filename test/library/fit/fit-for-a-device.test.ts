// fit for a device that is not there, by its profile; and the data's test split, which is measured at the end.

import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exists } from '../../../src/core/data/index.js';
import { cutNetwork, type DeviceProfile } from '../../../src/core/device/index.js';
import { loadEncoder } from '../../../src/core/model/index.js';
import { loadPreset } from '../../../src/core/preset/index.js';
import { genotypeFromJson } from '../../../src/core/space/index.js';
import { RunFolder } from '../../../src/core/search/index.js';
import { settingOf } from '../../../src/library/device.js';
import { evaluate } from '../../../src/library/evaluate.js';
import { fit as fitTo, type FitOutcome, resumeFit } from '../../../src/library/fit/fit.js';
import { temporaryFolder, writeStripeFolder } from '../../data/fixtures.js';
import { thorough } from '../../thorough.js';

/** Of a device on which a network takes a millisecond a piece, whatever that is. */
const profile: DeviceProfile = {
  ...{ kind: 'auxcell device', version: 1, auxcell: '0.3.0', made: '2026-01-01T00:00:00.000Z' },
  device: { name: 'a slow board', system: 'none', cores: 1 },
  runtime: { name: 'onnxruntime-web', version: '1.0', backend: 'wasm', threads: 1, precision: 'float32' },
  network: {
    task: 'segmentation',
    outputs: 3,
    width: 48,
    sepRepeats: 1,
    blocks: 3,
    rounds: 3,
    encoder: { padding: 'torch', expandsFirst: true },
  },
  size: { width: 64, height: 48 },
  ...{ statistic: 'median', clock: 'wall', spread: 0, fit: { networks: 1, median: 0, percentile95: 0 } },
  ...{ rates: { each: 1000, multiplyAdds: 0, bytes: 0 }, base: 0, pieces: {} },
};

const lines: string[] = [];
const reporter = { print: (text: string) => void lines.push(text), show: () => {} };
let [folder, outcome]: [string, FitOutcome | undefined] = ['', undefined];
const at = (...names: string[]): string => path.join(folder, ...names);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(at('data'), { train: 16, val: 4 }, 64, 48);
  // Three pictures that neither list has.
  await writeStripeFolder(at('data', 'more'), { train: 1, val: 3 }, 64, 48);
  const kept = await readFile(at('data', 'more', 'val.txt'), 'utf8');
  await writeFile(at('data', 'test.txt'), kept.replaceAll('val/', 'more/val/'));
  const { options } = await loadEncoder('movenet');
  const target = { ...profile, network: { ...profile.network, encoder: options } };
  await writeFile(at('board.json'), JSON.stringify(target));
  outcome = await fitTo({
    ...{ data: at('data'), hours: 0.004, out: at('mine'), task: 'segmentation', candidates: 2, workers: 1, device: 'cpu' },
    ...{ target: at('board.json'), maxLatency: 40, reporter },
    waysOn: ({ folder: made, data }) => [`look at ${made}`, `${data} & more`],
  });
}, 240_000);

describe('fit --target', () => {
  test('architectures are predicted for the device, within the limit, and so is the one that is kept', async () => {
    const trials = await RunFolder.open(at('mine', 'search')).readTrials();
    const preset = await loadPreset(at('mine', 'preset.yaml'));
    const { options: encoder } = await loadEncoder(preset.encoder);
    const piecesOf = (genotype: Parameters<typeof cutNetwork>[0]): number =>
      cutNetwork(genotype, { ...settingOf(preset), encoder }).pieces.reduce((sum, { count }) => sum + count, 0);
    expect(trials.length).toBeGreaterThan(0);
    for (const { genotype, latency } of trials) {
      expect(latency).toBeCloseTo(piecesOf(genotypeFromJson(genotype)), 6);
      expect(latency).toBeLessThanOrEqual(40);
    }
    const kept = outcome?.figures?.predicted;
    expect(kept?.device).toBe('a slow board');
    expect(trials.map(({ latency }) => latency)).toContain(kept?.milliseconds);
    expect(await readFile(at('mine', 'report.html'), 'utf8')).toContain('predicted, a slow board');
  });

  test('no more architectures than were asked for', async () => {
    const { candidates } = await loadPreset(at('mine', 'preset.yaml'));
    expect(candidates).toBe(2);
    expect((await RunFolder.open(at('mine', 'search')).readTrials()).length).toBeLessThanOrEqual(2);
  });

  test('a profile of other sizes is refused before there is a folder', async () => {
    const other = { ...profile, size: { width: 96, height: 48 } };
    const options = { data: at('data'), hours: 1, out: at('none'), target: other };
    await expect(fitTo(options)).rejects.toThrow(/a slow board.*96x48.*64x48/);
  });
});

describe('what is told of it', () => {
  test('at what size it takes so long; which images are shown, by which figure; how to go on', async () => {
    const { figures } = outcome ?? {};
    expect(figures?.latencySize).toEqual({ width: 64, height: 48 });
    expect(JSON.parse(await readFile(at('mine', 'metrics.json'), 'utf8')).latencySize).toEqual({ width: 64, height: 48 });
    const report = await readFile(at('mine', 'report.html'), 'utf8');
    expect(report).toContain('one image of 64×48 here, one thread');
    expect(report).toMatch(/<figcaption>best, mean IoU \d[\s\S]*<figcaption>median, mean IoU \d[\s\S]*<figcaption>worst, mean IoU \d/);
    expect(report).toContain('with as few images as 4 it means little');
    // The colours of its pictures are told, and headings name the data, not where they lie.
    const swatch = (colour: string): string => `<li><i style="background: rgb(${colour})"></i>`;
    expect(report).toContain(`<ul class="legend">${swatch('0,0,0')} class 0</li>${swatch('128,0,0')} class 1</li>`);
    for (const [heading] of report.matchAll(/<(title|h1|figcaption)>[^<]*/g)) expect(heading).not.toContain(folder);
    expect(report).toContain(`<pre>look at ${at('mine')}\n${at('data')} &#38; more</pre>`);
  });

  test('the folder for transformers.js has the precisions that are kept', async () => {
    const { isKept } = outcome?.figures?.int8 ?? {};
    expect(isKept).toBeDefined();
    expect(await exists(at('mine', 'for-transformers.js', 'onnx', 'model.onnx'))).toBe(true);
    expect(await exists(at('mine', 'for-transformers.js', 'onnx', 'model_quantized.onnx'))).toBe(isKept);
  });

  test('a finished fit is not gone on with, and nothing is begun in its folder', async () => {
    const before = await readFile(at('mine', 'metrics.json'), 'utf8');
    await expect(resumeFit(at('mine'))).rejects.toThrow(/mine: is finished, nothing is left to do/);
    const said: string[] = [];
    const listening = { print: (text: string) => void said.push(text), show: (text: string) => void said.push(text) };
    await expect(fitTo({ data: at('data'), hours: 1, out: at('mine'), reporter: listening })).rejects.toThrow(/holds a fit already/);
    // The folder is looked at first: nobody waits for the data.
    expect(said).toEqual([]);
    expect(await readFile(at('mine', 'metrics.json'), 'utf8')).toBe(before);
  });
});

describe('gone on with where the data was moved', () => {
  const goneOn = (data?: string) => resumeFit(at('moved'), { data, workers: 1 });

  test('its contents count, and what is trained reads it where it lies', async () => {
    await cp(at('mine'), at('moved'), { recursive: true });
    await rm(at('moved', 'training-1'), { recursive: true });
    const state = { ...JSON.parse(await readFile(at('moved', 'fit.json'), 'utf8')), trained: false, finished: false };
    const began = JSON.stringify(state);
    await writeFile(at('moved', 'fit.json'), began);
    await cp(at('data'), at('changed'), { recursive: true });
    await cp(at('data', 'train', '1.png'), at('changed', 'train', '0.png'));
    await rename(at('data'), at('elsewhere'));
    try {
      await expect(goneOn()).rejects.toThrow(at('data'));
      await expect(goneOn(at('changed'))).rejects.toThrow(/changed have other contents/);
      expect(await readFile(at('moved', 'fit.json'), 'utf8')).toBe(began);
      const { interrupted, isTrained, figures } = await goneOn(at('elsewhere'));
      expect({ interrupted, images: figures?.images, isTrained: typeof isTrained }).toEqual({
        ...{ interrupted: false, images: 4, isTrained: 'boolean' },
      });
      expect(JSON.parse(await readFile(at('moved', 'fit.json'), 'utf8'))).toMatchObject({ data: at('elsewhere'), finished: true });
      expect(await exists(at('moved', 'training-1', 'best.safetensors'))).toBe(true);
    } finally {
      await rename(at('elsewhere'), at('data'));
    }
  }, 120_000);
});

describe('fit --device webgpu without a GPU', () => {
  test('is refused before there is a folder', async () => {
    // Vulkan then has no driver, whatever this machine has.
    process.env['VK_ICD_FILENAMES'] = at('no-driver.json');
    const options = { data: at('data'), hours: 1, out: at('none'), device: 'webgpu' } as const;
    await expect(fitTo(options)).rejects.toThrow('no GPU can be used by WebGPU');
    await expect(resumeFit(at('mine'), { device: 'webgpu' })).rejects.toThrow('no GPU can be used by WebGPU');
    expect(await exists(at('none'))).toBe(false);
  });
});

describe('the test split', () => {
  test('is measured at the end, beside the validation images', async () => {
    const { images, test: kept } = outcome?.figures ?? {};
    expect(images).toBe(4);
    expect(kept?.images).toBe(3);
    expect(kept?.intervals[0]?.value).toBeCloseTo(kept?.metrics['meanIoU'] ?? Number.NaN, 9);
    const again = await evaluate({ model: at('mine', 'model.onnx'), data: at('data'), split: 'test' });
    expect(again.images).toBe(3);
    expect(again.metrics['meanIoU']).toBeCloseTo(kept?.metrics['meanIoU'] ?? Number.NaN, 6);
    expect(lines.join('\n')).toContain('3 test images are kept for the end');
    expect(await readFile(at('mine', 'report.html'), 'utf8')).toContain('On the 3 images of the test split');
  });

  // Two minutes on a busy machine.
  test.runIf(thorough)(
    'not where it was interrupted: something is still to be chosen',
    async () => {
      const stop = new AbortController();
      const begun = await fitTo({
        ...{ data: at('data'), hours: 0.004, out: at('stopped'), task: 'segmentation', candidates: 1, workers: 1, signal: stop.signal },
        reporter: { show: () => {}, print: (text) => void (/^search: architecture \d/.test(text) && stop.abort()) },
      });
      expect(begun.interrupted).toBe(true);
      expect(begun.figures).toBeDefined();
      expect(begun.figures?.test).toBeUndefined();
      const resumed = await resumeFit(at('stopped'), { workers: 1 });
      expect(resumed.figures?.test?.images).toBe(3);
      // Killed while the results are written, and the data has been changed since: they would be of something else.
      const state = JSON.parse(await readFile(at('stopped', 'fit.json'), 'utf8'));
      await writeFile(at('stopped', 'fit.json'), JSON.stringify({ ...state, finished: false }));
      const [image, other] = [await readFile(at('data', 'train', '0.png')), await readFile(at('data', 'train', '1.png'))];
      await writeFile(at('data', 'train', '0.png'), other);
      await expect(resumeFit(at('stopped'), { workers: 1 })).rejects.toThrow(
        /stopped: cannot go on as it was begun: .* have other contents/,
      );
      await writeFile(at('data', 'train', '0.png'), image);
    },
    240_000,
  );
});
