// Files of people as labelling tools and scripts leave them: refused, left out with a count, or taken.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type Dataset, type Finding, mpiiJoints, openPoseDataset } from '../../src/core/data/index.js';
import { openPresetData, parsePreset } from '../../src/core/preset/index.js';
import { presetFolder } from '../../src/platform/node/assets.js';
import { temporaryFolder } from './fixtures.js';
import { fewJoints, writePeopleFolder } from './people.js';

interface Annotation {
  id: number | string;
  image_id: number | string;
  category_id: number | string;
  keypoints: number[];
  bbox: [number, number, number, number];
  area: number;
}

interface Content {
  images: { id: number | string; file_name: string; width: number; height: number }[];
  annotations: Annotation[];
  categories: { id: number | string; name: string; keypoints?: string[] }[];
}

/** Six people, 64×72 pixels each; the list of training changed. */
async function changed(change: (content: Content, folder: string) => unknown, count = 6): Promise<string> {
  const folder = await temporaryFolder();
  await writePeopleFolder(folder, { train: count, val: 2 });
  const file = path.join(folder, 'train.json');
  const content: Content = JSON.parse(await readFile(file, 'utf8'));
  await change(content, folder);
  await writeFile(file, JSON.stringify(content));
  return folder;
}

const opened = async (change: Parameters<typeof changed>[0], joints: readonly string[] = fewJoints): Promise<Dataset> =>
  openPoseDataset(await changed(change), { joints });

const finding = (dataset: Dataset, code: string): Finding | undefined => dataset.findings.find((found) => found.code === code);

/** All x, all y of an annotation's joints. */
function move(annotation: Annotation | undefined, to: (x: number, y: number) => [number, number]): void {
  for (let k = 0; annotation && k < annotation.keypoints.length; k += 3)
    annotation.keypoints.splice(k, 2, ...to(annotation.keypoints[k] ?? 0, annotation.keypoints[k + 1] ?? 0));
}

test('a good folder has no findings', async () => {
  const dataset = await opened(() => {});
  expect([dataset.train.length, dataset.skipped, dataset.findings]).toEqual([6, [], []]);
});

test('boxes said by their centres, and visibility that is a confidence, are warned of', async () => {
  const centred = await opened(({ annotations }) => {
    for (const { bbox } of annotations) bbox.splice(0, 2, bbox[0] + bbox[2] / 2, bbox[1] + bbox[3] / 2);
  });
  expect(finding(centred, 'joints-beside-boxes')).toMatchObject({ grade: 'warning', remedy: expect.stringMatching(/not the centre/) });
  const sure = await opened(({ annotations }) => {
    for (const { keypoints } of annotations.slice(0, 2)) keypoints[2] = 0.4;
  });
  expect(finding(sure, 'visibility-as-confidence')).toMatchObject({ grade: 'warning', count: 2 });
});

