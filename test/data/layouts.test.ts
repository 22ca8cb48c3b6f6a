import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  type Dataset,
  describeImage,
  loadSample,
  openData,
  openDataset,
  openDepthDataset,
  readRawLabels,
  writeDepth,
} from '../../src/core/data/index.js';
import { greyPng, stripes, temporaryFolder, writePhoto } from './fixtures.js';

const [width, height] = [16, 12];

async function put(folder: string, name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

async function photo(folder: string, name: string, seed = 0): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writePhoto(path.join(folder, name), width, height, seed);
}

/** A picture and a mask in which the label is the column modulo 3. */
async function pair(folder: string, image: string, mask: string, labels = stripes(width, height, 3)): Promise<void> {
  await photo(folder, image);
  await put(folder, mask, greyPng(labels, width, height));
}

async function labelsOf(dataset: Dataset, i = 0, split: 'train' | 'val' = 'train'): Promise<number[]> {
  const sample = dataset[split][i];
  if (!sample) throw new RangeError(`no sample ${i}`);
  const { truth } = await loadSample(sample, dataset.labelling);
  if (!('data' in truth)) throw new TypeError('no mask');
  return [...truth.data];
}

const classesOf = ({ labelling }: Dataset): readonly string[] => (labelling.kind === 'masks' ? labelling.classes : []);
const codesOf = ({ findings }: Dataset): string[] => findings.map(({ grade, code, count }) => `${grade} ${code} ${count}`);
const names = ['a', 'b', 'c'];

function rgbPng(colours: readonly (readonly number[])[], labels: Uint8Array): Uint8Array {
  const data = Uint8Array.from({ length: labels.length * 3 }, (_, i) => colours[labels[Math.floor(i / 3)] ?? 0]?.[i % 3] ?? 0);
  return encode({ width, height, data, channels: 3, depth: 8 });
}

describe('lists from any system', () => {
  test('a byte-order mark, UTF-16 either way, backslashes, absolute paths, CRLF, spaces in names', async () => {
    const folder = await temporaryFolder();
    await pair(folder, 'im ages/a 1.png', 'masks/a 1.png');
    const line = 'im ages\\a 1.png\tmasks\\a 1.png\r\n';
    const little = Buffer.from(`\ufeff${line}`, 'utf16le');
    const files: Record<string, Uint8Array | string> = {
      utf8: `\ufeff${line}`,
      little,
      big: Buffer.from(little).swap16(),
      absolute: `${path.join(folder, 'im ages/a 1.png')}\t${path.join(folder, 'masks/a 1.png')}\n`,
    };
    for (const content of Object.values(files)) {
      for (const list of ['train.txt', 'val.txt']) await put(folder, list, content);
      const { train } = await openDataset(folder, { classes: 3, ignore: 255 });
      expect(train).toEqual([{ image: path.join(folder, 'im ages/a 1.png'), mask: path.join(folder, 'masks/a 1.png') }]);
    }
  });

  test('all files that are not there are counted at once; lines that stand twice, and in both lists, too', async () => {
    const folder = await temporaryFolder();
    await pair(folder, 'a.png', 'a-mask.png');
    await put(folder, 'train.txt', 'a.png\ta-mask.png\nb.png\tb-mask.png\n');
    await put(folder, 'val.txt', 'c.png\ta-mask.png\n');
    await expect(openDataset(folder, { classes: 3, ignore: 255 })).rejects.toThrow(
      /train\.txt:2: .*b\.png does not exist \(3 files do not: .*b\.png, .*b-mask\.png, .*c\.png\); correct the list or add the file/,
    );
    await put(folder, 'train.txt', 'a.png\ta-mask.png\na.png\ta-mask.png\n');
    await put(folder, 'val.txt', 'a.png\ta-mask.png\n');
    expect(codesOf(await openDataset(folder, { classes: 3, ignore: 255 }))).toEqual([
      'warning picture-twice 1',
      'warning same-picture-in-both 1',
    ]);
  });
});

