// The built-in demo data: outdoor scenes composed of rendered objects that npm ships (Microsoft's Fluent emoji, MIT, in
// @lobehub/fluent-emoji-3d), classed by their Unicode categories (emoji.json, MIT).
//
// Objects stand on a ground plane that recedes to a horizon: farther ones are smaller, higher up, hazier, and hidden
// by nearer ones. Training and validation scenes show different objects.

import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { encode } from 'fast-png';
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { z } from 'zod';
import type { Random } from '../random/index.js';
import { type RgbImage, writeImage } from './image.js';

export const demoClasses = ['background', 'person', 'animal', 'plant', 'food', 'vehicle', 'building'] as const;

interface Kind {
  readonly label: number;
  /** Unicode subgroups whose emoji are of this class. */
  readonly subgroups: readonly string[];
  /** Height in units of a person's. */
  readonly size: number;
  /** How often it is drawn, relative to the others. */
  readonly share: number;
}

const kinds: readonly Kind[] = [
  {
    label: 1,
    subgroups: ['person', 'person-role', 'person-activity', 'person-sport', 'person-gesture', 'person-fantasy'],
    size: 1,
    share: 1.2,
  },
  { label: 2, subgroups: ['animal-mammal', 'animal-bird', 'animal-reptile'], size: 0.8, share: 1.2 },
  { label: 3, subgroups: ['plant-flower', 'plant-other'], size: 0.9, share: 1 },
  { label: 4, subgroups: ['food-fruit', 'food-vegetable', 'food-prepared', 'food-sweet'], size: 0.65, share: 1 },
  { label: 5, subgroups: ['transport-ground', 'transport-water', 'transport-air'], size: 1.1, share: 1.2 },
  { label: 6, subgroups: ['place-building', 'place-religious'], size: 1.7, share: 1 },
];

/** In those subgroups, but nothing of the kind: signs, roads, paws, lone parts. */
const misfits = new Set([
  '1f43e',
  '1faa8',
  '1f6e3',
  '1f6e4',
  '1f6e2',
  '26fd',
  '1f6a8',
  '1f6a5',
  '1f6a6',
  '1f6d1',
  '1f6a7',
  '1f6de',
  '1f68f',
  '2693',
  '1f6df',
  '1f4ba',
  '1fab5',
  '1f9f1',
  '1fab9',
  '1faba',
  '1fab6',
  '1f3d7',
]);

const emojiSchema = z.array(z.object({ codes: z.string(), subgroup: z.string() }));

export interface DemoOptions {
  readonly train: number;
  readonly val: number;
  readonly width: number;
  readonly height: number;
  readonly random: Random;
  readonly onProgress?: (done: number, total: number) => void;
}

interface Sprite {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGBA. */
  readonly data: Uint8Array;
}

interface Subject {
  readonly kind: Kind;
  readonly file: string;
}

/** Writes scenes and masks with their `train.txt` and `val.txt` into `folder`. */
export async function generateDemo(folder: string, options: DemoOptions): Promise<void> {
  const { width, height, random, onProgress } = options;
  const subjects = await findSubjects();
  // A fifth of the objects of every class is kept for the validation scenes.
  const heldBack = new Set(
    kinds.flatMap((kind) => {
      const own = subjects.filter((subject) => subject.kind === kind);
      const order = random.fork('held', kind.label).permutation(own.length);
      return order.slice(0, Math.ceil(own.length / 5)).map((i) => own[i]);
    }),
  );
  const held = (subject: Subject): boolean => heldBack.has(subject);
  const splits = [
    { name: 'train', count: options.train, subjects: subjects.filter((s) => !held(s)) },
    { name: 'val', count: options.val, subjects: subjects.filter(held) },
  ];
  const total = options.train + options.val;
  let done = 0;
  for (const { name, count, subjects: usable } of splits) {
    await mkdir(path.join(folder, name), { recursive: true });
    const lines: string[] = [];
    const makeScene = async (i: number): Promise<void> => {
      const { image, labels } = await composeScene(usable, width, height, random.fork(name, i));
      const base = `${name}/${String(i).padStart(4, '0')}`;
      await writeImage(path.join(folder, `${base}.jpg`), image);
      await writeFile(path.join(folder, `${base}.png`), encode({ width, height, data: labels, channels: 1, depth: 8 }));
      lines[i] = `${base}.jpg\t${base}.png`;
      onProgress?.(++done, total);
    };
    // A few at once keep sharp's threads busy; each scene has its own generator, so the order does not matter.
    for (let i = 0; i < count; i += 4) await Promise.all(Array.from({ length: Math.min(4, count - i) }, (_, k) => makeScene(i + k)));
    await writeFile(path.join(folder, `${name}.txt`), `${lines.join('\n')}\n`);
  }
}

async function findSubjects(): Promise<Subject[]> {
  const require = createRequire(import.meta.url);
  const assets = path.join(path.dirname(require.resolve('@lobehub/fluent-emoji-3d/package.json')), 'assets');
  const emoji = emojiSchema.parse(JSON.parse(await readFile(require.resolve('emoji.json/emoji.json'), 'utf8')));
  const subjects: Subject[] = [];
  for (const { codes, subgroup } of emoji) {
    const kind = kinds.find(({ subgroups }) => subgroups.includes(subgroup));
    const code = codes.toLowerCase().replaceAll(' ', '-');
    if (!kind || misfits.has(code.split('-')[0] ?? '')) continue;
    // The files leave out the variation selector.
    for (const name of new Set([code, code.replaceAll('-fe0f', '')])) {
      const file = path.join(assets, `${name}.webp`);
      const found = await access(file).then(
        () => true,
        () => false,
      );
      if (found) {
        subjects.push({ kind, file });
        break;
      }
    }
  }
  return subjects;
}

