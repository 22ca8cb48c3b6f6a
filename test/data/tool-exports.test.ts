// Folders as labelling tools write them, with their names, spaces, capitals and marks; each read to the labels that were drawn.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Dataset, loadSample, openData } from '../../src/core/data/index.js';
import { greyPng, temporaryFolder } from './fixtures.js';

const [width, height] = [24, 20];
/** Ground, and two squares of four times three pixels' thirds: corners on pixels' edges, so that outlines are exact. */
const boxes = [
  { kind: 0, left: 2, top: 2, right: 10, bottom: 12 },
  { kind: 1, left: 12, top: 5, right: 22, bottom: 15 },
];
const truth = Uint8Array.from({ length: width * height }, (_, i) => {
  const [x, y] = [i % width, Math.floor(i / width)];
  return 1 + boxes.findIndex(({ left, top, right, bottom }) => x >= left && x < right && y >= top && y < bottom);
});

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function put(name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), content);
}

let drawn = 0;
async function photo(name: string): Promise<void> {
  const seed = drawn++;
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 7 + seed * 31) % 256);
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  await put(name, await (/\.png$/i.test(name) ? picture.png() : picture.jpeg()).toBuffer());
}

const json = (name: string, content: unknown): Promise<void> => put(name, `\u{FEFF}${JSON.stringify(content)}`);
const corners = ({ left, top, right, bottom }: (typeof boxes)[number]): number[] => [left, top, right, top, right, bottom, left, bottom];
const yoloLines = boxes.map((box) => [box.kind, ...corners(box).map((v, k) => v / (k % 2 === 0 ? width : height))].join(' ')).join('\r\n');

function classesOf({ labelling }: Dataset): readonly string[] {
  if (labelling.kind !== 'masks') throw new TypeError('no masks');
  return labelling.classes;
}

/** All samples have the labels that were drawn. @param codes of what is noticed, notes of splits and layouts left out */
async function expectTruth(
  dataset: Dataset,
  {
    layout,
    classes,
    counts,
    codes = [],
    labels = truth,
  }: { layout: string; classes: string[]; counts: [number, number]; codes?: string[]; labels?: Uint8Array },
): Promise<void> {
  expect(dataset.layout).toBe(layout);
  expect(classesOf(dataset)).toEqual(classes);
  expect([dataset.train.length, dataset.val.length]).toEqual(counts);
  const noticed = dataset.findings.map(({ grade, code, count }) => `${grade} ${code} ${count}`);
  expect(noticed.filter((said) => !/split-drawn|several-layouts|test-split-unusable/.test(said))).toEqual(codes);
  for (const sample of [...dataset.train, ...dataset.val]) {
    const { truth: read, image } = await loadSample(sample, dataset.labelling);
    if (!('data' in read)) throw new TypeError('no mask');
    expect([image.width, image.height, read.width, read.height]).toEqual([width, height, width, height]);
    expect([...read.data]).toEqual([...labels]);
  }
}

