// What stands in the demo's scenes: rendered objects that npm ships (Microsoft's Fluent emoji, MIT, in
// @lobehub/fluent-emoji-3d), classed by their Unicode categories (emoji.json, MIT).

import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { z } from 'zod';
import type { Random } from '../../../core/random/index.js';
import { demoFile } from './packages.js';

export const demoClasses = ['background', 'person', 'animal', 'plant', 'food', 'vehicle', 'building'] as const;

export interface Kind {
  readonly label: number;
  /** Unicode subgroups whose emoji are of this class. */
  readonly subgroups: readonly string[];
  /** Height in units of a person's. */
  readonly size: number;
  /** How often it is drawn, relative to the others. */
  readonly share: number;
}

export const kinds: readonly Kind[] = [
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

export interface Sprite {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGBA. */
  readonly data: Uint8Array;
}

export interface Subject {
  readonly kind: Kind;
  readonly file: string;
}

export async function findSubjects(): Promise<Subject[]> {
  const assets = path.join(path.dirname(demoFile('@lobehub/fluent-emoji-3d', 'package.json')), 'assets');
  const emoji = emojiSchema.parse(JSON.parse(await readFile(demoFile('emoji.json', 'emoji.json'), 'utf8')));
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

export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

/** @param of the kinds to choose from */
export function pickSubject(subjects: readonly Subject[], random: Random, of: readonly Kind[] = kinds): Subject {
  let at = random.next() * of.reduce((n, { share }) => n + share, 0);
  const kind = of.find(({ share }) => {
    at -= share;
    return at < 0;
  });
  return pick(
    subjects.filter((s) => s.kind === (kind ?? of[0])),
    random,
  );
}

export async function renderSprite(file: string, size: number, random: Random): Promise<Sprite> {
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
