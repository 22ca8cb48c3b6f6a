// What was not measured, or lies outside the range: the same pixels for loss, metrics and reward.

import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DepthMap, type Framing, frame, isMeasured, loadSample, writeDepth } from '../../src/core/data/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { type DepthDescription, DepthErrors, depthTask } from '../../src/core/task/index.js';
import { temporaryFolder, writePhoto } from '../data/fixtures.js';
import { evaluate, portable } from '../graph/run.js';

const description: DepthDescription = { task: 'depth', minDepth: 1, maxDepth: 50, unit: 'metre' };
const [width, height] = [24, 16];
const above = (v: number): number => v * (1 + 2 ** -23);
const below = (v: number): number => v * (1 - 2 ** -23);

/** A ramp of 2 … 60 m with holes. @param hole what is stored there @param scale units a metre */
async function sampleWith(hole: number, scale = 1000) {
  const folder = await temporaryFolder();
  const [image, depth] = [path.join(folder, 'a.png'), path.join(folder, 'a-depth.png')];
  await writePhoto(image, width, height);
  const isHole = (i: number): boolean => (i * 7) % 5 === 0;
  const metres = Float32Array.from({ length: width * height }, (_, i) => (isHole(i) ? hole / scale : 2 + (58 * (i % width)) / width));
  await writeDepth(depth, { width, height, metres }, scale);
  return loadSample({ image, depth }, { kind: 'depth', scale, range: description });
}

describe('holes', () => {
  const framings: Framing[] = [
    { kind: 'resize', width: 13, height: 9, mirror: true },
    // Zoomed, 65.535 m would be 32 m, which is in the range.
    { kind: 'random', side: 12, width: 15, height: 12, scale: [0.6, 2.2], mirror: true },
  ];

  test.each(framings)('stored as 65535 or as 0 are one: the same depths are learnt and counted, framing $kind', async (framing) => {
    const task = depthTask(description);
    const [zero, far] = [await sampleWith(0), await sampleWith(65_535)];
    for (let seed = 0; seed < 10; seed++) {
      const [a, b] = await Promise.all(
        [zero, far].map((sample) => frame(sample, framing, { kind: 'depth', scale: 1000 }, seededRandom(seed))),
      );
      if (!a || !b) throw new Error('two samples');
      expect(a.truth).toEqual(b.truth);
      const rows = [a, b].map(({ truth, image }) => task.encodeTruth(truth, 4, 5, image));
      expect(rows[0]).toEqual(rows[1]);
      for (const metres of rows[0] ?? []) expect(metres === 0 || (metres > 1 && metres < 50), String(metres)).toBe(true);
    }
  });

  test('what a zoom moves out of the range is not learnt either', async () => {
    const task = depthTask(description);
    const map: DepthMap = { width: 4, height: 1, metres: Float32Array.of(2, 30, 49, 0) };
    const zoomed = { ...map, metres: map.metres.map((metres) => metres / 0.5) };
    expect([...task.encodeTruth(map, 1, 4, map)]).toEqual([2, 30, 49, 0]);
    expect([...task.encodeTruth(zoomed, 1, 4, map)]).toEqual([4, 0, 0, 0]);
    expect([...task.encodeTruth({ ...map, metres: map.metres.map((metres) => metres / 3) }, 1, 4, map)].map(Math.round)).toEqual([
      0, 10, 16, 0,
    ]);
  });

  test('a hole is filled by its neighbours only where they count', () => {
    const task = depthTask(description);
    // Made smaller, a pixel takes the nearest measurement that it stands for: not the one beyond the range.
    const map: DepthMap = { width: 3, height: 1, metres: Float32Array.of(7, 0, 60) };
    expect([...task.encodeTruth(map, 1, 1, map)]).toEqual([7]);
    expect([...task.encodeTruth({ ...map, metres: Float32Array.of(7, 65, 9) }, 1, 1, map)]).toEqual([7]);
  });
});

describe('the bounds of the range', () => {
  const depths = [
    ...[1, 50].flatMap((v) => [below(v), v, above(v)]),
    ...[0, -3, 0.5, 10, 51, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ];
  const counted = [above(1), below(50), 10].map(Math.fround);

  test('are strict', () => {
    expect(depths.map(Math.fround).filter((metres) => isMeasured(metres, description))).toEqual(counted);
  });

  test.each(['berhu', 'silog'] as const)('loss (%s) and metrics count the same pixels', async (loss) => {
    const task = depthTask(description, { loss });
    const map: DepthMap = { width: depths.length, height: 1, metres: Float32Array.from(depths) };
    const target = Float32Array.from(task.encodeTruth(map, 1, depths.length, map));
    expect(task.countOf(target)).toBe(counted.length);
    // Far off everywhere: whatever counts shows.
    const output = Float32Array.from(depths, (_, i) => 3 + i);
    const results = await evaluate(
      portable,
      { output: { dims: [1, 1, 1, depths.length], data: output }, target: { dims: [1, 1, depths.length], data: target } },
      (t) => {
        if (!t['output'] || !t['target']) throw new Error('inputs');
        const prepared = task.prepareTarget(t['target'], 1, depths.length);
        const [, mask] = prepared;
        if (!mask) throw new Error('no mask');
        return { mask, loss: task.loss(t['output'], prepared) };
      },
    );
    const inLoss = depths.filter((_, i) => results['mask']?.[i] === 1).map(Math.fround);
    expect(inLoss).toEqual(counted);
    expect(results['loss']?.[0]).toBeGreaterThan(0);
    const errors = new DepthErrors(description);
    // The metrics of the targets as they are learnt, and of the depths themselves.
    for (const truth of [target, map.metres]) {
      const one = new DepthErrors(description);
      one.add(output, truth, [1, depths.length]);
      const breakdown = one.breakdown();
      expect(breakdown.kind === 'distances' && breakdown.pixels.reduce((a, b) => a + b, 0)).toBe(counted.length);
      errors.add(output, truth, [1, depths.length]);
    }
    const squares = depths.map((metres, i) => (counted.includes(Math.fround(metres)) ? (3 + i - Math.fround(metres)) ** 2 : 0));
    expect(errors.result()['rmse']).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b, 0) / counted.length), 5);
  });
});