describe('YOLO segmentation', () => {
  const classes = ['background', 'Straße rot', 'grüner Baum'];

  test('Ultralytics: names as a map, the root of another machine', async () => {
    for (const split of ['train', 'val'])
      for (const k of [0, 1]) {
        await photo(`images/${split}/a ${k}.JPG`);
        await put(`labels/${split}/a ${k}.txt`, yoloLines);
      }
    await put('data.yaml', 'path: /content/set\ntrain: images/train\nval: images/val\nnames:\n  1: grüner Baum\n  0: "Straße rot"\n');
    await expectTruth(await openData(folder), { layout: 'YOLO segmentation', classes, counts: [2, 2] });
  });

  test('Roboflow: places above the folder, names as a list, no folder for validation', async () => {
    for (const k of [0, 1, 2]) {
      await photo(`train/images/${k}_jpg.rf.0a1b.jpg`);
      await put(`train/labels/${k}_jpg.rf.0a1b.txt`, yoloLines);
    }
    await put(
      'data.yaml',
      "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n\nnc: 2\nnames: ['Straße rot', 'grüner Baum']\n",
    );
    const codes = ['warning split-not-there 1'];
    await expectTruth(await openData(folder), { layout: 'YOLO segmentation', classes, counts: [2, 1], codes });
  });

  test('CVAT: a list of pictures that begins with a folder of its own', async () => {
    for (const k of [0, 1, 2]) {
      await photo(`images/train/a ${k}.jpg`);
      await put(`labels/train/a ${k}.txt`, yoloLines);
    }
    await put('train.txt', [0, 1, 2].map((k) => `data/images/train/a ${k}.jpg`).join('\n'));
    await put('data.yaml', 'path: ./\ntrain: train.txt\nnames:\n  0: Straße rot\n  1: grüner Baum\n');
    const codes = ['note paths-of-another-place 3'];
    await expectTruth(await openData(folder), { layout: 'YOLO segmentation', classes, counts: [2, 1], codes });
  });

  test.each(['classes.txt', 'labels/classes.txt', 'obj.names'])('Label Studio and labelImg: %s alone', async (names) => {
    for (const k of [0, 1, 2]) {
      await photo(`images/${k}.png`);
      await put(`labels/${k}.txt`, yoloLines);
    }
    await put(names, '\u{FEFF}Straße rot\r\ngrüner Baum\r\n');
    await expectTruth(await openData(folder), { layout: 'YOLO segmentation', classes, counts: [2, 1] });
  });

  test('texts beside their pictures, below a folder that is called images', async () => {
    folder = path.join(folder, 'images', 'set');
    for (const k of [0, 1, 2]) {
      await photo(`${k}.jpeg`);
      await put(`${k}.txt`, yoloLines);
    }
    await put('classes.txt', 'Straße rot\ngrüner Baum\n');
    await expectTruth(await openData(folder), { layout: 'YOLO segmentation', classes, counts: [2, 1] });
  });

  test('labels of joints are no outlines', async () => {
    await photo('images/train/a.jpg');
    await put('labels/train/a.txt', '0 0.5 0.5 0.4 0.4 0.3 0.3 0.6 0.6 0.4 0.7\n');
    await put('data.yaml', 'train: images/train\nval: images/train\nkpt_shape: [3, 2]\nnames: [person]\n');
    await expect(openData(folder, { task: 'segmentation' })).rejects.toThrow(
      /data\.yaml: kpt_shape .* joints \(YOLO pose\), no outlines; ask for the task pose/,
    );
  });
});

describe('Labelme', () => {
  /** A box as its painted mask: a PNG of the box alone, with a hole where the other box would be. */
  const painted = async ({ left, top, right, bottom }: (typeof boxes)[number], label: string): Promise<object> => {
    const size = { width: right - left, height: bottom - top };
    const data = new Uint8Array(size.width * size.height).fill(255);
    const png = await sharp(data, { raw: { ...size, channels: 1 } })
      .threshold(128)
      .png({ colours: 2 })
      .toBuffer();
    return {
      label,
      shape_type: 'mask',
      points: [
        [left, top],
        [right - 1, bottom - 1],
      ],
      mask: png.toString('base64'),
    };
  };
  const file = (name: string, shapes: readonly object[]): Promise<void> =>
    json(`${name}.json`, {
      version: '5.4.1',
      flags: {},
      shapes,
      imagePath: `..\\x\\${name}.jpg`,
      imageData: null,
      imageHeight: height,
      imageWidth: width,
    });

  test('what was painted is read; points and lines have no area, which is said', async () => {
    const [first, second] = boxes;
    if (!first || !second) throw new RangeError('two boxes');
    const { left, top, right, bottom } = second;
    for (const name of ['a', 'b', 'c']) {
      await photo(`${name}.jpg`);
      const others = [
        {
          label: 'rot',
          shape_type: 'linestrip',
          points: [
            [0, 0],
            [23, 19],
            [0, 19],
          ],
          mask: null,
        },
        { label: 'nose', shape_type: 'point', points: [[3, 3]] },
      ];
      const outline = {
        label: 'Baum',
        shape_type: 'polygon',
        points: [
          [left, top],
          [right, top],
          [right, bottom],
          [left, bottom],
        ],
      };
      await file(name, [await painted(first, 'rot'), outline, ...others]);
    }
    await put('labels.txt', 'rot\nBaum\n');
    const codes = ['warning shape-without-area 6'];
    await expectTruth(await openData(folder), { layout: 'Labelme', classes: ['background', 'rot', 'Baum'], counts: [2, 1], codes });
  });

  test('a mask of another size than its box is refused by file and label', async () => {
    await photo('a.jpg');
    await photo('b.jpg');
    for (const name of ['a', 'b'])
      await file(name, [
        {
          ...(await painted(boxes[0] ?? fail(), 'rot')),
          points: [
            [2, 2],
            [10, 12],
          ],
        },
      ]);
    const { train, labelling } = await openData(folder);
    await expect(loadSample(train[0] ?? fail(), labelling)).rejects.toThrow(
      /[ab]\.json: "rot" is a mask that cannot be read \(of 8×10 pixels in a box of 9×11\); draw it again/,
    );
  });
});

