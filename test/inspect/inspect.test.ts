// Whole folders looked at: photographs, what cannot be read, what is the same, and cards that are kept.

import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Dataset, openData, openDataset } from '../../src/core/data/index.js';
import { cardHtml, cardText, type DataCard, inspectDataset, samplePictures } from '../../src/core/inspect/index.js';
import { greyPng, temporaryFolder, writeStripeFolder } from '../data/fixtures.js';

let folder: string;
const at = (name: string): string => path.join(folder, name);

beforeEach(async () => {
  folder = await temporaryFolder();
  // Cards are kept below this.
  vi.stubEnv('XDG_CACHE_HOME', at('cache'));
  await writeStripeFolder(at('data'), { train: 4, val: 2 });
});
afterEach(() => vi.unstubAllEnvs());

const open = (): Promise<Dataset> => openDataset(at('data'), { classes: 3, ignore: 255, names: ['a', 'b', 'c'] });

async function inspect(threads = 2): Promise<DataCard> {
  return inspectDataset(await open(), { folder: at('data'), threads });
}

const codes = ({ findings }: DataCard): string[] => findings.map(({ grade, code, count }) => `${grade} ${code} ${count}`);

test('a folder without faults: counted exactly, nothing found, the same on any number of threads', async () => {
  const card = await inspect(1);
  expect(card.findings).toEqual([]);
  expect(card.splits).toEqual([
    { name: 'train', samples: 4, pictures: 4, sizes: [{ width: 48, height: 40, pictures: 4 }], otherSizes: 0 },
    { name: 'val', samples: 2, pictures: 2, sizes: [{ width: 48, height: 40, pictures: 2 }], otherSizes: 0 },
  ]);
  if (card.truth.kind !== 'masks') throw new Error('masks were expected');
  // The stripes of picture k: label (⌊x / 12⌋ + ⌊y / 12⌋ + k) mod 3.
  const counted = [0, 0, 0];
  for (let k = 0; k < 4; k++)
    for (let y = 0; y < 40; y++)
      for (let x = 0; x < 48; x++) {
        const label = (Math.floor(x / 12) + Math.floor(y / 12) + k) % 3;
        counted[label] = (counted[label] ?? 0) + 1;
      }
  expect(card.truth.labels.slice(0, 3).map(({ train }) => train.pixels)).toEqual(counted);
  vi.stubEnv('XDG_CACHE_HOME', at('other-cache'));
  expect(await inspect(3)).toEqual(card);
});

test('everything that cannot be read is told at once, with its reason', async () => {
  await writeFile(at('data/train/0.png'), 'no picture');
  const whole = await readFile(at('data/train/1.png'));
  await writeFile(at('data/train/1.png'), whole.subarray(0, whole.length / 2));
  await writeFile(at('data/val/1-mask.png'), 'no mask');
  const [finding] = (await inspect()).findings;
  expect(finding).toMatchObject({ grade: 'error', code: 'unreadable', count: 3 });
  expect(finding?.files).toHaveLength(3);
  for (const name of ['train/0.png', 'train/1.png', 'val/1-mask.png'])
    expect(finding?.files.some((file) => file.startsWith(`${at(`data/${name}`)}: `))).toBe(true);
});

test('the same picture twice, and in both splits: by its pixels, whatever its file', async () => {
  // Encoded anew: other bytes, the same pixels.
  await sharp(at('data/train/0.png')).png({ compressionLevel: 0, palette: false }).toFile(at('data/val/0.png.new'));
  await copyFile(at('data/val/0.png.new'), at('data/val/0.png'));
  await copyFile(at('data/train/1.png'), at('data/train/2.png'));
  const card = await inspect();
  expect(codes(card)).toEqual(['warning same-picture-twice 1', 'warning same-picture-in-both-splits 1']);
  expect(card.findings[1]?.files).toEqual([at('data/train/0.png'), at('data/val/0.png')]);
});

