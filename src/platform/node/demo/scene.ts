// Outdoor scenes: objects stand on a ground plane that recedes to a horizon. Farther ones are smaller, higher up, hazier, and
// hidden by nearer ones.

import path from 'node:path';
import type { Random } from '../../../core/random/index.js';
import { blend, type Canvas, castShadow, clampByte, type Colour, emptyCanvas, mix, octaves, valueNoise } from './canvas.js';
import { pick, pickSubject, renderSprite, type Subject } from './subjects.js';

/**
 * Metres from the camera at distance 1 of the scene's own measure: there a person, 1.7 m tall, is 0.52 of the image's height,
 * under a focal length of 1.04 heights.
 */
const unitMetres = 3.4;

/** Ground and objects beyond are not measured, no more than the sky. */
const farthest = 60;

interface Scenery {
  readonly sky: readonly [Colour, Colour];
  readonly ground: readonly [Colour, Colour];
}

const sceneries: readonly Scenery[] = [
  {
    sky: [
      [96, 156, 220],
      [206, 226, 240],
    ],
    ground: [
      [88, 128, 58],
      [134, 162, 84],
    ],
  }, // meadow
  {
    sky: [
      [120, 170, 215],
      [235, 225, 205],
    ],
    ground: [
      [196, 168, 120],
      [222, 200, 156],
    ],
  }, // sand
  {
    sky: [
      [120, 135, 150],
      [200, 205, 210],
    ],
    ground: [
      [92, 94, 98],
      [132, 132, 132],
    ],
  }, // asphalt
  {
    sky: [
      [150, 180, 205],
      [235, 238, 242],
    ],
    ground: [
      [214, 222, 230],
      [244, 246, 250],
    ],
  }, // snow
  {
    sky: [
      [70, 70, 120],
      [236, 160, 110],
    ],
    ground: [
      [84, 70, 60],
      [128, 104, 80],
    ],
  }, // dusk, earth
  {
    sky: [
      [168, 190, 196],
      [228, 230, 222],
    ],
    ground: [
      [122, 96, 66],
      [160, 130, 92],
    ],
  }, // planks of soil
];

/** One scene. */
export async function composeScene(subjects: readonly Subject[], width: number, height: number, random: Random): Promise<Canvas> {
  const horizon = Math.round(height * (0.3 + 0.25 * random.next()));
  const scenery = pick(sceneries, random);
  const canvas = paintBackground(scenery, width, height, horizon, random);
  const haze = scenery.sky[1];
  const count = 4 + random.integer(5);
  const placed = Array.from({ length: count }, () => ({
    subject: pickSubject(subjects, random),
    distance: 1 + 3.5 * random.next() ** 1.3,
    x: random.next(),
  }));
  // Farthest first: nearer ones hide them.
  placed.sort((a, b) => b.distance - a.distance);
  for (const { subject, distance, x } of placed) {
    const { kind, file } = subject;
    const size = Math.max(14, Math.round((height * 0.52 * kind.size * (0.85 + 0.3 * random.next())) / distance));
    const sprite = await renderSprite(file, size, random);
    const base = horizon + (height * 0.97 - horizon) / distance;
    const airborne = /1f681|1f680|2708|1f6e9|1f6f8|1f985|1f54a|1f6f0/.test(path.basename(file)) && random.next() < 0.8;
    const top = Math.round((airborne ? horizon * (0.2 + 0.6 * random.next()) : base) - sprite.height * (airborne ? 0.5 : 0.96));
    const left = Math.round(x * (width + sprite.width * 0.5) - sprite.width * 0.75);
    if (!airborne) castShadow(canvas, left + sprite.width / 2, base, sprite.width * 0.42, sprite.width * 0.1);
    blend(canvas, sprite, {
      left,
      top,
      label: kind.label,
      metres: unitMetres * distance,
      haze,
      hazeShare: Math.min(0.35, (distance - 1) * 0.1),
      brightness: 0.85 + 0.3 * random.next(),
    });
  }
  return canvas;
}

/** Sky with clouds, a hazy ridge, and textured ground in perspective. */
function paintBackground({ sky, ground }: Scenery, width: number, height: number, horizon: number, random: Random): Canvas {
  const canvas = emptyCanvas(width, height);
  const { data, metres } = canvas;
  const clouds = valueNoise(random.fork('clouds'));
  const soil = valueNoise(random.fork('soil'));
  const ridge = valueNoise(random.fork('ridge'));
  const grain = random.fork('grain');
  const cover = random.next() * 0.8;
  const ridgeHeight = height * 0.16 * random.next();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let colour: Colour;
      if (y < horizon) {
        const t = y / horizon;
        colour = mix(sky[0], sky[1], t);
        const cloud = Math.max(0, octaves(clouds, x / 60, y / 25, 4) - 0.5) * 2.2 * cover;
        colour = mix(colour, [250, 250, 250], Math.min(0.9, cloud));
        if (horizon - y < ridgeHeight * octaves(ridge, x / 70, 0.5, 3)) colour = mix(mix(ground[0], sky[1], 0.55), colour, 0.1);
      } else {
        // The plane on which objects of distance d stand at horizon + (0.97 height − horizon) / d.
        const away = (unitMetres * (0.97 * height - horizon)) / (y + 0.5 - horizon);
        if (away <= farthest) metres[y * width + x] = away;
        const depth = 1 / ((y - horizon) / (height - horizon) + 0.06);
        const texture = octaves(soil, ((x - width / 2) * depth) / 26, depth * 5, 4);
        colour = mix(mix(ground[0], ground[1], texture), sky[1], Math.min(0.6, depth * 0.035));
      }
      const noise = (grain.next() - 0.5) * 9;
      for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = clampByte((colour[c] ?? 0) + noise);
    }
  return canvas;
}
