// IEEE 754 half precision, in which large caches and deployed weights are kept.

/** The number that 16 bits stand for. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest half, ties to even; beyond ±65 504 infinity. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const b = bits[0] ?? 0;
  const sign = (b >>> 16) & 0x8000;
  const exponent = ((b >>> 23) & 255) - 127 + 15;
  const fraction = b & 0x7fffff;
  if (((b >>> 23) & 255) === 255) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent <= 0) {
    if (exponent < -10) return sign;
    const shift = 14 - exponent;
    return sign | roundShift(fraction | 0x800000, shift);
  }
  // A carry out of the fraction goes into the exponent, as it should.
  return sign | ((exponent << 10) + roundShift(fraction, 13));
}

/** value / 2^shift to the nearest whole number, ties to even. */
function roundShift(value: number, shift: number): number {
  const quotient = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return quotient + (rest > half || (rest === half && (quotient & 1) === 1) ? 1 : 0);
}

let table: Float32Array | undefined;

/** Many halves at once, by table. */
export function halvesToFloats(halves: Uint16Array, floats: Float32Array): void {
  table ??= Float32Array.from({ length: 65_536 }, (_, half) => halfToFloat(half));
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i] ?? 0] ?? 0;
}
