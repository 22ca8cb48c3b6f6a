import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import {
  type DepthMap,
  depthLevel,
  depthLevels,
  frame,
  levelColour,
  levelDepth,
  loadSample,
  openDepthDataset,
  readDepth,
  resizeDepths,
  writeDepth,
} from '../../src/core/data/index.js';
import { generateDemo } from '../../src/platform/node/demo/generate.js';
import { seededRandom } from '../../src/core/random/index.js';
import { greyPng, temporaryFolder, writePhoto } from './fixtures.js';

const ramp = (width: number, height: number): DepthMap => ({
  width,
  height,
  metres: Float32Array.from({ length: width * height }, (_, i) => 1 + (i % width) / 4),
});

async function writePair(folder: string, image: string, depth: string, width = 16, height = 12): Promise<void> {
  for (const file of [image, depth]) await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  await writePhoto(path.join(folder, image), width, height);
  await writeDepth(path.join(folder, depth), ramp(width, height), 1000);
}

describe('depth maps', () => {
  test('16 bits, there and back; what was not measured stays so', async () => {
    const file = path.join(await temporaryFolder(), 'd.png');
    const metres = Float32Array.of(0, 0.001, 1.2345, 65.5, Number.NaN, -3, 400, 7.5);
    await writeDepth(file, { width: 4, height: 2, metres }, 1000);
    const back = [...(await readDepth(file, 1000)).metres].map((m) => Math.round(m * 1000));
    expect(back).toEqual([0, 1, 1235, 65_500, 0, 0, 65_535, 7500]);
    expect((await readDepth(file, 256)).metres[7]).toBeCloseTo(7500 / 256);
  });

  test('8 bits, colour, or a torn file are refused with the name', async () => {
    const folder = await temporaryFolder();
    const at = (name: string): string => path.join(folder, name);
    await writeFile(at('eight.png'), greyPng(new Uint8Array(12), 4, 3));
    await expect(readDepth(at('eight.png'), 1000)).rejects.toThrow(/eight\.png: the depth map has 1 channel\(s\) of 8 bits; .*16 bits/);
    await writeFile(at('rgb.png'), encode({ width: 2, height: 2, data: new Uint16Array(12), channels: 3, depth: 16 }));
    await expect(readDepth(at('rgb.png'), 1000)).rejects.toThrow(/rgb\.png: the depth map has 3 channel\(s\)/);
    await writeFile(at('torn.png'), new Uint8Array(20));
    await expect(readDepth(at('torn.png'), 1000)).rejects.toThrow(/torn\.png: /);
  });

  test('a sparse map keeps its points when it is made smaller', () => {
    const metres = new Float32Array(16 * 16);
    metres[3 * 16 + 1] = 5;
    metres[9 * 16 + 12] = 7;
    const small = resizeDepths({ width: 16, height: 16, metres }, 4, 4);
    expect([...small.metres].filter((m) => m > 0)).toEqual([5, 7]);
    expect(small.metres[0]).toBe(5);
    expect(small.metres[2 * 4 + 3]).toBe(7);
  });

  test('scaled by s, everything is s times as near; outside nothing is measured', async () => {
    const sample = {
      image: { width: 8, height: 8, data: new Uint8Array(192) },
      truth: { ...ramp(8, 8), metres: new Float32Array(64).fill(6) },
    };
    const framing = { kind: 'random', side: 8, width: 24, height: 24, scale: [2, 2], mirror: true } as const;
    const { truth } = await frame(sample, framing, { kind: 'depth', scale: 1 }, seededRandom(1));
    if (!('metres' in truth)) throw new TypeError('no depth');
    const counts = new Map<number, number>();
    for (const m of truth.metres) counts.set(m, (counts.get(m) ?? 0) + 1);
    expect(counts).toEqual(
      new Map([
        [0, 24 * 24 - 256],
        [3, 256],
      ]),
    );
  });

  test('the colour scale: every level has a colour of its own, and its depth back', () => {
    const colours = Array.from({ length: depthLevels }, (_, level) => levelColour(level).join());
    expect(new Set(colours).size).toBe(depthLevels);
    for (const metres of [1, 1.7, 5, 22, 40]) expect(levelDepth(depthLevel(metres, 1, 40), 1, 40) / metres).toBeCloseTo(1, 1);
    expect([depthLevel(0, 1, 40), depthLevel(0.5, 1, 40), depthLevel(99, 1, 40)]).toEqual([0, 255, 1]);
  });
});