describe('folders of images and masks', () => {
  test.each([
    ['train/images', 'train/masks', 'valid/images', 'valid/masks'],
    ['images/train', 'labels/train', 'images/val', 'labels/val'],
    ['train/imgs', 'train/gt', 'test/imgs', 'test/gt'],
    ['train', 'trainannot', 'val', 'valannot'],
  ])('%s with %s', async (images, masks, valImages, valMasks) => {
    const folder = await temporaryFolder();
    await pair(folder, `${images}/1.jpg`, `${masks}/1.png`);
    await pair(folder, `${valImages}/2.jpg`, `${valMasks}/2_mask.png`);
    const dataset = await openDataset(folder, { classes: 3, ignore: 255, names });
    expect(dataset.layout).toBe('folders of images and masks');
    expect([dataset.train.length, dataset.val.length, dataset.findings]).toEqual([1, 1, []]);
    expect(await labelsOf(dataset)).toEqual([...stripes(width, height, 3)]);
  });

  test('hidden files are no samples; what has no partner is counted', async () => {
    const folder = await temporaryFolder();
    for (const i of [1, 2, 3]) await pair(folder, `images/${i}.jpg`, `masks/${i}.png`);
    await photo(folder, 'images/alone.jpg');
    await put(folder, 'masks/lonely.png', greyPng(stripes(width, height, 3), width, height));
    for (const name of ['images/.DS_Store', 'images/Thumbs.db', 'images/._1.jpg', 'masks/._1.png']) await put(folder, name, 'nothing');
    const dataset = await openDataset(folder, { classes: 3, ignore: 255, names });
    expect(dataset.train.length + dataset.val.length).toBe(3);
    expect(codesOf(dataset)).toEqual([
      'warning picture-without-label 1',
      'warning label-without-picture 1',
      'note split-drawn 1',
      'note hidden-files 4',
    ]);
  });

  test('without a split one is drawn: the same every time, and most pictures stay where they are when others come', async () => {
    const folder = await temporaryFolder();
    const mask = greyPng(stripes(width, height, 3), width, height);
    const add = async (from: number, to: number): Promise<void> => {
      for (let i = from; i < to; i++) {
        await put(folder, `images/${i}.jpg`, 'never read');
        await put(folder, `masks/${i}.png`, mask);
      }
    };
    const held = async (): Promise<string[]> =>
      (await openDataset(folder, { classes: 3, ignore: 255 })).val.map(({ image }) => path.basename(image));
    await add(0, 50);
    const first = await held();
    expect(first.length).toBe(10);
    expect(await held()).toEqual(first);
    await add(50, 60);
    const second = await held();
    expect(second.length).toBe(12);
    expect(first.filter((name) => second.includes(name)).length).toBeGreaterThanOrEqual(7);
  });

  test('two layouts that both fit: the more specific one, said aloud', async () => {
    const folder = await temporaryFolder();
    await pair(folder, 'images/training/1.jpg', 'annotations/training/1.png', stripes(width, height, 4));
    await pair(folder, 'images/validation/2.jpg', 'annotations/validation/2.png', stripes(width, height, 4));
    const dataset = await openDataset(folder, { classes: 3, ignore: 255, names });
    expect(dataset.layout).toBe('ADE20K scene parsing');
    expect(codesOf(dataset)).toEqual(['note several-layouts 2', 'note label-0-unlabelled 1']);
    expect((await labelsOf(dataset)).slice(0, 4)).toEqual([255, 0, 1, 2]);
  });

  test('where nothing fits, what was looked for, what is there, and the nearest miss', async () => {
    const folder = await temporaryFolder();
    await pair(folder, 'unpacked/images/1.jpg', 'unpacked/masks/1.png');
    await expect(openData(folder)).rejects.toThrow(
      /holds unpacked\/, but neither .*Cityscapes.* but .*unpacked has a layout that is read: give that folder/,
    );
  });
});