function fail(): never {
  throw new RangeError('nothing there');
}

describe('COCO', () => {
  const annotation = (k: number, box: (typeof boxes)[number], more: object) => ({
    id: 2 * k + box.kind,
    image_id: k,
    category_id: box.kind + 1,
    bbox: [box.left, box.top, box.right - box.left, box.bottom - box.top],
    area: 80,
    iscrowd: 0,
    segmentation: [corners(box)],
    ...more,
  });
  /** Run lengths down the columns. */
  const runsOf = ({ kind }: (typeof boxes)[number]) => {
    const counts = [0];
    let inside = false;
    for (let i = 0; i < width * height; i++) {
      const isOn = truth[(i % height) * width + Math.floor(i / height)] === kind + 1;
      if (isOn !== inside) counts.push(0);
      inside = isOn;
      counts.push((counts.pop() ?? 0) + 1);
    }
    return { counts, size: [height, width] };
  };

  test('Roboflow: the heading of its categories is no class', async () => {
    for (const [split, count] of [
      ['train', 2],
      ['valid', 1],
      ['test', 1],
    ] as const) {
      const images = Array.from({ length: count }, (_, k) => ({ id: k, license: 1, file_name: `${k}_jpg.rf.${split}.jpg`, height, width }));
      for (const { file_name } of images) await photo(`${split}/${file_name}`);
      const annotations = images.flatMap(({ id }) => boxes.map((box) => annotation(id, box, {})));
      const categories = ['things', 'big cat', 'Hündchen'].map((name, id) => ({ id, name, supercategory: id === 0 ? 'none' : 'things' }));
      await json(`${split}/_annotations.coco.json`, { info: {}, licenses: [], images, annotations, categories });
    }
    const dataset = await openData(folder);
    await expectTruth(dataset, { layout: 'COCO instances', classes: ['background', 'big cat', 'Hündchen'], counts: [2, 1] });
    expect(dataset.test).toHaveLength(1);
  });

  test('a category that is another one’s heading and has objects stays', async () => {
    const images = [0, 1].map((k) => ({ id: k, file_name: `${k}.jpg`, height, width }));
    for (const { file_name } of images) await photo(`images/${file_name}`);
    const annotations = images.flatMap(({ id }) => boxes.map((box) => annotation(id, box, {})));
    const categories = [
      { id: 1, name: 'animal', supercategory: 'none' },
      { id: 2, name: 'cat', supercategory: 'animal' },
    ];
    await json('annotations.json', { images, annotations, categories });
    await expectTruth(await openData(folder), { layout: 'COCO instances', classes: ['background', 'animal', 'cat'], counts: [1, 1] });
  });

  test('CVAT: what a brush drew is marked as a crowd, and is an object; subsets have names of its own', async () => {
    for (const split of ['Train', 'Validation']) {
      const images = [0, 1].map((k) => ({ id: k, license: 0, file_name: `my ${k}.jpg`, height, width }));
      for (const { file_name } of images) await photo(`images/${split}/${file_name}`);
      const annotations = images.flatMap(({ id }) =>
        boxes.map((box) => annotation(id, box, { iscrowd: 1, segmentation: runsOf(box), attributes: { occluded: false } })),
      );
      const categories = ['cat', 'dog'].map((name, k) => ({ id: k + 1, name, supercategory: '' }));
      await json(`annotations/instances_${split}.json`, { images, annotations, categories });
    }
    const codes = ['note crowds-are-objects 8'];
    await expectTruth(await openData(folder), { layout: 'COCO instances', classes: ['background', 'cat', 'dog'], counts: [2, 2], codes });
  });

  test('panoptic: colours number segments, number 0 is not labelled', async () => {
    const numbers = [0, 3_226_956, 0x01_01_01 * 9];
    for (const split of ['train', 'val']) {
      const images = [7, 8].map((id) => ({ id, file_name: `${id}.jpg`, height, width }));
      for (const { file_name } of images) await photo(`${split}2017/${file_name}`);
      const rgb = Uint8Array.from(
        { length: 3 * truth.length },
        (_, i) => ((numbers[truth[Math.floor(i / 3)] ?? 0] ?? 0) >> (8 * (i % 3))) & 255,
      );
      for (const { id } of images)
        await put(`annotations/panoptic_${split}2017/${id}.png`, encode({ width, height, data: rgb, channels: 3, depth: 8 }));
      const segments_info = [
        { id: numbers[1], category_id: 1, iscrowd: 0, area: 80, bbox: [2, 2, 8, 10] },
        { id: numbers[2], category_id: 184, iscrowd: 0, area: 100, bbox: [12, 5, 10, 10] },
      ];
      const annotations = images.map(({ id }) => ({ image_id: id, file_name: `${id}.png`, segments_info }));
      const categories = [
        { id: 184, name: 'tree-merged', supercategory: 'plant', isthing: 0 },
        { id: 1, name: 'person', supercategory: 'person', isthing: 1 },
      ];
      await json(`annotations/panoptic_${split}2017.json`, { images, annotations, categories });
    }
    const labels = truth.map((label) => (label === 0 ? 255 : label - 1));
    await expectTruth(await openData(folder), { layout: 'COCO panoptic', classes: ['person', 'tree-merged'], counts: [2, 2], labels });
    // With the preset's order, and without one of them.
    const swapped = truth.map((label) => (label === 0 ? 255 : 2 - label));
    const names = ['tree-merged', 'person'];
    await expectTruth(await openData(folder, { names }), { layout: 'COCO panoptic', classes: names, counts: [2, 2], labels: swapped });
  });

  test('panoptic: a segment that the list has not is refused by its number', async () => {
    for (const split of ['train', 'val']) {
      await photo(`${split}/1.jpg`);
      await put(
        `panoptic_${split}/1.png`,
        encode({ width, height, data: new Uint8Array(3 * width * height).fill(1), channels: 3, depth: 8 }),
      );
      const content = { images: [{ id: 1, file_name: '1.jpg' }], annotations: [{ image_id: 1, file_name: '1.png', segments_info: [] }] };
      await json(`panoptic_${split}.json`, { ...content, categories: [{ id: 1, name: 'a' }] });
    }
    const { train, labelling } = await openData(folder);
    await expect(loadSample(train[0] ?? { image: '', mask: '' }, labelling)).rejects.toThrow(
      /1\.png: the value 65793 at \(0, 0\), 480 pixel/,
    );
  });
});

