import { describe, expect, test } from 'vitest';
import { argmax, ConfusionMatrix } from '../../src/task/index.js';
import { maskTask } from './mask-task.js';

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