describe("classes by the folder's names", () => {
  const table = 'name,r,g,b\nsky,0,0,255\nroad,128,64,128\ncar,200,0,0\n';
  const colours = [
    [0, 0, 255],
    [128, 64, 128],
    [200, 0, 0],
  ];

  async function colourFolder(): Promise<string> {
    const folder = await temporaryFolder();
    for (const i of [1, 2]) {
      await photo(folder, `images/${i}.jpg`);
      await put(folder, `masks/${i}.png`, rgbPng(colours, stripes(width, height, 3)));
    }
    await put(folder, 'class_dict.csv', table);
    return folder;
  }

  test("the preset's order wins, upper case or lower", async () => {
    const dataset = await openDataset(await colourFolder(), { classes: 3, ignore: 255, names: ['Car', 'sky', 'ROAD'] });
    expect((await labelsOf(dataset)).slice(0, 3)).toEqual([1, 2, 0]);
    expect(codesOf(dataset)).toEqual(['note split-drawn 1']);
    expect(classesOf(await openData(await colourFolder()))).toEqual(['sky', 'road', 'car']);
  });

  test('a class that the preset has not is ignored, with a warning; other names for as many classes are taken in order, with one', async () => {
    const fewer = await openDataset(await colourFolder(), { classes: 2, ignore: 255, names: ['road', 'sky'] });
    expect((await labelsOf(fewer)).slice(0, 3)).toEqual([1, 0, 255]);
    expect(codesOf(fewer)).toContain('warning class-left-out 1');
    const renamed = await openDataset(await colourFolder(), { classes: 3, ignore: 255, names: ['sky', 'street', 'vehicle'] });
    expect((await labelsOf(renamed)).slice(0, 3)).toEqual([0, 1, 2]);
    expect(codesOf(renamed)).toContain('warning class-names-differ 2');
    const other = openDataset(await colourFolder(), { classes: 2, ignore: 255, names: ['cat', 'dog'] });
    await expect(other).rejects.toThrow(
      /its classes are sky, road, car \(3\), those of data\.classes are cat, dog \(2\), and no name is the same/,
    );
  });

  test('a colour of no class: file, colour, place and count', async () => {
    const folder = await colourFolder();
    await put(folder, 'class_dict.csv', table.replace('car,200,0,0\n', ''));
    const dataset = await openDataset(folder, { classes: 2, ignore: 255, names: ['sky', 'road'] });
    await expect(labelsOf(dataset)).rejects.toThrow(
      /masks.\d\.png: the colour 200,0,0 at \(2, 0\), 60 pixel\(s\), is of no class; put it into class_dict\.csv/,
    );
    const [sample] = dataset.train;
    if (!sample || !('mask' in sample) || dataset.labelling.kind !== 'masks') throw new TypeError('no mask');
    const raw = await readRawLabels(sample, dataset.labelling);
    expect(raw.strange).toEqual([{ value: '200,0,0', isColour: true, count: 60, x: 2, y: 0 }]);
  });

  test('colours as the preset has them', async () => {
    const folder = await temporaryFolder();
    for (const i of [1, 2]) {
      await photo(folder, `images/${i}.jpg`);
      await put(folder, `masks/${i}.png`, rgbPng(colours, stripes(width, height, 3)));
    }
    const map = { road: [128, 64, 128], sky: [0, 0, 255], ignore: [200, 0, 0] } as const;
    const options = { classes: 2, ignore: 7, names: ['road', 'sky'] };
    expect((await labelsOf(await openDataset(folder, { ...options, colours: map }))).slice(0, 3)).toEqual([1, 0, 255]);
    await expect(openDataset(folder, { ...options, colours: { street: [1, 2, 3] } })).rejects.toThrow(
      /data\.colours: there is no class "street"/,
    );
  });
});

