import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  cropImage,
  cropPerson,
  type Framing,
  frame,
  fromCrop,
  loadSample,
  mirrorOrder,
  mpiiJoints,
  openPoseDataset,
  type Person,
  planCrop,
  readPeople,
  SkipCount,
  streamSamples,
  toCrop,
} from '../../src/core/data/index.js';
import { loadPreset, openPresetData } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { temporaryFolder } from './fixtures.js';
import { fewJoints, jointColours, writePeopleFolder } from './people.js';

const shared = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
const hasShared = existsSync(path.join(shared, 'mpii-sample'));
if (!hasShared) console.warn('readers of real COCO, MPII and LSP files skipped: ../shared/data is not there');

describe.skipIf(!hasShared)('real files', () => {
  test('COCO: crowds and people without a visible joint are left out and counted', async () => {
    const folder = path.join(shared, 'coco-sample');
    const file = path.join(folder, 'test_coco.json');
    const { annotations, categories } = JSON.parse(await readFile(file, 'utf8'));
    const skipped = new SkipCount();
    const people = await readPeople(file, [folder], { joints: categories[0].keypoints }, skipped);
    const usable = annotations.filter((a: { num_keypoints: number; iscrowd: number }) => a.num_keypoints > 0 && !a.iscrowd);
    expect(people.length).toBe(usable.length);
    expect(skipped.list().reduce((n, { count }) => n + count, 0)).toBe(annotations.length - usable.length);
    people.forEach(({ person }, i) => {
      expect(person.joints.filter((v, k) => k % 3 === 2 && v > 0).length).toBe(usable[i].num_keypoints);
      expect(person.area).toBe(usable[i].area);
    });
    // Several people on one photograph have its number.
    expect(new Set(people.map(({ image }) => image)).size).toBe(new Set(people.map(({ person }) => person.image)).size);
  });

  test("MPII: mmpose's list, Matlab's count from 1 undone", async () => {
    const folder = path.join(shared, 'mpii-sample');
    const people = await readPeople(path.join(folder, 'test_mpii.json'), [folder], { joints: mpiiJoints }, new SkipCount());
    expect(people.length).toBe(5);
    const [first] = people;
    expect(path.basename(first?.image ?? '')).toBe('005808361.jpg');
    expect([...(first?.person.joints.subarray(0, 3) ?? [])]).toEqual([803, 710, 1]);
    expect(first?.person.box.width).toBeCloseTo(200 * 4.718488);
    expect((await loadSample(people[4] ?? { image: '', mask: '' }, { kind: 'joints', joints: mpiiJoints })).image.width).toBeGreaterThan(
      100,
    );
  });

  test('LSP extended: 300 and 50 people', async () => {
    const preset = await loadPreset('lspet-pose');
    const { train, val, skipped } = await openPresetData(path.join(shared, 'lspet'), preset);
    expect([train.length, val.length, skipped]).toEqual([300, 50, []]);
  });
});

