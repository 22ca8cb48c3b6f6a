// A scene while it is painted: colours, labels and depths, and what all scenes are painted with.

import type { Random } from '../../../core/random/index.js';
import type { Sprite } from './subjects.js';

/** Every pixel's colour, label, and depth in metres (0: beyond measure). */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB. */
  readonly data: Uint8Array;
  readonly labels: Uint8Array;
  readonly metres: Float32Array;
}

export function emptyCanvas(width: number, height: number): Canvas {
  const pixels = width * height;
  return { width, height, data: new Uint8Array(3 * pixels), labels: new Uint8Array(pixels), metres: new Float32Array(pixels) };
}

/** The camera's focal length in units of the image's height: one camera for all scenes, so that sizes tell distances. */
export const focalLength = 1.04;

export type Colour = readonly [number, number, number];

export function mix(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

export function clampByte(v: number): number {
  return Math.max(0, Math.min(255, Math.round(v)));
}

/** Smooth noise in 0 … 1 over the plane: random values on a lattice, cubically interpolated. */
export function valueNoise(random: Random): (x: number, y: number) => number {
  const size = 64;
  const lattice = Float32Array.from({ length: size * size }, () => random.next());
  const at = (i: number, j: number): number => lattice[(((j % size) + size) % size) * size + (((i % size) + size) % size)] ?? 0;
  const smooth = (t: number): number => t * t * (3 - 2 * t);
  return (x, y) => {
    const [i, j] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [smooth(x - i), smooth(y - j)];
    const top = at(i, j) * (1 - u) + at(i + 1, j) * u;
    const bottom = at(i, j + 1) * (1 - u) + at(i + 1, j + 1) * u;
    return top * (1 - v) + bottom * v;
  };
}

/** Fractal sum: each octave twice as fine and half as strong. */
export function octaves(noise: (x: number, y: number) => number, x: number, y: number, count: number): number {
  let [sum, weight, total] = [0, 1, 0];
  for (let o = 0; o < count; o++) {
    sum += weight * noise(x * 2 ** o, y * 2 ** o);
    total += weight;
    weight /= 2;
  }
  return sum / total;
}

export function castShadow({ data, width, height }: Canvas, cx: number, cy: number, rx: number, ry: number): void {
  for (let y = Math.max(0, Math.floor(cy - ry)); y < Math.min(height, cy + ry); y++)
    for (let x = Math.max(0, Math.floor(cx - rx)); x < Math.min(width, cx + rx); x++) {
      const d = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2;
      if (d >= 1) continue;
      const factor = 1 - 0.45 * (1 - d);
      for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = (data[3 * (y * width + x) + c] ?? 0) * factor;
    }
}

export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly label: number;
  readonly metres: number;
  readonly haze: Colour;
  readonly hazeShare: number;
  readonly brightness: number;
}

export function blend({ data, labels, metres, width, height }: Canvas, sprite: Sprite, placement: Placement): void {
  const { left, top, label, haze, hazeShare, brightness } = placement;
  for (let sy = Math.max(0, -top); sy < sprite.height && sy + top < height; sy++)
    for (let sx = Math.max(0, -left); sx < sprite.width && sx + left < width; sx++) {
      const from = 4 * (sy * sprite.width + sx);
      const alpha = (sprite.data[from + 3] ?? 0) / 255;
      if (alpha === 0) continue;
      const to = (sy + top) * width + sx + left;
      for (let c = 0; c < 3; c++) {
        const own = (sprite.data[from + c] ?? 0) * brightness;
        const value = own + ((haze[c] ?? 0) - own) * hazeShare;
        data[3 * to + c] = clampByte((data[3 * to + c] ?? 0) * (1 - alpha) + value * alpha);
      }
      if (alpha <= 0.5) continue;
      labels[to] = label;
      metres[to] = placement.metres;
    }
}