describe('codes of masks', () => {
  async function listed(...masks: readonly Uint8Array[]): Promise<string> {
    const folder = await temporaryFolder();
    const lines = await Promise.all(
      masks.map(async (mask, i) => {
        await photo(folder, `${i}.jpg`);
        await put(folder, `${i}.png`, mask);
        return `${i}.jpg\t${i}.png\n`;
      }),
    );
    for (const list of ['train.txt', 'val.txt']) await put(folder, list, lines.join(''));
    return folder;
  }

  const values = (...all: number[]): Uint8Array => Uint8Array.from({ length: width * height }, (_, i) => all[i % all.length] ?? 0);
  const two = { classes: 2, ignore: 255, names: ['background', 'object'] };

  test('0 and 255 are a background and an object, where nothing speaks against it', async () => {
    const binary = await openDataset(await listed(greyPng(values(0, 255), width, height), greyPng(values(0), width, height)), two);
    expect(codesOf(binary)).toContain('note binary-masks 4');
    expect((await labelsOf(binary)).slice(0, 2)).toEqual([0, 1]);
    expect(classesOf(await openData(await listed(greyPng(values(0, 255), width, height))))).toEqual(['background', 'object']);
  });

  test('255 stays ignored where another mask has class 1, where nothing else is there, and with three classes', async () => {
    const mixed = await openDataset(await listed(greyPng(values(0, 255), width, height), greyPng(values(0, 1), width, height)), two);
    expect((await labelsOf(mixed)).slice(0, 2)).toEqual([0, 255]);
    const empty = await openDataset(await listed(greyPng(values(255), width, height)), two);
    expect((await labelsOf(empty))[0]).toBe(255);
    const three = await openDataset(await listed(greyPng(values(0, 255), width, height)), { classes: 3, ignore: 255 });
    expect((await labelsOf(three)).slice(0, 2)).toEqual([0, 255]);
  });

  test('among masks of 0 and 255, one of other values is refused with value and place', async () => {
    const folder = await listed(
      ...Array.from({ length: 130 }, (_, i) => greyPng(i === 1 ? values(0, 0, 1) : values(0, 255), width, height)),
    );
    const dataset = await openDataset(folder, two);
    await expect(labelsOf(dataset, 1)).rejects.toThrow(
      /1\.png: the value 1 at \(2, 0\), 64 pixel\(s\), is neither 0 nor 255 as in the other masks/,
    );
  });

  test('16 bits, grey as RGB and as RGBA; a label beyond the classes with place and count; JPEG refused', async () => {
    const labels = stripes(width, height, 3);
    const wide = encode({ width, height, data: Uint16Array.from(labels), channels: 1, depth: 16 });
    const rgba = Uint8Array.from({ length: 4 * labels.length }, (_, i) => (i % 4 === 3 ? 255 : (labels[i >> 2] ?? 0)));
    const four = encode({ width, height, data: rgba, channels: 4, depth: 8 });
    const three = encode({ width, height, data: rgba.filter((_, i) => i % 4 < 3), channels: 3, depth: 8 });
    const dataset = await openDataset(await listed(wide, three, four), { classes: 3, ignore: 255 });
    for (const i of [0, 1, 2]) expect(await labelsOf(dataset, i)).toEqual([...labels]);
    const high = encode({ width, height, data: Uint16Array.from(labels, (v) => 300 * v), channels: 1, depth: 16 });
    await expect(labelsOf(await openDataset(await listed(high), { classes: 3, ignore: 255 }))).rejects.toThrow(
      /0\.png: label 300 with 3 classes \(0 … 2, ignore 255\) at \(1, 0\), 60 pixel\(s\)/,
    );
    const jpeg = await sharp(Buffer.from(labels), { raw: { width, height, channels: 1 } })
      .jpeg()
      .toBuffer();
    await expect(labelsOf(await openDataset(await listed(jpeg), { classes: 3, ignore: 255 }))).rejects.toThrow(
      /the mask is a JPEG, which changes values/,
    );
  });

  test('what unfolds to more than it says, or is of another size, is refused before memory is spent', async () => {
    const chunk = (name: string, data: Uint8Array): Buffer => {
      const bytes = Buffer.alloc(12 + data.length);
      bytes.writeUInt32BE(data.length, 0);
      bytes.write(name, 4, 'latin1');
      bytes.set(data, 8);
      return bytes;
    };
    const png = (w: number, h: number, pixels: Uint8Array): Uint8Array => {
      const header = Buffer.alloc(13);
      header.writeUInt32BE(w, 0);
      header.writeUInt32BE(h, 4);
      header.set([8, 0, 0, 0, 0], 8);
      const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
      return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', new Uint8Array(0))]);
    };
    const bomb = deflateSync(new Uint8Array(200_000_000));
    const before = process.memoryUsage().rss;
    const options = { classes: 3, ignore: 255 };
    await expect(labelsOf(await openDataset(await listed(png(width, height, bomb)), options))).rejects.toThrow(/0\.png: .*unfold/);
    await expect(labelsOf(await openDataset(await listed(png(30_000, 30_000, bomb)), options))).rejects.toThrow(
      /0\.png: the mask is 30000×30000, its image .*0\.jpg is 16×12/,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });
});

describe('outlines and run lengths', () => {
  const coco = (extra: object = {}): object => ({
    images: [{ id: 'x7', file_name: 'a.jpg', width, height }],
    categories: [
      { id: 9, name: 'disc' },
      { id: 4, name: 'box' },
    ],
    annotations: [
      { id: 1, image_id: 'x7', category_id: 4, segmentation: [[2, 2, 8, 2, 8, 6, 2, 6]] },
      // Columns 5 … 6 of rows 0 … 11, over the box.
      { id: 2, image_id: 'x7', category_id: 9, segmentation: { size: [height, width], counts: [60, 24, 108] } },
      { id: 3, image_id: 'x7', category_id: 9, iscrowd: 1, segmentation: { size: [height, width], counts: [180, 12] } },
    ],
    ...extra,
  });

  async function cocoFolder(content: object): Promise<string> {
    const folder = await temporaryFolder();
    for (const split of ['train', 'val']) {
      await photo(folder, `${split}2017/a.jpg`);
      await put(folder, `annotations/instances_${split}2017.json`, `\ufeff${JSON.stringify(content)}`);
    }
    return folder;
  }

  test('COCO: any ids, later over earlier, crowds ignored, names in the order of ids', async () => {
    const dataset = await openDataset(await cocoFolder(coco()), { classes: 3, ignore: 255, names: ['background', 'box', 'disc'] });
    const labels = await labelsOf(dataset);
    const expected = Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      if (x === 15) return 255;
      if (x === 5 || x === 6) return 2;
      return x >= 2 && x < 8 && y >= 2 && y < 6 ? 1 : 0;
    });
    expect(labels).toEqual(expected);
    expect(classesOf(await openData(await cocoFolder(coco())))).toEqual(['background', 'box', 'disc']);
  });

  test("COCO's text of run lengths is that of the numbers", async () => {
    // pycocotools.mask.encode of columns 5 … 6: 60, 24, 108.
    const text = [60, 24, 108]
      .map((v) => {
        let [rest, out, more] = [v, '', true];
        while (more) {
          let code = rest & 0x1f;
          rest >>= 5;
          more = (code & 0x10) !== 0 ? rest !== -1 : rest !== 0;
          if (more) code |= 0x20;
          out += String.fromCharCode(code + 48);
        }
        return out;
      })
      .join('');
    expect(text).toBe('l1h0\\3');
    const annotations = [{ id: 2, image_id: 'x7', category_id: 9, segmentation: { size: [height, width], counts: text } }];
    const labels = await labelsOf(await openDataset(await cocoFolder(coco({ annotations })), { classes: 3, ignore: 255 }));
    expect(labels.flatMap((label, i) => (label === 2 && i < width ? [i] : []))).toEqual([5, 6]);
    expect(labels.filter((label) => label === 2).length).toBe(24);
  });

  test.each([
    [
      'two pictures of one id',
      { images: [1, 1].map((id) => ({ id, file_name: 'a.jpg' })), annotations: [{ image_id: 1, category_id: 4, segmentation: [] }] },
      /two pictures have the id 1/,
    ],
    [
      'run lengths of another size',
      { annotations: [{ id: 5, image_id: 'x7', category_id: 4, segmentation: { size: [9, 9], counts: [81] } }] },
      /run lengths for 9×9, the picture is 16×12/,
    ],
    [
      'corners in other units',
      { annotations: [{ id: 5, image_id: 'x7', category_id: 4, segmentation: [[1, 1, 1e9, 1, 1, 1e9]] }] },
      /a corner at 1000000000, far outside the picture/,
    ],
    [
      'a size that is not the picture’s',
      { images: [{ id: 'x7', file_name: 'a.jpg', width: 160, height: 120 }] },
      /the mask is 160×120, its image .* is 16×12/,
    ],
  ])('COCO: %s is refused', async (_, extra, message) => {
    const folder = await cocoFolder(coco(extra));
    await expect(openDataset(folder, { classes: 3, ignore: 255 }).then((dataset) => labelsOf(dataset))).rejects.toThrow(message);
  });

  test('YOLO: shares of the picture; no file is background, with a warning; boxes are refused', async () => {
    const folder = await temporaryFolder();
    for (const split of ['train', 'val']) {
      await photo(folder, `images/${split}/a.jpg`);
      await put(folder, `labels/${split}/a.txt`, '1 0.125 0.25 0.5 0.25 0.5 0.5 0.125 0.5\n');
    }
    await photo(folder, 'images/train/b.jpg');
    await put(folder, 'data.yaml', 'path: /elsewhere/data\ntrain: images/train\nval: ../val/images\nnames: [cat, dog]\n');
    await expect(openData(folder)).rejects.toThrow(/data\.yaml: \.\.\/val\/images does not exist/);
    await put(folder, 'data.yaml', 'path: /elsewhere/data\ntrain: ../images/train\nval: images/val\nnames: [cat, dog]\n');
    const dataset = await openData(folder);
    expect(classesOf(dataset)).toEqual(['background', 'cat', 'dog']);
    const inside = (await labelsOf(dataset)).flatMap((label, i) => (label === 2 ? [i] : []));
    expect(inside.length).toBe(6 * 3);
    expect(inside[0]).toBe(3 * width + 2);
    expect(new Set(await labelsOf(dataset, 1))).toEqual(new Set([0]));
    expect(codesOf(dataset)).toEqual(['warning picture-without-label 1']);
    await put(folder, 'labels/train/a.txt', '1 0.5 0.5 0.2 0.2\n');
    await expect(labelsOf(dataset)).rejects.toThrow(/a\.txt:1: is a box, not an outline/);
  });

  test('Labelme: rectangles, circles and polygons; points are nothing; __ignore__ is ignored', async () => {
    const folder = await temporaryFolder();
    const shape = (label: string, shape_type: string, points: number[][]): object => ({ label, shape_type, points });
    for (const name of ['a', 'b']) {
      await photo(folder, `${name}.jpg`);
      const shapes = [
        shape('box', 'rectangle', [
          [6, 5],
          [2, 1],
        ]),
        shape('ball', 'circle', [
          [11, 6],
          [14, 6],
        ]),
        shape('dot', 'point', [[1, 1]]),
        shape('__ignore__', 'polygon', [
          [0, 10],
          [4, 10],
          [4, 12],
          [0, 12],
        ]),
      ];
      await put(
        folder,
        `${name}.json`,
        JSON.stringify({ imagePath: `${name}.jpg`, imageData: null, imageWidth: width, imageHeight: height, shapes }),
      );
    }
    const dataset = await openData(folder);
    expect(classesOf(dataset)).toEqual(['background', 'ball', 'box']);
    const labels = await labelsOf(dataset);
    const count = (wanted: number): number => labels.filter((label) => label === wanted).length;
    expect([count(2), count(255)]).toEqual([16, 8]);
    expect(Math.abs(count(1) - Math.PI * 9)).toBeLessThan(3);
  });
});

