// Rooms: a floor, four walls and a ceiling in perspective, with objects on the floor. Every pixel's depth is exact.

import type { Random } from '../../../core/random/index.js';
import { blend, type Canvas, castShadow, clampByte, type Colour, emptyCanvas, focalLength, mix, octaves, valueNoise } from './canvas.js';
import { kinds, pick, pickSubject, renderSprite, type Subject } from './subjects.js';

/** A box around the camera, in metres from it: x to the right, y down, z ahead. */
interface Room {
  readonly left: number;
  readonly right: number;
  readonly floor: number;
  readonly ceiling: number;
  readonly back: number;
}

/** Where the optical axis meets the image, and the focal length, in pixels. */
interface Camera {
  readonly x: number;
  readonly y: number;
  readonly focal: number;
}

interface Decoration {
  readonly wall: Colour;
  readonly floor: readonly [Colour, Colour];
  /** Of planks or tiles, in metres: across and along. A carpet has none. */
  readonly grid?: readonly [number, number];
}

const decorations: readonly Decoration[] = [
  {
    wall: [222, 214, 200],
    floor: [
      [150, 108, 70],
      [176, 132, 90],
    ],
    grid: [0.2, 1.6],
  }, // planks
  {
    wall: [196, 208, 214],
    floor: [
      [178, 178, 174],
      [206, 206, 202],
    ],
    grid: [0.5, 0.5],
  }, // tiles
  {
    wall: [208, 190, 180],
    floor: [
      [96, 84, 104],
      [112, 98, 120],
    ],
  }, // carpet
  {
    wall: [180, 198, 176],
    floor: [
      [196, 176, 140],
      [214, 196, 164],
    ],
    grid: [0.3, 0.3],
  }, // small tiles
  {
    wall: [232, 228, 220],
    floor: [
      [70, 66, 64],
      [92, 86, 82],
    ],
    grid: [0.12, 1.2],
  }, // dark planks
];

/** Persons, animals, plants and food: what would stand in a room. */
const indoor = kinds.filter(({ label }) => label <= 4);

/** Metres between planks. */
const jointWidth = 0.01;

/** A person of size 1. */
const personHeight = 1.7;

/** One room. */
export async function composeRoom(subjects: readonly Subject[], width: number, height: number, random: Random): Promise<Canvas> {
  const between = (low: number, high: number): number => low + (high - low) * random.next();
  const floor = between(1.2, 1.7);
  const room: Room = {
    left: between(1.4, 3.2),
    right: between(1.4, 3.2),
    floor,
    ceiling: between(2.4, 3.2) - floor,
    back: between(4, 10),
  };
  const camera: Camera = { x: width * between(0.4, 0.6), y: height * between(0.38, 0.52), focal: focalLength * height };
  const canvas = paintRoom(room, camera, pick(decorations, random), width, height, random);
  const count = 3 + random.integer(5);
  const placed = Array.from({ length: count }, () => ({
    subject: pickSubject(subjects, random, indoor),
    metres: 1.8 + (room.back - 2.2) * random.next() ** 1.2,
    across: random.next(),
  }));
  // Farthest first: nearer ones hide them.
  placed.sort((a, b) => b.metres - a.metres);
  for (const { subject, metres, across } of placed) {
    const { kind, file } = subject;
    const size = Math.round((camera.focal * personHeight * kind.size * between(0.85, 1.15)) / metres);
    const sprite = await renderSprite(file, Math.max(8, size), random);
    const base = camera.y + (camera.focal * room.floor) / metres;
    const x = camera.x + (camera.focal * (0.3 - room.left + across * (room.left + room.right - 0.6))) / metres;
    castShadow(canvas, x, base, sprite.width * 0.42, sprite.width * 0.1);
    blend(canvas, sprite, {
      left: Math.round(x - sprite.width / 2),
      top: Math.round(base - sprite.height * 0.96),
      label: kind.label,
      metres,
      haze: [0, 0, 0],
      hazeShare: Math.min(0.3, 0.02 * metres),
      brightness: between(0.85, 1.15),
    });
  }
  return canvas;
}

type Surface = 'floor' | 'ceiling' | 'side' | 'back';

function paintRoom(room: Room, camera: Camera, decoration: Decoration, width: number, height: number, random: Random): Canvas {
  const canvas = emptyCanvas(width, height);
  const grain = random.fork('grain');
  const stains = valueNoise(random.fork('stains'));
  const light = 0.85 + 0.3 * random.next();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const [across, down] = [(x + 0.5 - camera.x) / camera.focal, (y + 0.5 - camera.y) / camera.focal];
      const { surface, metres } = firstSurface(room, across, down);
      canvas.metres[at] = metres;
      const colour = paint(surface, decoration, across * metres, down * metres, metres, stains, room);
      // Farther is darker, as under a lamp near the camera.
      const shade = light / (1 + 0.05 * metres);
      const noise = (grain.next() - 0.5) * 9;
      for (let c = 0; c < 3; c++) canvas.data[3 * at + c] = clampByte((colour[c] ?? 0) * shade + noise);
    }
  return canvas;
}

/** What the ray (across, down, 1) meets first. */
function firstSurface(room: Room, across: number, down: number): { surface: Surface; metres: number } {
  const level = down > 0 ? room.floor / down : down < 0 ? room.ceiling / -down : Number.POSITIVE_INFINITY;
  const side = across > 0 ? room.right / across : across < 0 ? room.left / -across : Number.POSITIVE_INFINITY;
  const metres = Math.min(level, side, room.back);
  const surface = metres === level ? (down > 0 ? 'floor' : 'ceiling') : metres === side ? 'side' : 'back';
  return { surface, metres };
}

function paint(
  surface: Surface,
  { wall, floor, grid }: Decoration,
  x: number,
  y: number,
  z: number,
  noise: (x: number, y: number) => number,
  room: Room,
): Colour {
  if (surface === 'ceiling') return mix([238, 238, 236], wall, 0.15);
  if (surface === 'floor') {
    const grain = octaves(noise, x * 3, z * 3, 3);
    if (!grid) return mix(floor[0], floor[1], grain);
    const [column, row] = [Math.floor(x / grid[0]), Math.floor(z / grid[1])];
    // Every plank and tile has a tone of its own.
    const colour = mix(floor[0], floor[1], 0.6 * noise(column * 7.3 + 0.5, row * 3.1 + 0.5) + 0.4 * grain);
    const isJoint = Math.min(x - column * grid[0], z - row * grid[1]) < jointWidth;
    return isJoint ? mix(colour, [40, 36, 32], 0.5) : colour;
  }
  // A skirting board along the floor.
  if (room.floor - y < 0.09) return mix(wall, [250, 250, 250], 0.7);
  const tint = octaves(noise, (surface === 'side' ? z : x) * 1.3, y * 1.3, 3);
  const plain = mix(wall, surface === 'side' ? [120, 116, 110] : [255, 255, 255], surface === 'side' ? 0.22 : 0.08);
  return mix(plain, [90, 84, 76], 0.12 * tint);
}
