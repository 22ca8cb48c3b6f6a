import { describe, expect, test } from 'vitest';
import type { Person } from '../../src/core/data/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import {
  decodeHeatmaps,
  drawSkeleton,
  evaluateOks,
  oks,
  oksSigmas,
  type PoseDescription,
  PoseAccuracy,
  poseTask,
  unmirrorHeatmaps,
} from '../../src/core/task/index.js';
import { evaluate, portable } from '../graph/run.js';

const description: PoseDescription = {
  task: 'pose',
  joints: ['left_shoulder', 'right_hip', 'nose'],
  skeleton: [[0, 1]],
  crop: [96, 128],
  padding: 1.25,
  sigma: 2,
  decoding: 'parabola',
};

const personAt = (joints: readonly number[], extra: Partial<Person> = {}): Person => ({
  box: { left: 0, top: 0, width: 96, height: 128 },
  joints: Float32Array.from(joints),
  area: 5000,
  headSize: 0,
  boxSize: 100,
  image: 0,
  original: { scale: 1, left: 0, top: 0 },
  ...extra,
});

describe('heatmaps', () => {
  // From the joint to its Gaussian at 1/4 of the resolution, and back to pixels of the crop.
  test.each([
    ['parabola', 0.5],
    // A quarter of a map's pixel is a pixel of the crop: nearer it cannot come.
    ['quarter', 1.001],
  ] as const)('joint → map → joint, %s: at most %f pixels off', async (decoding, most) => {
    const random = seededRandom(1);
    const task = poseTask({ ...description, decoding });
    const image = { width: 96, height: 128 };
    for (let n = 0; n < 10; n++) {
      const joints = Array.from({ length: 3 }, () => [8 + 80 * random.next(), 8 + 112 * random.next(), 1]).flat();
      const data = Float32Array.from(task.encodeTruth(personAt(joints), 32, 24, image));
      const { maps } = await evaluate(portable, { target: { dims: [1, 6, 3], data } }, ({ target }) => {
        const [heatmaps] = target ? task.prepareTarget(target, 32, 24) : [];
        if (!heatmaps) throw new Error('no maps');
        return { maps: heatmaps };
      });
      const seen = task.depict(maps ?? new Float32Array(), [32, 24], image);
      if (seen.kind !== 'joints') throw new TypeError('no joints');
      seen.joints.forEach((v, i) => {
        if (i % 3 < 2) expect(Math.abs(v - (joints[i] ?? 0))).toBeLessThan(most);
      });
    }
  });

  test('by hand: the largest value, a quarter towards its larger neighbour; at the rim no further', () => {
    const map = Float32Array.of(0, 0, 0, 0, 0, 0.2, 1, 0.5, 0, 0.3, 0.1, 0);
    expect([...decodeHeatmaps(map, 1, 3, 4, 'quarter')]).toEqual([2.25, 1.25, 1]);
    expect([...decodeHeatmaps(Float32Array.of(3, 1, 1, 1), 1, 2, 2, 'quarter')]).toEqual([0, 0, 3]);
    expect([...decodeHeatmaps(Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1), 1, 3, 3, 'parabola')]).toEqual([0, 0, 1]);
  });

  test('a mirrored map goes back, left for right', () => {
    const maps = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect([...unmirrorHeatmaps(maps, [1, 0], 1, 3)]).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test('joints that are not visible are no part of the loss', async () => {
    const task = poseTask(description);
    const rows = (visible: number) =>
      Float32Array.from(task.encodeTruth(personAt([20, 30, 1, 40, 50, visible, 60, 70, 0]), 16, 12, { width: 96, height: 128 }));
    const output = { dims: [1, 3, 16, 12], data: new Float32Array(3 * 16 * 12) };
    const lossOf = async (data: Float32Array): Promise<number> =>
      (
        await evaluate(portable, { output, target: { dims: [1, 6, 3], data } }, (t) => {
          if (!t['output'] || !t['target']) throw new Error('inputs');
          return { y: task.loss(t['output'], task.prepareTarget(t['target'], 16, 12)) };
        })
      )['y']?.[0] ?? Number.NaN;
    // A map of zeros has loss 1, whatever the number of joints; nobody at all has loss 0.
    expect(await lossOf(rows(1))).toBeCloseTo(1, 1);
    expect(await lossOf(rows(0))).toBeCloseTo(1, 1);
    const nobody = rows(0);
    nobody[2] = 0;
    expect(await lossOf(nobody)).toBe(0);
  });
});

describe('PCK', () => {
  // The torso is 100 pixels long: a joint is found within 20.
  const truth = { ...personAt([0, 0, 1, 60, 80, 1, 30, 30, 1]), headSize: 20 };

  test('by hand', () => {
    const accuracy = new PoseAccuracy(description.joints, description.crop, 'quarter');
    accuracy.addPerson(Float32Array.of(12, 16, 1, 60, 101, 1, 30, 39, 1), truth);
    // 20, 21 and 9 away; of the head's 20 half is 10.
    expect(accuracy.result()).toMatchObject({ pck: 2 / 3, pckh: 1 / 3 });
    expect(accuracy.breakdown()).toEqual({ kind: 'joints', counted: [1, 1, 1], found: [1, 0, 1] });
  });

  test('by the longer side of the box, whatever the skeleton: within a fifth, and strictly within a twentieth', () => {
    const names = ['tip', 'corner a', 'corner b'];
    const accuracy = new PoseAccuracy(names, description.crop, 'quarter');
    // The box is 100 long: 20, 21 and 5 away.
    accuracy.addPerson(Float32Array.of(12, 16, 1, 60, 101, 1, 30, 35, 1), { ...truth, headSize: 0 });
    const { pckBox, pckBoxStrict, ...others } = accuracy.result();
    expect([pckBox, pckBoxStrict]).toEqual([2 / 3, 1 / 3]);
    expect(others).toEqual({});
    expect(accuracy.breakdown()).toEqual({ kind: 'joints', counted: [1, 1, 1], found: [1, 0, 1] });
    expect(poseTask({ ...description, joints: names }).score).toBe('pckBox');
    expect(poseTask(description).score).toBe('pck');
    expect(poseTask({ ...description, joints: names }, { reward: 'pckBox' }).reward({ pckBox: 0.7 })).toBe(0.7);
  });

  test("the box's size is the person's own, not the crop's", () => {
    const task = poseTask({ ...description, joints: ['tip'] });
    const person = { ...personAt([40, 60, 1]), boxSize: 50, original: { scale: 2, left: 5, top: 7 } };
    const row = task.encodeTruth(person, 32, 24, { width: 96, height: 128 });
    expect(task.countOf(row)).toBe(1);
    const maps = new Float32Array(32 * 24);
    // At the map's pixel (12, 15): 49.5 and 61.5 in the crop; 9.5 · 2 beside the joint, more than a fifth of 50.
    maps[15 * 24 + 12] = 1;
    const accuracy = task.accumulator();
    accuracy.add(maps, row, [32, 24]);
    expect(accuracy.result()).toMatchObject({ pckBox: 0 });
    const wider = task.accumulator();
    wider.add(maps, task.encodeTruth({ ...person, boxSize: 100 }, 32, 24, { width: 96, height: 128 }), [32, 24]);
    expect(wider.result()).toMatchObject({ pckBox: 1, pckBoxStrict: 0 });
  });

  test('joints that cannot be seen do not count; without torso and head there is nothing to measure by', () => {
    const accuracy = new PoseAccuracy(description.joints, description.crop, 'quarter');
    accuracy.addPerson(new Float32Array(9), { ...truth, headSize: 0, joints: Float32Array.of(0, 0, 0, 60, 80, 1, 30, 30, 1) });
    expect(Object.keys(accuracy.result())).not.toContain('pck');
    accuracy.addPerson(Float32Array.of(0, 0, 1, 60, 80, 1, 0, 0, 1), { ...truth, joints: Float32Array.of(0, 0, 1, 60, 80, 1, 99, 99, 0) });
    expect(accuracy.result()).toMatchObject({ pck: 1 });
  });
});

describe('OKS', () => {
  const sigmas = oksSigmas(['nose', 'left_hip']) ?? [];

  test("COCO's figures by name; none where a joint is not COCO's", () => {
    expect(sigmas).toEqual([0.026, 0.107]);
    expect(oksSigmas(['nose', 'tail'])).toBeUndefined();
    // As pycocotools lists them (kpt_oks_sigmas), in COCO's order, in tenths.
    const published = [0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72, 0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89];
    const pairs = ['eye', 'ear', 'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle'].flatMap((name) => [`left_${name}`, `right_${name}`]);
    expect(oksSigmas(['nose', ...pairs])).toEqual(published.map((v) => expect.closeTo(v / 10, 9)));
  });

  test("the model's own sigmas, for joints that COCO does not know, and before COCO's", () => {
    const far = (sigmas: readonly number[] | undefined, joints: readonly string[]): number | undefined => {
      const accuracy = poseTask({ ...description, joints: [...joints], sigmas: sigmas && [...sigmas] }).accumulator();
      if (!(accuracy instanceof PoseAccuracy)) throw new TypeError('no accuracy');
      // 10 pixels off at a scale of 100: e^(−1/8) with σ = 0.1, e^(−½·(10/5.2)²) with the nose's.
      accuracy.addPerson(Float32Array.of(20, 10, 1), {
        joints: Float32Array.of(10, 10, 1),
        area: 10_000,
        image: 0,
        headSize: 0,
        boxSize: 100,
      });
      return accuracy.result()['oksAP'];
    };
    // 0.88 passes eight of ten thresholds, 0.16 none.
    expect(far([0.1], ['tip'])).toBeCloseTo(0.8);
    expect(far(undefined, ['tip'])).toBeUndefined();
    expect(far(undefined, ['nose'])).toBe(0);
    expect(far([0.1], ['nose'])).toBeCloseTo(0.8);
  });

  test('by hand: exp(−d² / 2s²(2σ)²), the mean over what is visible', () => {
    const person = { joints: Float32Array.of(10, 10, 2, 50, 50, 2), area: 10_000, image: 0 };
    expect(oks(Float32Array.of(10, 10, 1, 50, 50, 1), person, sigmas)).toBeCloseTo(1);
    // 5.2 pixels are one (2σ)·s of the nose: e^−½.
    expect(oks(Float32Array.of(15.2, 10, 1, 50, 50, 1), person, sigmas)).toBeCloseTo((Math.exp(-0.5) + 1) / 2, 6);
    expect(oks(Float32Array.of(15.2, 10, 1, 0, 0, 1), { ...person, joints: Float32Array.of(10, 10, 2, 50, 50, 0) }, sigmas)).toBeCloseTo(
      Math.exp(-0.5),
      6,
    );
  });

  test('one of two found: precision 1 up to recall a half', () => {
    const at = (x: number, image: number) => ({ joints: Float32Array.of(x, x, 2, x + 9, x, 2), area: 10_000, image });
    const found = { joints: Float32Array.of(10, 10, 1, 19, 10, 1), score: 0.9, image: 0 };
    const figures = evaluateOks([at(10, 0), at(40, 1)], [found], sigmas);
    // 51 of 101 recalls, 0 to 0.5.
    expect(figures.oksAP).toBeCloseTo(51 / 101);
    expect(figures.oksAR).toBeCloseTo(0.5);
    expect(figures.oksAPmedium).toBeUndefined();
    expect(figures.oksAPlarge).toBeCloseTo(51 / 101);
    // A surer wrong one comes first: precision ½.
    const wrong = { joints: Float32Array.of(900, 900, 1, 990, 900, 1), score: 0.95, image: 0 };
    expect(evaluateOks([at(10, 0), at(40, 1)], [found, wrong], sigmas).oksAP).toBeCloseTo(51 / 202);
  });
});

test('a skeleton is drawn of what is seen', () => {
  const svg = drawSkeleton(Float32Array.of(10, 20, 1, 30, 40, 0.5, 5, 5, 0), description, 96, 128);
  expect(svg.match(/<circle/g)?.length).toBe(2);
  expect(svg.match(/<line/g)?.length).toBe(1);
  expect(svg).toContain('viewBox="0 0 96 128"');
});
