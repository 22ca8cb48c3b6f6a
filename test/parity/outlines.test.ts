// Outlines and run lengths beside independent drawings: the corners' polygon asked at every pixel's centre, and pycocotools itself.

import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { drawShapes } from '../../src/core/data/draw-shapes.js';
import type { Shape } from '../../src/core/data/shapes.js';
import { type Random, seededRandom } from '../../src/core/random/index.js';

const [width, height] = [61, 47];

/** Convex, hollow, crossing itself, thin, with corners beyond the picture or on whole numbers. */
function outline(random: Random): number[] {
  const corners = 3 + random.integer(8);
  const [isWhole, isStar] = [random.next() < 0.3, random.next() < 0.5];
  const [cx, cy, size] = [random.next() * width, random.next() * height, 2 + random.next() * 30];
  const points = Array.from({ length: corners }, (_, k) => {
    const angle = (2 * Math.PI * (isStar ? k : corners * random.next())) / corners;
    const r = size * (0.3 + random.next());
    return [cx + r * Math.cos(angle), cy + r * Math.sin(angle)];
  }).flat();
  return isWhole ? points.map(Math.round) : points;
}

const random = seededRandom(14);
const outlines = Array.from({ length: 300 }, () => outline(random));
const draw = (shape: Omit<Shape, 'kind'>): Uint16Array => drawShapes([{ kind: 0, ...shape }], { width, height }, 0, 255, () => 1);

/** Even-odd, as COCO's tools have it. */
function holds(corners: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (let k = 0; k < corners.length; k += 2) {
    const [ax = 0, ay = 0] = corners.slice(k, k + 2);
    const [bx = 0, by = 0] = [corners[(k + 2) % corners.length], corners[(k + 3) % corners.length]];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}

/** Of a point from the nearest edge. */
function distance(corners: readonly number[], x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < corners.length; k += 2) {
    const [ax = 0, ay = 0] = corners.slice(k, k + 2);
    const [dx, dy] = [(corners[(k + 2) % corners.length] ?? 0) - ax, (corners[(k + 3) % corners.length] ?? 0) - ay];
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy));
  }
  return least;
}

test('beside the polygon at every pixel: they differ only where its edge passes the centre within a quarter of a pixel', () => {
  let [differing, covered, farthest] = [0, 0, 0];
  for (const corners of outlines)
    draw({ outlines: [corners] }).forEach((label, i) => {
      const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
      covered += label;
      if ((label === 1) === holds(corners, x, y)) return;
      differing++;
      farthest = Math.max(farthest, distance(corners, x, y));
    });
  expect(covered).toBeGreaterThan(30_000);
  expect(farthest).toBeLessThan(0.25);
  // 1.3 % of these, of which many are small and thin.
  expect(differing / covered).toBeLessThan(0.02);
});

const candidates = [process.env['AUXCELL_PYTHON'], '/usr/bin/python3', 'python3'].filter((name) => name !== undefined);
const python = candidates.find((name) => spawnSync(name, ['-c', 'import pycocotools.mask']).status === 0);
if (python === undefined)
  console.warn('outlines are not compared with pycocotools: no python3 with it (Debian: apt-get install python3-pycocotools)');

const script = `
import json, sys
import numpy as np
from pycocotools import mask as coco
given = json.load(sys.stdin)
w, h = given["width"], given["height"]
drawn = [coco.decode(coco.frPyObjects([o], h, w)[0]).tobytes().hex() for o in given["outlines"]]
masks = [np.frombuffer(bytes.fromhex(m), np.uint8).reshape(h, w) for m in given["masks"]]
packed = [coco.encode(np.asfortranarray(m))["counts"].decode() for m in masks]
json.dump({"drawn": drawn, "packed": packed}, sys.stdout)
`;

describe.skipIf(python === undefined)('pycocotools', () => {
  const masks = Array.from({ length: 40 }, (_, k) => {
    const share = k / 39;
    return Uint8Array.from({ length: width * height }, () => Number(random.next() < share));
  });
  const reply = z.object({ drawn: z.array(z.string()), packed: z.array(z.string()) });
  const theirs = (): z.infer<typeof reply> => {
    const input = JSON.stringify({ width, height, outlines, masks: masks.map((mask) => Buffer.from(mask).toString('hex')) });
    const { stdout, stderr } = spawnSync(python ?? 'python3', ['-c', script], { input, encoding: 'utf8', maxBuffer: 1e9 });
    if (stdout === '') throw new Error(stderr);
    return reply.parse(JSON.parse(stdout));
  };

  test('draws outlines alike, pixel for pixel', () => {
    const { drawn } = theirs();
    const differing = outlines.filter(
      (corners, k) => Buffer.from(Uint8Array.from(draw({ outlines: [corners] }))).toString('hex') !== drawn[k],
    );
    expect([drawn.length, differing]).toEqual([300, []]);
  });

  test('packs run lengths that are read back, from empty to full', () => {
    const { packed } = theirs();
    const wrong = masks.filter((mask, k) => {
      const labels = draw({ runs: { width, height, counts: packed[k] ?? '' } });
      return labels.some((label, i) => label !== mask[i]);
    });
    expect([packed.length, wrong.length]).toEqual([40, 0]);
  });
});