describe('what is wrong with a folder of people is named', () => {
  async function folderWith(change: (content: { annotations: Record<string, unknown>[] } & Record<string, unknown>) => void) {
    const folder = await temporaryFolder();
    await writePeopleFolder(folder, { train: 4, val: 2 });
    const file = path.join(folder, 'train.json');
    const content = JSON.parse(await readFile(file, 'utf8'));
    change(content);
    await writeFile(file, JSON.stringify(content));
    return folder;
  }

  test.each([
    ['an unknown joint', ['left_shoulder', 'tail'], () => {}, /train\.json: has no joint "tail" but left_shoulder, /],
    [
      'too few numbers',
      fewJoints,
      ({ annotations }: { annotations: Record<string, unknown>[] }) => Object.assign(annotations[0] ?? {}, { keypoints: [1, 2, 2] }),
      /train\.json: annotation 0 has 3 numbers for 5 joints/,
    ],
    [
      'an image that is not listed',
      fewJoints,
      ({ annotations }: { annotations: Record<string, unknown>[] }) => Object.assign(annotations[1] ?? {}, { image_id: 77 }),
      /annotation 1 names image 77, which is not in its list/,
    ],
    [
      'no joints at all',
      fewJoints,
      (content: Record<string, unknown>) => Object.assign(content, { categories: [{ id: 1 }] }),
      /none of its categories lists keypoints/,
    ],
    ['no annotations', fewJoints, (content: Record<string, unknown>) => Object.assign(content, { annotations: 'none' }), /annotations: /],
  ])('%s', async (_what, joints, change, message) => {
    await expect(openPoseDataset(await folderWith(change), { joints })).rejects.toThrow(message);
  });

  test('no such folder; no image; text that is no JSON', async () => {
    const folder = await temporaryFolder();
    await expect(openPoseDataset(folder, { joints: fewJoints })).rejects.toThrow(/holds no annotations of train; expected train\.json/);
    await writeFile(path.join(folder, 'train.json'), '{"images"');
    await expect(openPoseDataset(folder, { joints: fewJoints })).rejects.toThrow(/train\.json: cannot be read as JSON/);
    await writePeopleFolder(folder, { train: 1, val: 1 });
    const text = await readFile(path.join(folder, 'train.json'), 'utf8');
    await writeFile(path.join(folder, 'train.json'), text.replace('train-0.png', 'gone.png'));
    await expect(openPoseDataset(folder, { joints: fewJoints })).rejects.toThrow(/gone\.png is in none of .*images/);
  });

  test('crowds, boxes outside the image or without area, people of whom nothing is seen: left out and counted', async () => {
    const folder = await folderWith(({ annotations }) => {
      const [a, b, c, d] = annotations;
      Object.assign(a ?? {}, { iscrowd: 1 });
      Object.assign(b ?? {}, { bbox: [500, 10, 20, 20] });
      Object.assign(c ?? {}, { keypoints: Array.from({ length: 15 }, () => 0) });
      annotations.push({ ...d, id: 99, bbox: [4, 4, 0, 9] });
    });
    const { train, skipped } = await openPoseDataset(folder, { joints: fewJoints });
    expect(train.length).toBe(1);
    expect(skipped).toEqual([
      { reason: 'a crowd', count: 1 },
      { reason: 'a box outside the image', count: 1 },
      { reason: 'no visible joint', count: 1 },
      { reason: 'a box without area', count: 1 },
    ]);
  });
});