describe('refused, with what is wrong, where, and what to do', () => {
  test.each<[string, Parameters<typeof changed>[0], RegExp]>([
    [
      'pictures resized behind the list',
      async (_, folder) => {
        for (const k of [0, 1, 2, 3]) {
          const file = path.join(folder, 'images', `train-${k}.png`);
          await writeFile(file, await sharp(file).resize(32, 36).toBuffer());
        }
      },
      /train\.json: 4 of 6 picture\(s\) are not of the size at which they were labelled: .*train-0\.png is 32×36, the list says 64×72; .*train-1.*train-2\.png is 32×36, [^;]*; …; .*put the pictures back/,
    ],
    [
      'y before x',
      ({ annotations }) => {
        // A tall box on the right: a square one on the diagonal would hold them either way.
        for (const annotation of annotations) {
          annotation.bbox = [44, 2, 14, 62];
          move(annotation, (x, y) => [y, 45 + x / 5]);
        }
      },
      /train\.json: \d+ % of the joints lie in their boxes, and 100 % with x and y exchanged \(.*\); write x before y/,
    ],
    [
      'an image id twice',
      ({ images }) => Object.assign(images[3] ?? {}, { id: 0 }),
      /train\.json: 1 image id is given twice: 0 \(train-0\.png and train-3\.png\); people would get other people's pictures: number them anew/,
    ],
    ['an annotation id twice', ({ annotations }) => Object.assign(annotations[3] ?? {}, { id: 2 }), /1 annotation id is given twice: 2 \(/],
    [
      'a category id twice',
      ({ categories }) => categories.push({ id: 1, name: 'dog', keypoints: [] }),
      /1 category id is given twice: 1 \(person and dog\)/,
    ],
    [
      'joints in 0 … 1',
      ({ annotations }) => {
        for (const a of annotations) move(a, (x, y) => [x / 64, y / 72]);
      },
      /train\.json: the joints of 6 of 6 people lie between 0 and 1 \(.*train-0\.png: box 8, 8, .*\): .*multiply x and width by the picture's width/,
    ],
    [
      'boxes in 0 … 1',
      ({ annotations }) => {
        for (const a of annotations) a.bbox = [a.bbox[0] / 64, a.bbox[1] / 72, a.bbox[2] / 64, a.bbox[3] / 72];
      },
      /the boxes of 6 of 6 people lie between 0 and 1/,
    ],
    [
      'boxes as corners',
      ({ annotations }) => {
        for (const a of annotations) a.bbox = [a.bbox[0], a.bbox[1], a.bbox[0] + a.bbox[2], a.bbox[1] + a.bbox[3]];
      },
      /train\.json: \d of 6 boxes reach beyond their pictures, and all would fit as two corners .*they seem to be x1, y1, x2, y2; write x, y, width, height/,
    ],
    [
      'most joints outside their pictures',
      ({ annotations }) => {
        for (const a of annotations) move(a, (x, y) => [10 * x, 10 * y]);
      },
      /train\.json: \d+ of 30 visible joints lie outside their pictures .*they are not pixels of these pictures/,
    ],
    [
      'pictures that are not there, all at once',
      ({ images }) => {
        for (const k of [1, 2, 3, 4]) Object.assign(images[k] ?? {}, { file_name: `gone-${k}.png` });
      },
      /train\.json: gone-1\.png; gone-2\.png; gone-3\.png; … \(4 of 6 pictures\) are in none of .*images/,
    ],
    [
      'pictures that are none',
      async (_, folder) => {
        for (const k of [2, 4]) await writeFile(path.join(folder, 'images', `train-${k}.png`), 'no picture');
      },
      /train\.json: 2 of 6 picture\(s\) cannot be read: .*train-2\.png: .*; .*train-4\.png: /,
    ],
  ])('%s', async (_what, change, message) => {
    await expect(opened(change)).rejects.toThrow(message);
  });

  test('joints that no category has, and none of several', async () => {
    const dog = { id: 2, name: 'dog', keypoints: ['tail'] };
    await expect(opened(({ categories }) => categories.push(dog), ['left_shoulder', 'tail'])).rejects.toThrow(
      /has no joint "tail" but left_shoulder, .*\(none of its 2 categories has all of them\)/,
    );
  });
});

describe('several categories', () => {
  const species = (content: Content, keypoints: string[]): void => {
    content.categories.push({ id: 2, name: 'horse', keypoints });
    for (const k of [1, 2, 3]) Object.assign(content.annotations[k] ?? {}, { category_id: 2 });
  };

  test('with the same joints are all taken, in whatever order they have them', async () => {
    const plain = await opened(() => {});
    const dataset = await opened((content) => {
      species(content, [...fewJoints].toReversed());
      for (const k of [1, 2, 3]) {
        const { keypoints = [] } = content.annotations[k] ?? {};
        const rows = Array.from({ length: fewJoints.length }, (_, j) => keypoints.slice(3 * j, 3 * j + 3));
        keypoints.splice(0, keypoints.length, ...rows.toReversed().flat());
      }
    });
    expect(dataset.findings).toEqual([]);
    const jointsOf = ({ train }: Dataset) => train.map((sample) => ('person' in sample ? [...sample.person.joints] : []));
    expect(jointsOf(dataset)).toEqual(jointsOf(plain));
  });

  test('with other joints are left out, and counted by name', async () => {
    const dataset = await opened((content) => {
      species(content, ['tail', 'left_shoulder']);
      content.categories.push({ id: 3, name: 'car' });
      Object.assign(content.annotations[4] ?? {}, { category_id: 3 });
      Object.assign(content.annotations[5] ?? {}, { category_id: 9 });
    });
    expect(dataset.train.length).toBe(1);
    expect(dataset.findings).toMatchObject([
      {
        grade: 'warning',
        code: 'category-left-out',
        count: 3,
        cause: expect.stringMatching(/"horse" is left out: it has other joints, no right_shoulder/),
      },
      {
        grade: 'warning',
        code: 'category-left-out',
        count: 1,
        cause: expect.stringMatching(/category 9, which is not in the file's list/),
      },
      { grade: 'note', code: 'category-left-out', count: 1, cause: expect.stringMatching(/"car" is left out: it has no joints/) },
    ]);
  });
});

describe('left out, with a count', () => {
  test('joints outside their pictures count as not visible; those at the rim are joints', async () => {
    const dataset = await opened(({ annotations }) => {
      annotations[1]?.keypoints.splice(0, 6, -40, 20, 2, 64, 72, 2);
      annotations[2]?.keypoints.splice(3, 3, 20, 300, 2);
      annotations[3]?.keypoints.splice(3, 3, -1, -1, 2);
      // Not visible to begin with: nothing is said of it.
      annotations[4]?.keypoints.splice(3, 3, -90, 300, 0);
    });
    const visible = dataset.train.map((sample) => ('person' in sample ? [0, 1].map((k) => sample.person.joints[3 * k + 2]) : []));
    expect(visible).toEqual([
      [1, 1],
      [0, 1],
      [1, 0],
      [1, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(finding(dataset, 'joints-outside-pictures')).toMatchObject({
      grade: 'warning',
      count: 2,
      cause: expect.stringMatching(/^2 of 29 visible joints lie outside/),
      files: [expect.stringMatching(/train-1\.png$/), expect.stringMatching(/train-2\.png$/)],
    });
  });

  test('single people in 0 … 1', async () => {
    const dataset = await opened(({ annotations }) => {
      move(annotations[1], (x, y) => [x / 64, y / 72]);
      move(annotations[2], (x, y) => [x / 64, y / 72]);
    });
    expect(dataset.train.length).toBe(4);
    expect(dataset.skipped).toEqual([{ reason: 'joints or a box between 0 and 1', count: 2 }]);
    expect(finding(dataset, 'coordinates-as-shares')).toMatchObject({ grade: 'warning', count: 2 });
  });
});

describe('taken, with a word', () => {
  test('boxes that reach beyond their pictures, joints far from their box, people who stand there twice', async () => {
    const dataset = await opened(({ annotations }) => {
      const [first, second, third] = annotations;
      if (!first || !second || !third) return;
      first.bbox = [20, 8, 60, 40];
      second.bbox = [2, 2, 8, 8];
      annotations.push({ ...third, id: 77 });
    });
    expect(dataset.train.length).toBe(7);
    expect(dataset.findings.map(({ code, count, grade }) => [code, count, grade])).toEqual([
      ['joints-beside-boxes', 1, 'warning'],
      ['boxes-beyond-pictures', 1, 'warning'],
      ['joints-far-from-their-box', 1, 'warning'],
      ['same-person-twice', 1, 'warning'],
    ]);
  });

  test('a picture in both lists', async () => {
    const dataset = await opened(({ images }) => Object.assign(images[2] ?? {}, { file_name: 'val-1.png' }));
    expect(finding(dataset, 'same-picture-in-both-lists')).toMatchObject({
      grade: 'warning',
      count: 1,
      files: [expect.stringMatching(/val-1\.png$/)],
    });
  });

  test('ids as text, sizes and areas that are not said, folders in file names, the other slash', async () => {
    const plain = await opened(() => {});
    const dataset = await opened(async ({ images, annotations, categories }, folder) => {
      await mkdir(path.join(folder, 'images', 'deep'));
      for (const image of images) {
        const file = path.join(folder, 'images', image.file_name);
        await writeFile(path.join(folder, 'images', 'deep', image.file_name), await readFile(file));
        Object.assign(image, { id: `p${image.id}`, file_name: `deep\\${image.file_name}`, width: 0, height: null });
      }
      for (const a of annotations) Object.assign(a, { id: `a${a.id}`, image_id: `p${a.image_id}`, category_id: '1', area: 0 });
      Object.assign(categories[0] ?? {}, { id: '1' });
    });
    expect(dataset.train.map((sample) => path.basename(sample.image))).toEqual(plain.train.map((sample) => path.basename(sample.image)));
    expect(dataset.train.map((s) => 'person' in s && s.person.area)).toEqual(plain.train.map((s) => 'person' in s && s.person.area));
    expect(dataset.findings).toEqual([]);
  });

  test.each([
    ['UTF-8 with a mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
    ['UTF-16', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16, the other way round', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ])('%s', async (_what, encode) => {
    const folder = await changed(() => {});
    const file = path.join(folder, 'train.json');
    await writeFile(file, encode(await readFile(file, 'utf8')));
    expect((await openPoseDataset(folder, { joints: fewJoints })).train.length).toBe(6);
  });
});

describe('pictures that EXIF turns', () => {
  /** Stored lying, shown upright: 64×72 seen, 72×64 stored. */
  const turning = async ({ images }: Content, folder: string, orientation: number): Promise<void> => {
    // From what is seen to what is stored: the inverse of what a viewer does.
    const stored = { 6: -90, 8: 90 }[orientation] ?? 0;
    for (const image of images) {
      const file = path.join(folder, 'images', image.file_name);
      const name = image.file_name.replace('.png', '.jpg');
      await sharp(await sharp(file).rotate(stored).toBuffer())
        .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
        .withMetadata({ orientation })
        .toFile(path.join(folder, 'images', name));
      image.file_name = name;
    }
  };

  test.each([6, 8])('orientation %i: labelled as a viewer shows them, or as they are stored', async (orientation) => {
    const plain = await opened(() => {});
    const seen = await opened((content, folder) => turning(content, folder, orientation));
    expect(seen.findings).toEqual([]);
    const lying = await opened(async (content, folder) => {
      await turning(content, folder, orientation);
      // The same places in the pixels as they are stored.
      const back = (x: number, y: number): [number, number] => (orientation === 6 ? [y, 63 - x] : [71 - y, x]);
      for (const image of content.images) Object.assign(image, { width: 72, height: 64 });
      for (const a of content.annotations) {
        move(a, back);
        const [left, top, width, height] = a.bbox;
        const corners = [back(left, top), back(left + width - 1, top + height - 1)];
        const [xs, ys] = [0, 1].map((c) => corners.map((corner) => corner[c] ?? 0));
        a.bbox = [Math.min(...(xs ?? [])), Math.min(...(ys ?? [])), height, width];
      }
    });
    expect(finding(lying, 'joints-of-turned-pictures')).toMatchObject({ grade: 'note', count: 6 });
    const peopleOf = ({ train }: Dataset) =>
      train.map((sample) => ('person' in sample ? { ...sample.person, joints: [...sample.person.joints] } : {}));
    expect(peopleOf(seen)).toEqual(peopleOf(plain));
    expect(peopleOf(lying)).toEqual(peopleOf(plain));
  });
});

test('MPII: joints outside the picture are found by its own size', async () => {
  const folder = await temporaryFolder();
  await writePeopleFolder(folder, { train: 2, val: 1 });
  const person = (image: string, x: number) => ({
    image,
    joints: mpiiJoints.map((_, k) => [k === 0 ? x : 20 + k, 30]),
    joints_vis: mpiiJoints.map(() => 1),
    center: [32, 36],
    scale: 0.3,
  });
  await writeFile(path.join(folder, 'train.json'), JSON.stringify([person('train-0.png', 20), person('train-1.png', 640)]));
  await writeFile(path.join(folder, 'val.json'), JSON.stringify([person('val-0.png', 65)]));
  const dataset = await openPoseDataset(folder, { joints: mpiiJoints });
  expect(finding(dataset, 'joints-outside-pictures')).toMatchObject({ count: 1, cause: expect.stringMatching(/^1 of 32 visible/) });
  // Pixel 65 counted from 1 is 64: just beyond 64 pixels, within rounding.
  const [val] = dataset.val;
  expect(val && 'person' in val && [...val.person.joints.subarray(0, 3)]).toEqual([64, 29, 1]);
});

describe('what the reward wants', async () => {
  const text = await readFile(path.join(presetFolder, 'lspet-pose.yaml'), 'utf8');
  const preset = (changes: readonly (readonly [RegExp, string])[]) =>
    parsePreset(
      [[/joints: \[.*\]/, `joints: [${fewJoints.join(', ')}]`] as const, [/skeleton: \[.*\]/, 'skeleton: []'] as const, ...changes].reduce(
        (t, [from, to]) => t.replace(from, to),
        text,
      ),
      'mine.yaml',
    );

  test('people without a torso are counted; nobody with one is an error that names what is possible', async () => {
    const some = await changed(({ annotations }) => {
      for (const k of [0, 1]) annotations[k]?.keypoints.splice(6, 6, 0, 0, 0, 0, 0, 0);
    });
    const dataset = await openPresetData(some, preset([]));
    expect(finding(dataset, 'people-without-measure')).toMatchObject({ grade: 'note', count: 2 });
    const none = await changed(({ annotations }) => {
      for (const a of annotations) a.keypoints.splice(6, 6, 0, 0, 0, 0, 0, 0);
    });
    await expect(openPresetData(none, preset([]))).rejects.toThrow(/reward\.metric pck: cannot be measured .*possible is pckBox/);
    expect((await openPresetData(none, preset([[/metric: pck/, 'metric: pckBox']]))).train.length).toBe(6);
  });

  test('OKS of any skeleton by the sigmas of the preset, one a joint', async () => {
    const folder = await changed(() => {});
    const oks = [/metric: pck/, 'metric: oksAP'] as const;
    await expect(openPresetData(folder, preset([oks]))).rejects.toThrow(
      /it wants COCO's joints and no others, or data\.sigmas in the preset/,
    );
    const withSigmas = (list: string) => preset([oks, [/metaTrainShare/, `sigmas: [${list}]\n  metaTrainShare`]]);
    expect((await openPresetData(folder, withSigmas('0.1, 0.1, 0.2, 0.2, 0.05'))).train.length).toBe(6);
    expect(() => withSigmas('0.1, 0.1')).toThrow('data.sigmas: 2 number(s) for 5 joint(s); give one for each, in the order of data.joints');
  });
});
