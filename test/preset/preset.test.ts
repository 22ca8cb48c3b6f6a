import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadPreset, loadTrainPreset, parsePreset, parseTrainPreset } from '../../src/core/preset/index.js';
import { presetFolder } from '../../src/platform/node/assets.js';

const demo = readFileSync(path.join(presetFolder, 'demo.yaml'), 'utf8');

describe('presets', () => {
  test.each(readdirSync(presetFolder).flatMap((file) => (file.endsWith('.yaml') ? [path.basename(file, '.yaml')] : [])))(
    '%s is valid',
    async (name) => {
      const forTraining = readFileSync(path.join(presetFolder, `${name}.yaml`), 'utf8').includes('\ntrain:');
      const preset = await (forTraining ? loadTrainPreset(name) : loadPreset(name));
      expect(preset.task).toBe(/pose|depth/.exec(name)?.[0] ?? 'segmentation');
    },
  );

  test('voc-cvpr19 has the published values', async () => {
    const preset = await loadPreset('voc-cvpr19');
    expect(preset.data).toMatchObject({ ignore: 255 });
    expect(preset.task === 'segmentation' && preset.data.classes.length).toBe(21);
    expect(preset.stage1).toMatchObject({
      samples: 4000,
      epochs: 5,
      batch: 64,
      learningRate: 3e-3,
      weightDecay: 1e-5,
      clipNorm: 3,
      polyakDecay: 0.9,
    });
    expect(preset.stage1.framing).toEqual({ kind: 'random', side: 300, width: 256, height: 256, scale: [0.7, 1.4], mirror: true });
    expect(preset.stage2).toMatchObject({
      epochs: 1,
      batch: 32,
      polyakDecay: 0.99,
      encoder: { learningRate: 1e-3, momentum: 0.9, clipNorm: 3 },
    });
    expect(preset.controller).toMatchObject({
      hidden: 100,
      layers: 2,
      conditioning: 'none',
      learningRate: 1e-4,
      clipNorm: 2,
      entropyCoefficient: 0,
      baselineDecay: 0.95,
    });
    expect(preset.controller.ppo).toMatchObject({ clipCoefficient: 0.1, bufferSize: 100 });
    expect(preset.decoder).toEqual({ width: 48, sepRepeats: 1, auxiliaryWeight: 0.15 });
    expect(preset.distillation?.weight).toBe(0.3);
    expect(preset.progressiveStop).toEqual({
      decay: 0.99,
      initial: 0.01,
      tolerance: 0.9,
      multipliers: { 100: 0.9, 200: 0.8, 300: 0.7, 400: 0.6 },
    });
  });

  test('every wrong key is named', () => {
    const text = demo
      .replace('epochs: 2', 'epochs: -2')
      .replace('width: 48', 'widht: 48')
      .replace('conditioning: none', 'conditioning: some')
      .concat('colour: blue\n');
    const wrong = (): unknown => parsePreset(text, 'mine.yaml');
    expect(wrong).toThrow(/^mine\.yaml: /);
    for (const part of [
      'stage1.epochs: ',
      'decoder.widht: no such key; did you mean width?',
      'controller.conditioning: ',
      'colour: no such key',
    ])
      expect(wrong).toThrow(part);
  });

  test.each([
    ['demo', 'excluded: [0]', 'excluded: [9]', /reward\.excluded: there is no label 9 with 7 classes \(0 … 6\)/],
    ['demo', 'excluded: [0]', 'excluded: [0, 1, 2, 3, 4, 5, 6]', /reward\.excluded: every class is in it/],
    ['camvid-full', 'train:', 'train:\n  classWeights: [1, 2]', /train\.classWeights: has 2 weights for 11 classes; give one of each/],
    ['camvid-full', 'train:', 'train:\n  classWeights: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]', /train\.classWeights: all are 0/],
    ['demo-depth', 'train:', 'train:\n  classWeights: [1]', /train\.classWeights: depth has no classes; leave it out/],
    ['demo-depth', /minDepth: [\d.]+/, 'minDepth: 80', /data\.maxDepth: [\d.]+ is not beyond data\.minDepth 80/],
    [
      'demo',
      'stage1:',
      'halving: { rungs: [1], eta: 2 }\nlearningCurveStop: { rungs: [1] }\nstage1:',
      /halving, learningCurveStop: both end candidates/,
    ],
    ['demo', 'stage1:', 'inheritance: { epochs: 9 }\nstage1:', /inheritance\.epochs: 9 are more than the \d of stage1\.epochs/],
    ['camvid-two-stage', 'stage1:', 'inheritance: { epochs: 1 }\nstage1:', /inheritance, stage2: .* cannot be inherited/],
    ['demo', /strategy: \w+/, 'strategy: nsga2\nlearningCurveStop: { rungs: [1] }', /learningCurveStop: looks at the reward alone/],
    ['demo', /classes: \[[^\]]*\]/, 'classes: [a, b, c, d, e, f, a]', /data\.classes: "a" stands there twice/],
    ['lspet-pose', 'left_ankle,', 'right_ankle,', /data\.joints: "right_ankle" stands there twice/],
  ])('keys of %s that do not fit together: %s → %s', (name, from, to, message) => {
    const text = readFileSync(path.join(presetFolder, `${name}.yaml`), 'utf8');
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(() => (name === 'camvid-full' ? parseTrainPreset : parsePreset)(changed, 'mine.yaml')).toThrow(message);
  });

  test('text that is no YAML, a name that is no preset', async () => {
    expect(() => parsePreset('a: [1', 'mine.yaml')).toThrow(/mine\.yaml: not YAML/);
    await expect(loadPreset('nonesuch')).rejects.toThrow(/there is no preset "nonesuch"; there are .*camvid, .*demo, .*voc-cvpr19/);
    await expect(loadPreset('/nowhere/x.yaml')).rejects.toThrow(
      /\/nowhere\/x\.yaml: the preset cannot be read \(there is no such file or folder\); correct the path, or name one of camvid/,
    );
  });
});