describe('masks beside pictures', () => {
  const masks = greyPng(truth, width, height);
  const classes: string[] = [];

  test('PASCAL VOC with capitals in endings', async () => {
    for (const k of [0, 1]) {
      await photo(`JPEGImages/IMG ${k}.JPG`);
      await put(`SegmentationClass/IMG ${k}.PNG`, masks);
    }
    await put('ImageSets/Segmentation/train.txt', '\u{FEFF}IMG 0\r\n');
    await put('ImageSets/Segmentation/val.txt', 'IMG 1');
    const dataset = await openData(folder, { names: ['a', 'b', 'c'] });
    await expectTruth(dataset, { layout: 'PASCAL VOC', classes: ['a', 'b', 'c'], counts: [1, 1] });
  });

  test('CVAT segmentation masks: spaces, umlauts, a class whose colour is a grey', async () => {
    const colours = [
      [0, 0, 0],
      [250, 50, 83],
      [61, 61, 61],
    ];
    const rgb = Uint8Array.from({ length: 3 * truth.length }, (_, i) => colours[truth[Math.floor(i / 3)] ?? 0]?.[i % 3] ?? 0);
    for (const k of [0, 1, 2]) {
      await photo(`JPEGImages/my photo ${k}.jpeg`);
      await put(`SegmentationClass/my photo ${k}.png`, encode({ width, height, data: rgb, channels: 3, depth: 8 }));
    }
    await put('ImageSets/Segmentation/default.txt', 'my photo 0\nmy photo 1\nmy photo 2\n');
    await put('labelmap.txt', '# label:color_rgb:parts:actions\nbackground:0,0,0::\nStraße rot:250,50,83::\nhund:61,61,61::\n');
    const named = ['background', 'Straße rot', 'hund'];
    await expectTruth(await openData(folder), { layout: 'CVAT segmentation masks', classes: named, counts: [2, 1] });
  });

  test('Supervisely: the ending behind the picture’s', async () => {
    for (const k of [0, 1, 2]) {
      await photo(`img/${k}.jpg`);
      await put(`masks/${k}.jpg.png`, masks);
    }
    const opened = await openData(folder, { names: ['a', 'b', 'c'] });
    await expectTruth(opened, { layout: 'folders of images and masks', classes: ['a', 'b', 'c'], counts: [2, 1] });
  });

  test('two pictures of one name are warned of', async () => {
    for (const k of [0, 1, 2]) {
      await photo(`images/${k}.png`);
      await put(`masks/${k}.png`, masks);
    }
    await photo('images/0.jpg');
    const { findings } = await openData(folder);
    expect(findings).toContainEqual(
      expect.objectContaining({
        grade: 'warning',
        code: 'two-pictures-of-one-name',
        count: 1,
        files: [expect.stringContaining('0.jpg'), expect.stringContaining('0.png')],
      }),
    );
  });

  const grey = () =>
    sharp(
      truth.map((label) => 100 * label),
      { raw: { width, height, channels: 1 } },
    );
  test.each<[string, string, () => Promise<Uint8Array>]>([
    ['JPEG', 'jpg', () => grey().jpeg().toBuffer()],
    ['JPEG', 'png', () => grey().jpeg().toBuffer()],
    ['lossy WebP', 'webp', () => grey().webp({ quality: 90 }).toBuffer()],
    ['TIFF with JPEG inside', 'tif', () => grey().tiff({ compression: 'jpeg' }).toBuffer()],
    ['AVIF or HEIF', 'webp', () => grey().avif().toBuffer()],
  ])('a mask that is a %s (.%s) is refused', async (kind, ending, encoded) => {
    for (const k of [0, 1, 2]) {
      await photo(`images/${k}.png`);
      await put(`masks/${k}.${ending}`, await encoded());
    }
    const { train, labelling } = await openData(folder);
    await expect(loadSample(train[0] ?? { image: '', mask: '' }, labelling)).rejects.toThrow(
      `the mask is a ${kind}, which changes values at every edge`,
    );
  });

  test.each<[string, () => Promise<Uint8Array>]>([
    [
      'webp',
      () =>
        sharp(truth, { raw: { width, height, channels: 1 } })
          .webp({ lossless: true })
          .toBuffer(),
    ],
    [
      'tif',
      () =>
        sharp(truth, { raw: { width, height, channels: 1 } })
          .tiff({ compression: 'lzw' })
          .toBuffer(),
    ],
    [
      'gif',
      () =>
        sharp(truth, { raw: { width, height, channels: 1 } })
          .gif()
          .toBuffer(),
    ],
  ])('one without loss (.%s) is read', async (ending, encoded) => {
    for (const k of [0, 1, 2]) {
      await photo(`images/${k}.png`);
      await put(`masks/${k}.${ending}`, await encoded());
    }
    const names = ['a', 'b', 'c'];
    await expectTruth(await openData(folder, { names }), { layout: 'folders of images and masks', classes: names, counts: [2, 1] });
  });

  test('nobody names the classes', async () => {
    for (const k of [0, 1, 2]) {
      await photo(`Images/${k}.JPG`);
      await put(`Masks/${k}.PNG`, masks);
    }
    expect(classesOf(await openData(folder))).toEqual(classes);
  });
});
