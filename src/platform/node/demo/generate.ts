// The built-in demo data: outdoor scenes and, for depth, rooms, composed of rendered objects. Training and validation
// scenes show different objects.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'fast-png';
import { writeDepth, writeImage } from '../../../core/data/index.js';
import type { Random } from '../../../core/random/index.js';
import { makeFolder } from '../files/index.js';
import { composeRoom } from './room.js';
import { composeScene } from './scene.js';
import { findSubjects, kinds, type Subject } from './subjects.js';

export interface DemoOptions {
  /** What is known of the scenes: masks, or depth. Half of the scenes for depth are rooms. */
  readonly task?: 'segmentation' | 'depth';
  readonly train: number;
  readonly val: number;
  readonly width: number;
  readonly height: number;
  readonly random: Random;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Of the generated depth maps: millimetres. */
const depthScale = 1000;

/** Writes scenes and their masks, or depth maps in millimetres, with `train.txt` and `val.txt` into `folder`. */
export async function generateDemo(folder: string, options: DemoOptions): Promise<void> {
  const { task = 'segmentation', width, height, random, onProgress } = options;
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
    await makeFolder(path.join(folder, name));
    const lines: string[] = [];
    const makeScene = async (i: number): Promise<void> => {
      const compose = task === 'depth' && i % 2 === 1 ? composeRoom : composeScene;
      const { data, labels, metres } = await compose(usable, width, height, random.fork(name, i));
      const base = `${name}/${String(i).padStart(4, '0')}`;
      await writeImage(path.join(folder, `${base}.jpg`), { width, height, data });
      if (task === 'depth') await writeDepth(path.join(folder, `${base}.png`), { width, height, metres }, depthScale);
      else await writeFile(path.join(folder, `${base}.png`), encode({ width, height, data: labels, channels: 1, depth: 8 }));
      lines[i] = `${base}.jpg\t${base}.png`;
      onProgress?.(++done, total);
    };
    // A few at once keep sharp's threads busy; each scene has its own generator, so the order does not matter.
    for (let i = 0; i < count; i += 4) await Promise.all(Array.from({ length: Math.min(4, count - i) }, (_, k) => makeScene(i + k)));
    await writeFile(path.join(folder, `${name}.txt`), `${lines.join('\n')}\n`);
  }
}
