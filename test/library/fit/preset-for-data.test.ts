// The preset that is made for a data set.

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DataCard } from '../../../src/core/inspect/index.js';
import { parsePreset } from '../../../src/core/preset/index.js';
import { presetForData } from '../../../src/library/fit/preset-for-data.js';
import { presetText } from '../../../src/library/fit/preset-text.js';

const pixels = (train: number) => ({ train: { pixels: train, pictures: 1 }, val: { pixels: 1, pictures: 1 } });

function card(truth: DataCard['truth'], { samples = 200, width = 480, height = 360 } = {}): DataCard {
  const split = { samples, pictures: samples, sizes: [{ width, height, pictures: samples }], otherSizes: 0 };
  return {
    folder: 'photos',
    layout: 'lists of images and masks',
    task: ({ masks: 'segmentation', depth: 'depth', joints: 'pose' } as const)[truth.kind],
    splits: [
      { name: 'train', ...split },
      { name: 'val', ...split },
    ],
    truth,
    findings: [],
  };
}

const masks = (names: readonly string[]): DataCard['truth'] => ({
  kind: 'masks',
  labels: [
    ...names.map((name, label) => ({ label, name, isClass: true, isIgnored: false, ...pixels(1000) })),
    { label: 255, name: 'ignored', isClass: false, isIgnored: true, ...pixels(5) },
  ],
  ignore: 255,
  pixels: { train: 4000, val: 4 },
});

describe('a preset for the data', () => {
  test('classes, ignored label and size are those of the data', () => {
    const preset = presetForData(card(masks(['sky', 'road', 'car'])));
    expect(preset.task === 'segmentation' && preset.data).toEqual({ classes: ['sky', 'road', 'car'], ignore: 255, metaTrainShare: 0.85 });
    expect(preset.validation.framing).toEqual({ kind: 'resize', width: 320, height: 240 });
    expect(preset.train.framing).toMatchObject({ kind: 'random', side: 240, width: 320, height: 240, mirror: true });
    expect(preset.train.classWeights).toBeUndefined();
  });

  test('nothing is mirrored where a name says a side that has no counterpart', () => {
    expect(presetForData(card(masks(['road', 'left lane']))).train.framing).toMatchObject({ mirror: false });
    expect(presetForData(card(masks(['left lane', 'right lane']))).train.framing).toMatchObject({ mirror: true });
  });

  test('few pictures make small batches, and too few none', () => {
    const preset = presetForData(card(masks(['a', 'b']), { samples: 8 }));
    expect([preset.stage1.samples, preset.stage1.batch, preset.train.batch]).toEqual([6, 1, 8]);
    expect(() => presetForData(card(masks(['a', 'b']), { samples: 3 }))).toThrow(/3 picture\(s\) to train on/);
  });

  test('people are cropped, and measured by what their joints allow', () => {
    const joints = (names: readonly string[]): DataCard['truth'] => ({
      kind: 'joints',
      joints: names.map((name) => ({ name, train: 9, val: 9 })),
    });
    const whole = presetForData(card(joints(['left_shoulder', 'right_shoulder', 'left_hip', 'right_hip'])));
    expect(whole.task === 'pose' && whole.reward.metric).toBe('pck');
    expect(whole.validation.framing).toMatchObject({ kind: 'person', width: 128, height: 160 });
    const paws = presetForData(card(joints(['nose', 'tail'])));
    expect(paws.task === 'pose' && paws.reward.metric).toBe('pckBox');
  });

  test('depth reaches a little beyond what was measured', () => {
    const split = { pixels: 9, measured: 9, quantiles: [1, 3, 8] as [number, number, number], holes: 0, beyond: null };
    const preset = presetForData(card({ kind: 'depth', scale: 256, range: null, train: split, val: split }));
    expect(preset.task === 'depth' && preset.data).toMatchObject({ scale: 256, minDepth: 0.8, maxDepth: 10 });
  });

  test('the range ends before the largest number of 16 bits, where that stands for what is not measured', () => {
    const made = (scale: number, far: number, holes: number) => {
      const split = { pixels: 9, measured: 9, quantiles: [1, 3, far] as [number, number, number], holes, beyond: null };
      const preset = presetForData(card({ kind: 'depth', scale, range: null, train: split, val: split }));
      return preset.task === 'depth' ? preset.data.maxDepth : undefined;
    };
    expect(made(1000, 60, 0)).toBe(75);
    expect(made(1000, 60, 2)).toBe(62);
    expect(made(1000, 4, 2)).toBe(5);
  });

  test('as a file it says the same, with words', () => {
    const of = card(masks(['yes', 'null', 'a: b #c', '12']));
    const preset = presetForData(of);
    const text = presetText(preset, of);
    expect(parsePreset(text, 'preset.yaml')).toEqual(preset);
    expect(text).toContain('# Made for photos');
    expect(text).toContain('# What is learnt');
    // Editors take it only from the first line.
    const [, schema = ''] = /^# yaml-language-server: \$schema=(.+)\n/.exec(text) ?? [];
    expect(existsSync(schema)).toBe(true);
  });
});