describe('folders of depth', () => {
  test('lists: tabs, or spaces with a focal length; None is left out and counted', async () => {
    const folder = await temporaryFolder();
    await writePair(folder, 'a.png', 'da.png');
    await writeFile(path.join(folder, 'train.txt'), 'a.png da.png 721.5\na.png None 721.5\n');
    await writeFile(path.join(folder, 'val.txt'), 'a.png\tda.png\n');
    const { train, val, skipped } = await openDepthDataset(folder, { scale: 1000 });
    expect([train.length, val.length]).toEqual([1, 1]);
    expect(skipped).toEqual([{ reason: 'no depth map (None)', count: 1 }]);
    await writeFile(path.join(folder, 'val.txt'), 'a.png\tgone.png\n');
    await expect(openDepthDataset(folder, { scale: 1000 })).rejects.toThrow(/val\.txt:1: .*gone\.png does not exist/);
    await writeFile(path.join(folder, 'val.txt'), 'a.png\n');
    await expect(openDepthDataset(folder, { scale: 1000 })).rejects.toThrow(/val\.txt:1: expected "image TAB depth map", got "a\.png"/);
  });

  test("NYUDv2's folders, paired by name", async () => {
    const folder = await temporaryFolder();
    await writePair(folder, 'train/rgb/1.jpg', 'train/depth/1.png');
    await writePair(folder, 'test/rgb/2.jpg', 'test/depth/2.png');
    const { train, val } = await openDepthDataset(folder, { scale: 1000 });
    expect([...train, ...val].map((sample) => path.relative(folder, sample.image))).toEqual(['train/rgb/1.jpg', 'test/rgb/2.jpg']);
    await writePhoto(path.join(folder, 'train/rgb/3.jpg'), 8, 8);
    const more = await openDepthDataset(folder, { scale: 1000 });
    expect(more.train.length).toBe(1);
    expect(more.findings).toMatchObject([
      { grade: 'warning', code: 'picture-without-label', count: 1, files: [path.join(folder, 'train/rgb/3.jpg')] },
    ]);
  });

  test("KITTI's layout; maps without their image are left out and counted", async () => {
    const folder = await temporaryFolder();
    const drive = '2011_09_26_drive_0001_sync';
    const map = (split: string, n: number): string => `${split}/${drive}/proj_depth/groundtruth/image_02/${n}.png`;
    await writePair(folder, `raw/2011_09_26/${drive}/image_02/data/5.png`, map('train', 5));
    await writePair(folder, `2011_09_26/${drive}/image_02/data/6.png`, map('val', 6));
    await writeDepth(path.join(folder, map('train', 7)), ramp(16, 12), 256);
    const { train, val, skipped } = await openDepthDataset(folder, { scale: 256 });
    expect([train.length, val.length]).toEqual([1, 1]);
    expect(skipped).toEqual([{ reason: 'a depth map whose image is not there', count: 1 }]);
  });

  test('no folder, no data, a map of another size: said with the name', async () => {
    const folder = await temporaryFolder();
    await expect(openDepthDataset(path.join(folder, 'nowhere'), { scale: 1 })).rejects.toThrow(/nowhere: there is no such folder/);
    await expect(openDepthDataset(folder, { scale: 1 })).rejects.toThrow(/holds nothing, but neither train\.txt \(image TAB depth map\)/);
    await writePair(folder, 'a.png', 'da.png');
    await writeDepth(path.join(folder, 'small.png'), ramp(4, 4), 1000);
    await expect(
      loadSample({ image: path.join(folder, 'a.png'), depth: path.join(folder, 'small.png') }, { kind: 'depth', scale: 1000 }),
    ).rejects.toThrow(/small\.png: the depth map is 4×4, its image .*a\.png is 16×12; they must be of one size/);
  });
});

describe('generated depth', () => {
  test('is the same for the same seed; nearer ground is lower, rooms are measured everywhere', async () => {
    const [a, b] = [await temporaryFolder(), await temporaryFolder()];
    const options = { task: 'depth', train: 6, val: 2, width: 96, height: 72 } as const;
    await generateDemo(a, { ...options, random: seededRandom(5) });
    await generateDemo(b, { ...options, random: seededRandom(5) });
    const { train, labelling } = await openDepthDataset(a, { scale: 1000 });
    expect(train.length).toBe(6);
    for (const [i, sample] of train.entries()) {
      const { truth } = await loadSample(sample, labelling);
      if (!('metres' in truth)) throw new TypeError('no depth');
      expect(truth).toEqual(await readDepth(path.join(b, path.relative(a, 'depth' in sample ? sample.depth : '')), 1000));
      const isRoom = i % 2 === 1;
      const unmeasured = truth.metres.filter((m) => m === 0).length;
      if (isRoom) expect(unmeasured).toBe(0);
      else expect(unmeasured).toBeGreaterThan(0.1 * truth.metres.length);
      // Down the left edge, from the horizon to the feet, nothing gets farther away but where an object begins or ends.
      const column = Array.from({ length: 36 }, (_, y) => truth.metres[(36 + y) * 96] ?? 0).filter((m) => m > 0);
      const farther = column.filter((m, y) => y > 0 && m > (column[y - 1] ?? 0) + 1e-3).length;
      expect(farther).toBeLessThan(5);
      expect(Math.min(...truth.metres.filter((m) => m > 0))).toBeGreaterThan(1);
    }
  });
});