describe('depth', () => {
  const metres = Float32Array.from({ length: width * height }, (_, i) => 1 + (i % width) / 4);

  test("NYU's usual file names, and folders without a split", async () => {
    const folder = await temporaryFolder();
    for (const split of ['train', 'test'])
      for (const i of [0, 1]) {
        await photo(folder, `${split}/kitchen/rgb_0000${i}.jpg`);
        await writeDepth(path.join(folder, `${split}/kitchen/sync_depth_0000${i}.png`), { width, height, metres }, 1000);
      }
    const dataset = await openData(folder);
    expect([dataset.layout, dataset.labelling.kind, dataset.train.length, dataset.val.length]).toEqual([
      "NYU Depth v2's file names",
      'depth',
      2,
      2,
    ]);
    const plain = await temporaryFolder();
    for (const i of [0, 1, 2]) {
      await photo(plain, `images/${i}.jpg`);
      await mkdir(path.join(plain, 'depth'), { recursive: true });
      await writeDepth(path.join(plain, `depth/${i}.png`), { width, height, metres }, 1000);
    }
    const drawn = await openDepthDataset(plain, { scale: 1000 });
    expect([drawn.train.length, drawn.val.length, codesOf(drawn)]).toEqual([2, 1, ['note split-drawn 1']]);
  });
});

describe('photographs', () => {
  test('upright as EXIF says; a mask that lies as the file does is refused with the remedy', async () => {
    const folder = await temporaryFolder();
    await photo(folder, 'plain.png');
    const file = path.join(folder, 'turned.jpg');
    await sharp(path.join(folder, 'plain.png')).withMetadata({ orientation: 6 }).jpeg().toFile(file);
    expect(await describeImage(file)).toMatchObject({
      width: height,
      height: width,
      orientation: 6,
      hasAlpha: false,
      bits: 8,
      channels: 3,
    });
    const mask = await put(folder, 'mask.png', greyPng(stripes(width, height, 3), width, height));
    await expect(loadSample({ image: file, mask }, { kind: 'masks', classes: names, ignore: 255 })).rejects.toThrow(
      /mask\.png: the mask is 16×12, its image .*turned\.jpg is 12×16; .*orientation 6/,
    );
  });
});
