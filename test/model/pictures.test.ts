import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { depthLevel, levelColour } from '../../src/core/data/index.js';
import { depictionType, encodeDepiction, overlayDepiction } from '../../src/core/model/index.js';
import type { Depiction, TaskDescription } from '../../src/core/task/index.js';
import { maskDescription } from '../task/mask-task.js';

const depth: TaskDescription = { task: 'depth', minDepth: 1, maxDepth: 40, unit: 'metre' };
const pose: TaskDescription = {
  task: 'pose',
  joints: ['left_hip', 'right_hip'],
  skeleton: [[0, 1]],
  crop: [64, 64],
  padding: 1.25,
  sigma: 2,
  decoding: 'quarter',
};
const image = { width: 4, height: 3, data: new Uint8Array(36).fill(100) };

describe('what a network sees, as pictures', () => {
  test('depth: a PNG whose palette says the level, and with it the metres', async () => {
    const metres = Float32Array.of(0, 1, 2, 5, 10, 20, 40, 80, 3, 3, 3, 3);
    const depiction: Depiction = { kind: 'depth', width: 4, height: 3, metres };
    const png = encodeDepiction(depiction, depth);
    expect(depictionType(png)).toBe('image/png');
    const { data, palette } = decode(png);
    expect([...data]).toEqual([...metres].map((m) => depthLevel(m, 1, 40)));
    data.forEach((level) => {
      expect(palette?.[Number(level)]).toEqual([...levelColour(Number(level))]);
    });
    const over = await overlayDepiction(image, depiction, depth, 0.5);
    expect([...over.data.subarray(3, 6)]).toEqual([...levelColour(255)]);
  });

  test('people: an SVG, drawn over the photograph where they are and nowhere else', async () => {
    const large = { width: 80, height: 60, data: new Uint8Array(3 * 80 * 60).fill(100) };
    const depiction: Depiction = { kind: 'joints', width: 80, height: 60, joints: Float32Array.of(20, 30, 1, 60, 30, 1) };
    expect(depictionType(encodeDepiction(depiction, pose))).toBe('image/svg+xml');
    const { data, width } = await overlayDepiction(large, depiction, pose, 1);
    const at = (x: number, y: number): number[] => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
    expect(at(40, 30)).not.toEqual([100, 100, 100]);
    expect(at(40, 5)).toEqual([100, 100, 100]);
  });

  test('labels: what is ignored becomes white', async () => {
    const depiction: Depiction = { kind: 'labels', width: 4, height: 3, data: Uint8Array.of(0, 1, 2, 255, 0, 0, 0, 0, 0, 0, 0, 0) };
    const { data } = await overlayDepiction(image, depiction, maskDescription(3), 1);
    expect([...data.subarray(0, 12)]).toEqual([0, 0, 0, 128, 0, 0, 0, 128, 0, 255, 255, 255]);
  });

  test('of another task than the model: refused', () => {
    expect(() => encodeDepiction({ kind: 'depth', width: 1, height: 1, metres: Float32Array.of(1) }, pose)).toThrow(
      /depth of a model of pose/,
    );
  });
});
