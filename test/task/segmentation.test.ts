import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parsePreset, taskOf } from '../../src/core/preset/index.js';
import { argmax, ConfusionMatrix, createTask } from '../../src/core/task/index.js';
import { maskDescription, maskTask } from './mask-task.js';

describe('segmentation metrics', () => {
  // Truth 0 0 0 1 1 2, predictions 0 0 1 1 2 2; one pixel more is ignored.
  const truth = [0, 0, 0, 1, 1, 2, 255];
  const predictions = [0, 0, 1, 1, 2, 2, 0];

  test('by hand', () => {
    const matrix = new ConfusionMatrix(3);
    matrix.addLabels(predictions, truth);
    // IoU: 2/3, 1/3, 1/2; accuracy: 2/3, 1/2, 1; frequencies 3/6, 2/6, 1/6.
    const { meanIoU, frequencyWeightedIoU, meanAccuracy, pixelAccuracy } = matrix.result();
    expect(meanIoU).toBeCloseTo((2 / 3 + 1 / 3 + 1 / 2) / 3);
    expect(frequencyWeightedIoU).toBeCloseTo((3 * (2 / 3) + 2 * (1 / 3) + 1 / 2) / 6);
    expect(meanAccuracy).toBeCloseTo((2 / 3 + 1 / 2 + 1) / 3);
    expect(pixelAccuracy).toBeCloseTo(4 / 6);
  });

  test('without the background, over the classes present', () => {
    const matrix = new ConfusionMatrix(4, [0]);
    matrix.addLabels(predictions, truth);
    expect(matrix.result()['meanIoU']).toBeCloseTo((1 / 3 + 1 / 2) / 2);
    expect(matrix.result()['frequencyWeightedIoU']).toBeCloseTo((2 * (1 / 3) + 1 / 2) / 3);
  });

  test('a class that is predicted but is not in the truth: none of the mean, yet its pixels are misses of the others', () => {
    // Truth 0 0 1 1, predictions 0 2 1 2: class 2 is nowhere.
    const matrix = new ConfusionMatrix(4);
    matrix.addLabels([0, 2, 1, 2], [0, 0, 1, 1]);
    expect(matrix.perClass()).toEqual([
      { pixels: 2, hit: 1, iou: 0.5, accuracy: 0.5 },
      { pixels: 2, hit: 1, iou: 0.5, accuracy: 0.5 },
      { pixels: 0, hit: 0, iou: 0, accuracy: Number.NaN },
      { pixels: 0, hit: 0, iou: Number.NaN, accuracy: Number.NaN },
    ]);
    expect(matrix.result()).toEqual({ meanIoU: 0.5, frequencyWeightedIoU: 0.5, meanAccuracy: 0.5, pixelAccuracy: 0.5 });
    expect(matrix.breakdown()).toEqual({ kind: 'confusion', counts: [1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0] });
    expect(ConfusionMatrix.of([1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 4).result()).toEqual(matrix.result());
  });

  test('excluded classes are left out of the reward, however good they are', () => {
    const rewardWithout = (excluded: readonly number[]): number => {
      const task = createTask(maskDescription(3), { excluded });
      const accumulator = task.accumulator();
      // Scores of three classes over six pixels: the predictions from above, as the network gives them.
      const outputs = new Float32Array(18);
      predictions.slice(0, 6).forEach((label, i) => {
        outputs[label * 6 + i] = 1;
      });
      accumulator.add(outputs, Uint8Array.from(truth.slice(0, 6)), [2, 3]);
      return task.reward(accumulator.result());
    };
    const all = [(2 / 3 + 1 / 3 + 1 / 2) / 3, (3 * (2 / 3) + 2 * (1 / 3) + 1 / 2) / 6, (2 / 3 + 1 / 2 + 1) / 3];
    const some = [(1 / 3 + 1 / 2) / 2, (2 * (1 / 3) + 1 / 2) / 3, (1 / 2 + 1) / 2];
    const cubeRoot = ([a = 0, b = 0, c = 0]: readonly number[]): number => Math.cbrt(a * b * c);
    expect(rewardWithout([])).toBeCloseTo(cubeRoot(all), 9);
    expect(rewardWithout([0])).toBeCloseTo(cubeRoot(some), 9);
    expect(() => maskTask(3).accumulator().add(new Float32Array(5), Uint8Array.of(0, 1), [1, 2])).toThrow(
      '5 outputs of 3 classes for 2 labels',
    );
  });

  test("a preset's excluded classes reach the reward", async () => {
    const rewardOf = async (excluded: string): Promise<number> => {
      const text = (await readFile(new URL('../../presets/demo.yaml', import.meta.url), 'utf8')).replace(
        /excluded: \[.*\]/,
        `excluded: [${excluded}]`,
      );
      const preset = parsePreset(text, 'test');
      const task = taskOf(preset, preset.validation.framing);
      const accumulator = task.accumulator();
      // All of the first class is right, all of the second wrong.
      const outputs = new Float32Array(2 * task.outputs).fill(0);
      outputs[0] = 1;
      outputs[2 * (task.outputs - 1) + 1] = 1;
      accumulator.add(outputs, Uint8Array.of(0, 1), [1, 2]);
      return task.reward(accumulator.result());
    };
    expect(await rewardOf('')).toBeCloseTo(0.5, 9);
    expect(await rewardOf('0')).toBe(0);
    expect(await rewardOf('1')).toBe(1);
  });

  test('the reward is the geometric mean of the three', () => {
    expect(maskTask(3).reward({ meanIoU: 0.2, frequencyWeightedIoU: 0.4, meanAccuracy: 0.8 })).toBeCloseTo(0.4);
  });

  test('nothing labelled gives 0, not NaN', () => {
    expect(new ConfusionMatrix(3).result()).toEqual({ meanIoU: 0, frequencyWeightedIoU: 0, meanAccuracy: 0, pixelAccuracy: 0 });
  });

  test('argmax per pixel', () => {
    // Two classes, three pixels, two images.
    expect([...argmax(Float32Array.of(1, 0, 5, 0, 2, 4, 3, 3, 3, 1, 4, 3), 2, 3)]).toEqual([0, 1, 0, 0, 1, 0]);
  });
});