describe('crops', () => {
  const plan = { width: 40, height: 56, x: 103.5, y: 61.25, scale: 0.7, angle: 0.6, mirrored: true };

  test('to the crop and back is the same point', () => {
    for (const mirrored of [false, true])
      for (const angle of [0, -0.7, 2]) {
        const [u, v] = toCrop({ ...plan, angle, mirrored }, 90, 77);
        const [x, y] = fromCrop({ ...plan, angle, mirrored }, u, v);
        expect([x, y].map((c) => Math.round(1e6 * c) / 1e6)).toEqual([90, 77]);
      }
  });

  test('the box keeps its aspect and lies in the middle', () => {
    const size = { width: 60, height: 80, padding: 1.25 };
    const wide = planCrop({ left: 10, top: 20, width: 100, height: 50 }, size);
    // The width decides: 100 · 1.25 pixels become 60.
    expect(wide.scale).toBeCloseTo(60 / 125);
    expect(toCrop(wide, 59.5, 44.5)).toEqual([29.5, 39.5]);
  });

  test('left and right change places in the mirror, and only there', () => {
    expect(mirrorOrder(['left_knee', 'nose', 'right_knee', 'r_ear', 'l_ear', 'rightEye', 'leftEye', 'left_tail'])).toEqual([
      2, 1, 0, 4, 3, 6, 5, 7,
    ]);
    const person: Person = {
      box: { left: 0, top: 0, width: 20, height: 20 },
      joints: Float32Array.of(5, 6, 1, 14, 7, 1),
      area: 1,
      headSize: 0,
      boxSize: 20,
      image: 0,
      original: { scale: 1, left: 0, top: 0 },
    };
    const same = { width: 20, height: 20, x: 9.5, y: 9.5, scale: 1, angle: 0 };
    expect([...cropPerson(person, { ...same, mirrored: false }, [1, 0], false).joints]).toEqual([5, 6, 1, 14, 7, 1]);
    // The left one was at 5: in the mirror it is at 14, and a right one.
    expect([...cropPerson(person, { ...same, mirrored: true }, [1, 0], false).joints]).toEqual([5, 7, 1, 14, 6, 1]);
    const small = { ...same, width: 10, height: 20, x: 4.5, mirrored: false };
    expect([...cropPerson(person, small, [0, 1], true).joints].filter((_, i) => i % 3 === 2)).toEqual([1, 0]);
  });

  test('pixels go where the joints go, turned, scaled and mirrored', async () => {
    const folder = await temporaryFolder();
    await writePeopleFolder(folder, { train: 3, val: 1 });
    const { train, labelling } = await openPoseDataset(folder, { joints: fewJoints });
    const order = mirrorOrder(fewJoints);
    const framing: Framing = { kind: 'person', width: 96, height: 96, padding: 1.25, rotation: 40, scale: 0.2, mirror: true };
    const seen = new Set<boolean>();
    for (let seed = 0; seed < 12; seed++) {
      const sample = train[seed % 3];
      if (!sample) continue;
      const { image, truth } = await frame(await loadSample(sample, labelling), framing, labelling, seededRandom(seed));
      if (!('joints' in truth)) throw new TypeError('not a person');
      const right = (k: number): boolean => (truth.joints[3 * k] ?? 0) > (truth.joints[3 * order.indexOf(k)] ?? 0);
      const mirrored = pixel(image, truth.joints, 0)?.[1] === 240;
      seen.add(mirrored);
      // In these pictures the left shoulder is to the right; in the mirror it is so too, in the right one's colour.
      expect(right(0)).toBe(true);
      for (let k = 0; k < fewJoints.length; k++)
        if (truth.joints[3 * k + 2]) {
          const expected = jointColours[mirrored ? (order[k] ?? k) : k] ?? [];
          pixel(image, truth.joints, k).forEach((v, c) => {
            expect(Math.abs(v - (expected[c] ?? 0)), `${seed} ${k}`).toBeLessThan(12);
          });
        }
    }
    expect(seen.size).toBe(2);
  });

  test('validation leaves nothing to chance, and says where the crop was', async () => {
    const folder = await temporaryFolder();
    await writePeopleFolder(folder, { train: 1, val: 1 });
    const { val, labelling } = await openPoseDataset(folder, { joints: fewJoints });
    const [sample] = val;
    if (!sample || !('person' in sample)) throw new TypeError('no person');
    const framing: Framing = { kind: 'person', width: 48, height: 64, padding: 1.25 };
    const framed = [1, 2].map(async (seed) => frame(await loadSample(sample, labelling), framing, labelling, seededRandom(seed)));
    const [a, b] = await Promise.all(framed);
    expect(a).toEqual(b);
    if (!a || !('joints' in a.truth)) throw new TypeError('no person');
    const { joints, original } = a.truth;
    for (let k = 0; k < fewJoints.length; k++) {
      expect(original.scale * (joints[3 * k] ?? 0) + original.left).toBeCloseTo(sample.person.joints[3 * k] ?? 0, 3);
      expect(original.scale * (joints[3 * k + 1] ?? 0) + original.top).toBeCloseTo(sample.person.joints[3 * k + 1] ?? 0, 3);
    }
  });

  test('what becomes much smaller is averaged', () => {
    // Stripes a pixel wide, black and white.
    const [width, height] = [256, 256];
    const image = { width, height, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => (Math.floor(i / 3) % 2) * 255) };
    const small = cropImage(image, planCrop({ left: 0, top: 0, width, height }, { width: 32, height: 32, padding: 1 }));
    for (const v of small.data) expect(Math.abs(v - 128)).toBeLessThan(3);
  });

  test('several people of one image come from worker threads each with their own joints', async () => {
    const folder = await temporaryFolder();
    await writePeopleFolder(folder, { train: 2, val: 1 });
    const { train, labelling } = await openPoseDataset(folder, { joints: fewJoints });
    const [first, second] = train;
    if (!first || !second || !('person' in second)) throw new TypeError('no people');
    const requests = [first, { image: first.image, person: second.person }].map((sample) => ({ sample, seed: 0 }));
    const seen: string[] = [];
    const framing: Framing = { kind: 'person', width: 48, height: 64, padding: 1.25 };
    for await (const { truth } of streamSamples(requests, framing, labelling, 1)) seen.push('joints' in truth ? truth.joints.join() : '');
    expect(new Set(seen).size).toBe(2);
  });
});

function pixel(image: { readonly width: number; readonly data: Uint8Array }, joints: Float32Array, k: number): number[] {
  const [x, y] = [Math.round(joints[3 * k] ?? 0), Math.round(joints[3 * k + 1] ?? 0)];
  return [...image.data.subarray(3 * (y * image.width + x), 3 * (y * image.width + x) + 3)];
}