type Colour = readonly [number, number, number];

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

/** One scene: its picture and its labels. */
async function composeScene(
  subjects: readonly Subject[],
  width: number,
  height: number,
  random: Random,
): Promise<{ image: RgbImage; labels: Uint8Array }> {
  const horizon = Math.round(height * (0.3 + 0.25 * random.next()));
  const scenery = pick(sceneries, random);
  const data = paintBackground(scenery, width, height, horizon, random);
  const labels = new Uint8Array(width * height);
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
    if (!airborne) castShadow(data, width, height, left + sprite.width / 2, base, sprite.width * 0.42, sprite.width * 0.1);
    blend(
      data,
      labels,
      width,
      height,
      sprite,
      left,
      top,
      kind.label,
      haze,
      Math.min(0.35, (distance - 1) * 0.1),
      0.85 + 0.3 * random.next(),
    );
  }
  return { image: { width, height, data }, labels };
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function pickSubject(subjects: readonly Subject[], random: Random): Subject {
  let at = random.next() * kinds.reduce((n, { share }) => n + share, 0);
  const kind = kinds.find(({ share }) => {
    at -= share;
    return at < 0;
  });
  return pick(
    subjects.filter((s) => s.kind === (kind ?? kinds[0])),
    random,
  );
}

async function renderSprite(file: string, size: number, random: Random): Promise<Sprite> {
  const angle = (random.next() - 0.5) * 14;
  // Every step on raw pixels: sharp does at most one of each operation a pipeline, and encoding between them is slow.
  const decoded = await rawPixels(sharp(file));
  const sized = await rawPixels(sharp(decoded.data, { raw: decoded.info }).extract(visiblePart(decoded)).resize({ height: size }));
  const upright = sharp(sized.data, { raw: sized.info });
  const { data, info } = await rawPixels(
    (random.next() < 0.5 ? upright.flop() : upright).rotate(angle, { background: { r: 0, g: 0, b: 0, alpha: 0 } }),
  );
  return { width: info.width, height: info.height, data };
}

/** The smallest rectangle that holds every pixel with some opacity. */
function visiblePart({ data, info }: { data: Buffer; info: OutputInfo }): { left: number; top: number; width: number; height: number } {
  let [left, right, top, bottom] = [info.width, -1, info.height, -1];
  for (let y = 0; y < info.height; y++)
    for (let x = 0; x < info.width; x++)
      if ((data[4 * (y * info.width + x) + 3] ?? 0) > 8) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = y;
      }
  return right < 0
    ? { left: 0, top: 0, width: info.width, height: info.height }
    : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function rawPixels(picture: Sharp): Promise<{ data: Buffer; info: OutputInfo }> {
  return picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
}

/** Sky with clouds, a hazy ridge, and textured ground in perspective. */
function paintBackground({ sky, ground }: Scenery, width: number, height: number, horizon: number, random: Random): Uint8Array {
  const data = new Uint8Array(width * height * 3);
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
        const depth = 1 / ((y - horizon) / (height - horizon) + 0.06);
        const texture = octaves(soil, ((x - width / 2) * depth) / 26, depth * 5, 4);
        colour = mix(mix(ground[0], ground[1], texture), sky[1], Math.min(0.6, depth * 0.035));
      }
      const noise = (grain.next() - 0.5) * 9;
      for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = clampByte((colour[c] ?? 0) + noise);
    }
  return data;
}

function mix(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

function clampByte(v: number): number {
  return Math.max(0, Math.min(255, Math.round(v)));
}

/** Smooth noise in 0 … 1 over the plane: random values on a lattice, cubically interpolated. */
function valueNoise(random: Random): (x: number, y: number) => number {
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
function octaves(noise: (x: number, y: number) => number, x: number, y: number, count: number): number {
  let [sum, weight, total] = [0, 1, 0];
  for (let o = 0; o < count; o++) {
    sum += weight * noise(x * 2 ** o, y * 2 ** o);
    total += weight;
    weight /= 2;
  }
  return sum / total;
}

function castShadow(data: Uint8Array, width: number, height: number, cx: number, cy: number, rx: number, ry: number): void {
  for (let y = Math.max(0, Math.floor(cy - ry)); y < Math.min(height, cy + ry); y++)
    for (let x = Math.max(0, Math.floor(cx - rx)); x < Math.min(width, cx + rx); x++) {
      const d = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2;
      if (d >= 1) continue;
      const factor = 1 - 0.45 * (1 - d);
      for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = (data[3 * (y * width + x) + c] ?? 0) * factor;
    }
}

function blend(
  data: Uint8Array,
  labels: Uint8Array,
  width: number,
  height: number,
  sprite: Sprite,
  left: number,
  top: number,
  label: number,
  haze: Colour,
  hazeShare: number,
  brightness: number,
): void {
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
      if (alpha > 0.5) labels[to] = label;
    }
}