test('pictures of one colour; turned by EXIF; with alpha; with 16 bits', async () => {
  const blank = await sharp({ create: { width: 48, height: 40, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  await writeFile(at('data/train/0.png'), blank);
  const turned = await sharp(at('data/train/1.png')).rotate(-90).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  await writeFile(at('data/train/1.png'), turned);
  await sharp(at('data/train/2.png')).ensureAlpha(0.5).png().toFile(at('alpha.png'));
  await copyFile(at('alpha.png'), at('data/train/2.png'));
  await sharp(at('data/train/3.png')).toColourspace('rgb16').png().toFile(at('deep.png'));
  await copyFile(at('deep.png'), at('data/train/3.png'));
  expect(codes(await inspect())).toEqual(['warning one-colour 1', 'note turned-by-exif 1', 'note alpha 1', 'note more-than-8-bits 1']);
});

test('a card is kept until a file changes', async () => {
  const seen: number[] = [];
  const onProgress = (done: number): void => {
    seen.push(done);
  };
  const look = async (): Promise<DataCard> => inspectDataset(await open(), { folder: at('data'), threads: 2, onProgress });
  const first = await look();
  expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await look()).toEqual(first);
  expect(seen).toHaveLength(6);
  await writeFile(at('data/train/0-mask.png'), greyPng(new Uint8Array(48 * 40).fill(7), 48, 40));
  expect(codes(await look())).toEqual(['error label-without-class 1']);
  expect(seen).toHaveLength(12);
});

test('an interruption ends it', async () => {
  const abort = new AbortController();
  const looking = inspectDataset(await open(), {
    folder: at('data'),
    threads: 1,
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await expect(looking).rejects.toThrow(/abort/i);
});

test('as text and as HTML: names of files and classes are shown as they are, and run nothing', async () => {
  await mkdir(at('data/<i>'));
  await copyFile(at('data/train/0.png'), at('data/<i>/0.png'));
  await writeFile(at('data/train.txt'), `<i>/0.png\ttrain/0-mask.png\n`, { flag: 'a' });
  const dataset = await openDataset(at('data'), { classes: 3, ignore: 255, names: ['<b>a</b>', 'b', 'c'] });
  const card = await inspectDataset(dataset, { folder: at('data'), threads: 2 });
  const text = cardText(card);
  expect(text).toMatch(/0 +<b>a<\/b> +\d+ % +5 +\d+ % +2/);
  expect(text).toMatch(/warning: pictures of the training list are there more than once.*<i>/);
  expect(text).toMatch(/0 errors, 1 warning, 0 notes$/);
  const samples = await samplePictures(dataset, { task: 'segmentation', classes: ['<b>a</b>', 'b', 'c'] });
  expect(samples.map(({ split }) => split)).toEqual(['train', 'train', 'train', 'val', 'val']);
  const html = cardHtml(card, samples);
  expect(html).not.toMatch(/<b>a<|<i>\//);
  expect(html).toContain('&lt;b&gt;a&lt;/b&gt;');
  expect(html.match(/<img /g)).toHaveLength(10);
  expect(html).not.toMatch(/https?:/);
});

test('annotations that say another size than their picture has: outlines would lie beside the objects', async () => {
  const points = [
    [0, 0],
    [20, 0],
    [20, 20],
    [0, 20],
  ];
  await mkdir(at('labelme'));
  for (const [k, scale] of [1, 1, 1, 2].entries()) {
    await copyFile(at(`data/train/${k}.png`), at(`labelme/${k}.png`));
    const shapes = [{ label: 'cat', points, shape_type: 'polygon' }];
    const size = { imagePath: `${k}.png`, imageWidth: 48 * scale, imageHeight: 40 * scale };
    await writeFile(at(`labelme/${k}.json`), JSON.stringify({ shapes, ...size }));
  }
  const dataset = await openData(at('labelme'), { task: 'segmentation' });
  const { findings } = await inspectDataset(dataset, { folder: at('labelme'), threads: 2 });
  expect(findings.find(({ grade }) => grade === 'error')).toMatchObject({
    code: 'mask-of-another-size',
    count: 1,
    files: [`${at('labelme/3.json')} is 96×80, ${at('labelme/3.png')} is 48×40`],
  });
});
