import { describe, expect, test } from 'vitest';
import { floatToHalf, halfToFloat, halvesToFloats } from '../../src/core/data/index.js';

describe('half precision', () => {
  test('every half survives the way to a float and back', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const floats = new Float32Array(halves.length);
    halvesToFloats(halves, floats);
    const changed = [...halves].filter((half, i) => !Number.isNaN(floats[i] ?? 0) && floatToHalf(floats[i] ?? 0) !== half);
    expect(changed).toEqual([]);
    expect(Number.isNaN(halfToFloat(floatToHalf(Number.NaN)))).toBe(true);
  });

  test.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_519.9, 0x7bff],
    [65_520, 0x7c00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // a tie, to the even neighbour
    [3 * 2 ** -25, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000], // the carry goes into the exponent
    [Number.NEGATIVE_INFINITY, 0xfc00],
  ])('%d is %d', (value, half) => {
    expect(floatToHalf(value)).toBe(half);
  });
});
