// What every platform does alike: Node.js in a folder of its own, and memory.

import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import type { DecodedPixels, FolderLock, Locks, Platform, ThreadWork } from '../../src/core/platform/index.js';
import { memoryPlatform } from '../../src/platform/memory/platform.js';
import { nodePlatform } from '../../src/platform/node/platform.js';
import { temporaryFolder } from '../data/fixtures.js';
import { type PngFile, pngFile } from './png-file.js';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function emptyMemory(): Promise<string> {
  await memory.files.makeFolder('/work');
  return '/work';
}

/** Four colours. */
const palette = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0];

const grey = (v: number): number[] => [v, v, v];

async function taken(locks: Locks, folder: string): Promise<{ readonly lock: FolderLock }> {
  const result = await locks.lock(folder);
  if (!('lock' in result)) throw new Error(`${folder} is locked`);
  return result;
}

const memory = memoryPlatform();
const places: readonly (readonly [string, Platform, () => Promise<string>])[] = [
  ['Node.js', nodePlatform, temporaryFolder],
  ['memory', memory, emptyMemory],
];

describe.each(places)('files in %s', (_, { files, paths }, makePlace) => {
  test('what is written is read, whole or in part', async () => {
    const folder = await makePlace();
    const file = paths.join(folder, 'a.txt');
    await files.write(file, 'zero, one');
    expect(text(await files.read(file))).toBe('zero, one');
    await files.replace(file, Uint8Array.of(104, 105));
    expect(text(await files.read(file))).toBe('hi');
    expect([...(await files.readStart(file, 1)), ...(await files.readStart(file, 9))]).toEqual([104, 104, 105]);
    await using opened = await files.open(file);
    expect([opened.size, text(await opened.read(1, 9)), (await opened.read(5, 2)).length]).toEqual([2, 'i', 0]);
    // SHA-256 of "hi", by sha256sum.
    expect(await files.sha256(file)).toBe('8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4');
  });

  test('what changes what is read changes nothing that is kept', async () => {
    const file = paths.join(await makePlace(), 'b');
    await files.write(file, Uint8Array.of(1, 2));
    (await files.read(file)).fill(9);
    expect([...(await files.read(file))]).toEqual([1, 2]);
  });

  test('bounded: more than wanted is an error that says how much there is', async () => {
    const file = paths.join(await makePlace(), 'c');
    await files.write(file, 'abc');
    expect((await files.readBounded(file, 3)).length).toBe(3);
    await expect(files.readBounded(file, 2)).rejects.toThrow('it has 3 bytes; at most 2 are read');
  });

  test('what is not there', async () => {
    const folder = await makePlace();
    const nothing = paths.join(folder, 'nowhere', 'x');
    for (const attempt of [
      () => files.read(nothing),
      () => files.readBounded(nothing, 9),
      () => files.readStart(nothing, 1),
      () => files.open(nothing),
      () => files.list(nothing),
      () => files.sha256(nothing),
      () => files.write(nothing, ''),
      () => files.replace(nothing, ''),
      () => files.rename(nothing, paths.join(folder, 'y')),
      () => files.requireWritable(nothing),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'ENOENT' });
    expect([await files.facts(nothing), await files.realPlace(nothing)]).toEqual([undefined, undefined]);
    await files.remove(nothing);
  });

  test('folders: made with those above, listed, moved, removed with all that is in them', async () => {
    const folder = await makePlace();
    const at = (...parts: string[]): string => paths.join(folder, ...parts);
    await files.makeFolder(at('f', 'g'));
    await files.makeFolder(at('f', 'g'));
    await files.write(at('f', 'g', '1'), 'one');
    await files.write(at('f', '2'), 'two');
    expect((await files.list(at('f'))).toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: '2', kind: 'file' },
      { name: 'g', kind: 'folder' },
    ]);
    expect([(await files.facts(at('f')))?.kind, await files.facts(at('f', '2'))]).toEqual([
      'folder',
      expect.objectContaining({ kind: 'file', size: 3 }),
    ]);
    await files.requireWritable(at('f'));
    await files.rename(at('f'), at('h'));
    expect([text(await files.read(at('h', 'g', '1'))), await files.facts(at('f'))]).toEqual(['one', undefined]);
    await files.remove(at('h'));
    expect([await files.facts(at('h', 'g', '1')), await files.facts(at('h'))]).toEqual([undefined, undefined]);
  });

  test('a folder is no file, and a file no folder: each by its code', async () => {
    const folder = await makePlace();
    const file = paths.join(folder, 'd');
    const below = paths.join(file, 'e');
    await files.write(file, 'd');
    const attempts: readonly (readonly [string, readonly (() => Promise<unknown>)[]])[] = [
      [
        'EISDIR',
        [
          () => files.read(folder),
          () => files.readBounded(folder, 9),
          () => files.readStart(folder, 9),
          () => files.open(folder),
          () => files.sha256(folder),
          () => files.write(folder, ''),
          () => files.replace(folder, ''),
        ],
      ],
      [
        'ENOTDIR',
        [
          () => files.list(file),
          () => files.requireWritable(file),
          () => files.read(below),
          () => files.write(below, ''),
          () => files.replace(below, ''),
          () => files.makeFolder(below),
          () => files.rename(file, paths.join(below, 'f')),
        ],
      ],
      ['EEXIST', [() => files.makeFolder(file)]],
      ['ENOENT', [() => files.read('')]],
    ];
    for (const [code, refused] of attempts) for (const attempt of refused) await expect(attempt()).rejects.toMatchObject({ code });
    expect([await files.facts(below), await files.facts('')]).toEqual([undefined, undefined]);
    await files.remove(below);
    expect(text(await files.read(file))).toBe('d');
  });

  test('removed is what has the name, not what begins with it', async () => {
    const folder = await makePlace();
    const at = (...parts: string[]): string => paths.join(folder, ...parts);
    for (const name of ['r', 'rs']) {
      await files.makeFolder(at(name));
      await files.write(at(name, '1'), '');
      await files.write(at(name, '12'), '');
    }
    await files.remove(at('rs', '1'));
    await files.remove(at('r'));
    expect([await files.facts(at('r', '1')), await files.list(at('rs'))]).toEqual([undefined, [{ name: '12', kind: 'file' }]]);
  });

  test('moved as rename(2) does: onto a file, onto an empty folder, and refused onto anything else', async () => {
    const folder = paths.join(await makePlace(), 'moves');
    const at = (...parts: string[]): string => paths.join(folder, ...parts);
    for (const name of ['empty', 'full', 'moved']) await files.makeFolder(at(name));
    await files.write(at('full', '1'), 'full');
    await files.write(at('moved', '2'), 'moved');
    await files.write(at('a'), 'a');
    await files.write(at('b'), 'b');
    for (const [from, to, code] of [
      ['a', 'nowhere/a', 'ENOENT'],
      ['moved', 'full', 'ENOTEMPTY'],
      ['a', 'empty', 'EISDIR'],
      ['moved', 'a', 'ENOTDIR'],
      ['moved', 'moved/below', 'EINVAL'],
    ] as const)
      await expect(files.rename(at(from), at(to)), `${from} to ${to}`).rejects.toMatchObject({ code });
    await files.rename(at('a'), at('b'));
    await files.rename(at('moved'), at('empty'));
    await files.rename(at('b'), at('b'));
    expect((await files.list(folder)).map(({ name, kind }) => `${name} ${kind}`).toSorted()).toEqual([
      'b file',
      'empty folder',
      'full folder',
    ]);
    expect([text(await files.read(at('b'))), text(await files.read(at('empty', '2')))]).toEqual(['a', 'moved']);
  });

  test('what is open is the file as it is when it is written, the same file when its name leads elsewhere, and nothing once closed', async () => {
    const folder = await makePlace();
    const file = paths.join(folder, 'o');
    await files.write(file, 'old');
    const opened = await files.open(file);
    await files.write(file, 'new');
    expect(text(await opened.read(0, 9))).toBe('new');
    await files.replace(file, 'another');
    expect(text(await opened.read(0, 9))).toBe('new');
    await files.rename(file, paths.join(folder, 'p'));
    await files.remove(paths.join(folder, 'p'));
    expect(text(await opened.read(0, 9))).toBe('new');
    await opened.close();
    await expect(opened.read(0, 9)).rejects.toMatchObject({ code: 'EBADF' });
  });

  test('a change is seen by its time', async () => {
    const file = paths.join(await makePlace(), 'e');
    await files.write(file, 'a');
    const before = await files.facts(file);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await files.write(file, 'b');
    const after = await files.facts(file);
    expect(after?.changed).toBeGreaterThan(before?.changed ?? Number.POSITIVE_INFINITY);
    expect(after?.modified).toBeGreaterThan(before?.modified ?? Number.POSITIVE_INFINITY);
  });

  test("times are the clock's: of a file, and of the folder that got it", async () => {
    const folder = paths.join(await makePlace(), 'times');
    await files.makeFolder(folder);
    const before = await files.facts(folder);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const file = paths.join(folder, 'f');
    await files.write(file, '');
    // The disk's clock may be a tick behind.
    for (const place of [file, folder]) expect(Math.abs(Date.now() - ((await files.facts(place))?.modified ?? 0))).toBeLessThan(5000);
    expect((await files.facts(folder))?.modified).toBeGreaterThan(before?.modified ?? Number.POSITIVE_INFINITY);
  });
});

describe.each(places)('rows in %s', (_, { files, rowFiles, paths }, makePlace) => {
  test('written at any place, behind each other, and read at once', async () => {
    const file = paths.join(await makePlace(), 'rows');
    const writer = await rowFiles.create(file);
    await writer.write(Uint8Array.of(1, 2));
    await writer.write(Uint8Array.of(3));
    await writer.sync();
    await writer.close();
    const reader = rowFiles.open(file);
    const into = new Uint8Array(2);
    expect([reader.read(into, 1), ...into, reader.read(into, 2), reader.read(into, 9)]).toEqual([2, 2, 3, 1, 0]);
    reader.close();
    const again = await rowFiles.create(file);
    await again.write(Uint8Array.of(7), 4);
    await again.close();
    const other = rowFiles.open(file);
    const all = new Uint8Array(5);
    expect([other.read(all, 0), ...all]).toEqual([5, 0, 0, 0, 0, 7]);
    other.close();
    expect(() => rowFiles.open(paths.join(file, 'nowhere'))).toThrow();
  });

  test('without a place: behind the last byte that was written, wherever that was', async () => {
    const file = paths.join(await makePlace(), 'behind');
    const writer = await rowFiles.create(file);
    await writer.write(Uint8Array.of(1), 4);
    await writer.write(Uint8Array.of(9));
    await writer.write(Uint8Array.of(5), 0);
    await Promise.all([writer.write(Uint8Array.of(7)), writer.write(Uint8Array.of(8))]);
    await writer.close();
    await expect(writer.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'EBADF' });
    expect([...(await files.read(file))]).toEqual([5, 0, 0, 0, 1, 9, 7, 8]);
  });

  test('what is open is the file as it is: grown, and created anew', async () => {
    const file = paths.join(await makePlace(), 'grows');
    const writer = await rowFiles.create(file);
    await writer.write(Uint8Array.of(1));
    const reader = rowFiles.open(file);
    await writer.write(Uint8Array.of(2));
    const into = new Uint8Array(2);
    expect([reader.read(into, 0), ...into]).toEqual([2, 1, 2]);
    const anew = await rowFiles.create(file);
    expect(reader.read(into, 0)).toBe(0);
    reader.close();
    await writer.close();
    await anew.close();
  });
});

describe.each(places)('locks in %s', (_, { files, locks, paths }, makePlace) => {
  test('none there, none left; whoever has it runs, and is named', async () => {
    const folder = await makePlace();
    expect(locks.isLocked(folder)).toBeUndefined();
    const { lock } = await taken(locks, folder);
    expect([locks.isRunning(lock.owner.pid), await locks.lock(folder)]).toEqual([true, { heldBy: lock.owner }]);
    expect(Math.abs(Date.now() - Date.parse(lock.owner.since))).toBeLessThan(5000);
    await lock.release();
    expect(locks.isLocked(folder)).toBeUndefined();
  });

  test("released once more it is nobody's: the next one keeps its own", async () => {
    const folder = await makePlace();
    const first = await taken(locks, folder);
    const both = [first.lock.release(), first.lock.release()];
    await Promise.all(both);
    const next = await taken(locks, folder);
    await first.lock.release();
    expect([locks.isLocked(folder), Object.keys(await locks.lock(folder))]).toEqual([true, ['heldBy']]);
    await next.lock.release();
  });

  test('it goes with its folder, and a folder of the same name has its own', async () => {
    const folder = paths.join(await makePlace(), 'removed');
    await files.makeFolder(folder);
    const first = await taken(locks, folder);
    await files.remove(folder);
    expect(locks.isLocked(folder)).toBeUndefined();
    await files.makeFolder(folder);
    const next = await taken(locks, folder);
    await first.lock.release();
    expect(await locks.lock(folder)).toEqual({ heldBy: next.lock.owner });
    await next.lock.release();
  });

  test('a file has none', async () => {
    const file = paths.join(await makePlace(), 'file');
    await files.write(file, '');
    await expect(locks.lock(file)).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  test('one at a time, then the next', async () => {
    const folder = await makePlace();
    const first = await locks.lock(folder);
    expect(locks.isLocked(folder)).toBe(true);
    expect(await locks.lock(folder)).toHaveProperty('heldBy');
    if ('lock' in first) await first.lock.release();
    expect(locks.isLocked(folder)).not.toBe(true);
    const next = await locks.lock(folder);
    expect(next).toHaveProperty('lock');
    if ('lock' in next) await next.lock.release();
    await expect(locks.lock(path.join(folder, 'nowhere'))).rejects.toThrow();
  });
});

describe.each(places)('the rest of %s', (_, platform) => {
  test('SHA-256, piece by piece', () => {
    expect(platform.sha256().update('h').update(Uint8Array.of(105)).digest()).toBe(
      '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4',
    );
  });

  test('a zlib stream, and no more of it than wanted', async () => {
    const zeros = deflateSync(new Uint8Array(1_000_000));
    expect((await platform.inflate(zeros, 1_000_000)).length).toBe(1_000_000);
    await expect(platform.inflate(zeros, 999_999)).rejects.toThrow(RangeError);
    await expect(platform.inflate(zeros.subarray(0, 100), 1_000_000)).rejects.toThrow(/unexpected (end|EOF)/);
    await expect(platform.inflate(Uint8Array.of(1, 2, 3), 10)).rejects.toThrow();
  });

  test('names of files', () => {
    const { join, resolve, relative, normalize, isAbsolute, dirname, basename, extname, parse, sep } = platform.paths;
    expect([join('/a', '../b', 'c.txt'), resolve('/a', 'b'), relative('/a/b', '/a/c/d'), normalize('/a/./b/../c'), sep]).toEqual([
      '/b/c.txt',
      '/a/b',
      '../c/d',
      '/a/c',
      '/',
    ]);
    expect([
      isAbsolute('/a'),
      isAbsolute('a'),
      dirname('/a/b.c'),
      basename('/a/b.c'),
      basename('/a/b.c', '.c'),
      extname('b.c'),
      extname('.c'),
    ]).toEqual([true, false, '/a', 'b.c', 'b', '.c', '']);
    expect(parse('/a/b.c.d')).toMatchObject({ dir: '/a', base: 'b.c.d', name: 'b.c', ext: '.d' });
  });

  test('a picture: header, colours, grey, palette, alpha on a background, sixteen bits', async () => {
    const { images } = platform;
    const rgb = encode({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6), channels: 3, depth: 8 });
    expect(await images.header(rgb)).toMatchObject({
      width: 2,
      height: 1,
      channels: 3,
      bits: 8,
      values: 'uint8',
      hasAlpha: false,
      format: 'png',
    });
    expect(await pixels(images.decodeShown(rgb))).toEqual([3, 1, 2, 3, 4, 5, 6]);
    const alpha = encode({ width: 2, height: 1, data: Uint8Array.of(200, 100, 0, 0, 10, 20, 30, 255), channels: 4, depth: 8 });
    expect((await images.header(alpha)).hasAlpha).toBe(true);
    expect(await pixels(images.decodeShown(alpha))).toEqual([3, 200, 100, 0, 10, 20, 30]);
    expect(await pixels(images.decodeShown(alpha, [255, 0, 9]))).toEqual([3, 255, 0, 9, 10, 20, 30]);
    const palette = encode({
      width: 2,
      height: 1,
      data: Uint8Array.of(1, 0),
      channels: 1,
      depth: 8,
      palette: [
        [9, 8, 7],
        [6, 5, 4],
      ],
    });
    expect(await pixels(images.decodeShown(palette))).toEqual([3, 6, 5, 4, 9, 8, 7]);
    const deep = encode({ width: 2, height: 1, data: Uint16Array.of(513, 65_535), channels: 1, depth: 16 });
    expect(await images.header(deep)).toMatchObject({ channels: 1, bits: 16, values: 'uint16' });
    expect([...(await images.decodeWords(deep, 'grey')).data]).toEqual([513, 65_535]);
    await expect(images.header(Uint8Array.of(1, 2, 3))).rejects.toThrow();
  });

  test.each<readonly [string, PngFile, number[][]]>([
    ['grey of 1 bit', { width: 3, bits: 1, rows: [[0b101_00000], [0b010_00000]] }, [255, 0, 255, 0, 255, 0].map(grey)],
    ['grey of 2 bits', { width: 5, bits: 2, rows: [[0b00_01_10_11, 0b01_000000]] }, [0, 85, 170, 255, 85].map(grey)],
    ['grey of 4 bits', { width: 3, bits: 4, rows: [[0x1f, 0x80]] }, [17, 255, 136].map(grey)],
    [
      'grey of 4 bits, one transparent',
      { width: 2, bits: 4, transparency: [0, 1], rows: [[0x12]] },
      [
        [17, 17, 17, 0],
        [34, 34, 34, 255],
      ],
    ],
    [
      'grey, one transparent',
      { width: 2, transparency: [0, 1], rows: [[1, 2]] },
      [
        [1, 1, 1, 0],
        [2, 2, 2, 255],
      ],
    ],
    [
      'grey and alpha',
      { width: 2, channels: 2, rows: [[100, 128, 7, 3]] },
      [
        [100, 100, 100, 128],
        [7, 7, 7, 3],
      ],
    ],
    [
      'a palette of 1 bit',
      { width: 3, bits: 1, palette, rows: [[0b101_00000]] },
      [
        [6, 5, 4],
        [9, 8, 7],
        [6, 5, 4],
      ],
    ],
    [
      'a palette of 2 bits',
      { width: 3, bits: 2, palette, rows: [[0b00_01_10_00]] },
      [
        [9, 8, 7],
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
    [
      'a palette of 4 bits',
      { width: 3, bits: 4, palette, rows: [[0x12, 0x30]] },
      [
        [6, 5, 4],
        [3, 2, 1],
        [0, 0, 0],
      ],
    ],
    [
      'a palette of 2 bits, with alpha',
      { width: 3, bits: 2, palette, transparency: [0, 128], rows: [[0b00_01_10_00]] },
      [
        [9, 8, 7, 0],
        [6, 5, 4, 128],
        [3, 2, 1, 255],
      ],
    ],
    [
      'RGB, one colour transparent',
      { width: 2, channels: 3, transparency: [0, 1, 0, 2, 0, 3], rows: [[1, 2, 3, 1, 2, 4]] },
      [
        [1, 2, 3, 0],
        [1, 2, 4, 255],
      ],
    ],
    ['RGB, all of one pixel transparent', { width: 1, channels: 3, transparency: [0, 1, 0, 2, 0, 3], rows: [[1, 2, 3]] }, [[1, 2, 3, 0]]],
    [
      'RGB and alpha',
      { width: 2, channels: 4, rows: [[100, 50, 7, 128, 200, 99, 3, 77]] },
      [
        [100, 50, 7, 128],
        [200, 99, 3, 77],
      ],
    ],
  ])('PNG, %s', async (_kind, file, expected) => {
    const { images } = platform;
    const png = pngFile(file);
    const hasAlpha = expected[0]?.length === 4;
    expect(await images.header(png)).toMatchObject({
      width: file.width,
      height: file.rows.length,
      channels: (file.palette ? 3 : (file.channels ?? 1)) + (file.transparency ? 1 : 0),
      bits: file.bits ?? 8,
      values: 'uint8',
      hasAlpha,
      hasPalette: file.palette !== undefined,
    });
    expect(await rgbPixels(images.decodeBytes(png))).toEqual(expected);
    expect(await rgbPixels(images.decodeShown(png))).toEqual(expected.map((pixel) => pixel.slice(0, 3)));
    // On a background what is left of a whole number goes.
    const onWhite = expected.map(([r = 0, g = 0, b = 0, a = 255]) => [r, g, b].map((v) => Math.floor((v * a + 255 * (255 - a)) / 255)));
    expect(await rgbPixels(images.decodeShown(png, [255, 255, 255]))).toEqual(onWhite);
  });

  test.each<readonly [number, readonly number[]]>([
    [1, [1, 2, 3, 4, 5, 6]],
    [2, [3, 2, 1, 6, 5, 4]],
    [3, [6, 5, 4, 3, 2, 1]],
    [4, [4, 5, 6, 1, 2, 3]],
    [5, [1, 4, 2, 5, 3, 6]],
    [6, [4, 1, 5, 2, 6, 3]],
    [7, [6, 3, 5, 2, 4, 1]],
    [8, [3, 6, 2, 5, 1, 4]],
  ])('PNG, upright as EXIF says: orientation %i', async (orientation, expected) => {
    const { images } = platform;
    const size = orientation >= 5 ? { width: 2, height: 3 } : { width: 3, height: 2 };
    const file = (of: (v: number) => number[]) => [[1, 2, 3].flatMap(of), [4, 5, 6].flatMap(of)];
    const rgb = pngFile({ width: 3, channels: 3, orientation, rows: file((v) => [v, 10 * v, 20 * v]) });
    const deep = pngFile({ width: 3, bits: 16, orientation, rows: file((v) => [v, 7]) });
    for (const png of [rgb, deep]) expect(await images.header(png)).toMatchObject({ ...size, orientation });
    for (const decoding of [images.decodeBytes(rgb), images.decodeShown(rgb), images.decodeShown(rgb, [255, 255, 255])]) {
      expect(await decoding).toMatchObject(size);
      expect(await rgbPixels(decoding)).toEqual(expected.map((v) => [v, 10 * v, 20 * v]));
    }
    const words = await images.decodeWords(deep, 'grey');
    expect([words.width, words.height, ...words.data]).toEqual([size.width, size.height, ...expected.map((v) => 256 * v + 7)]);
  });

  test("a picture's header is read whatever size it says, and whatever its pixels are", async () => {
    const png = pngFile({ width: 40_000, height: 40_000, channels: 3, rows: [[1, 2, 3]] });
    expect(await platform.images.header(png)).toMatchObject({ width: 40_000, height: 40_000, channels: 3 });
  });

  test('a picture in another size, all but the same on every platform; written, and read again', async () => {
    const { images } = platform;
    const [width, height] = [40, 30];
    const wave = (x: number, y: number, c: number): number => Math.round(120 + 60 * Math.sin((x + y * (c + 1)) / 4));
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
      wave(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3),
    );
    const image = { width, height, data };
    for (const [w, h] of [
      [17, 11],
      [60, 50],
    ] as const) {
      const [own, theirs] = [await images.resize(image, w, h), await nodePlatform.images.resize(image, w, h)];
      expect(own.length).toBe(3 * w * h);
      expect(own.reduce((sum, v, i) => sum + Math.abs(v - (theirs[i] ?? 0)), 0) / own.length).toBeLessThan(0.7);
    }
    expect(await pixels(images.decodeShown(await images.encode(image, 'png')))).toEqual([3, ...image.data]);
  });
});

test('what memory cannot decode is refused, not guessed', async () => {
  const jpeg = await nodePlatform.images.encode({ width: 8, height: 8, data: new Uint8Array(192) }, 'jpeg');
  await expect(memory.images.header(jpeg)).rejects.toThrow('is no PNG, and nothing else is decoded here');
});

/** Pixel by pixel: grey is told as three equal channels, whether it comes as one or three. */
async function rgbPixels(decoding: Promise<DecodedPixels<Uint8Array>>): Promise<number[][]> {
  const { width, height, channels, data } = await decoding;
  return Array.from({ length: width * height }, (_, i) => {
    const pixel = [...data.subarray(channels * i, channels * (i + 1))];
    const [v = 0, ...alpha] = pixel;
    return channels <= 2 ? [v, v, v, ...alpha] : pixel;
  });
}

async function pixels(decoding: Promise<{ readonly channels: number; readonly data: Uint8Array }>): Promise<number[]> {
  const { channels, data } = await decoding;
  return [channels, ...data];
}

test('threads where there are none: one job after the other, copies of all, nothing after the end', async () => {
  const seen: string[] = [];
  const work: ThreadWork<{ readonly prefix: string }, { readonly n: number[] }, string> = {
    name: 'none',
    begin:
      ({ prefix }) =>
      async ({ n }) => {
        await new Promise((resolve) => setTimeout(resolve, n[0] === 1 ? 20 : 0));
        return `${prefix}${n}`;
      },
  };
  const job = { n: [1] };
  const thread = memory.threads.start(work, { prefix: 'job ' }, { onReply: (reply) => seen.push(reply), onEnd: () => seen.push('ended') });
  thread.ask(job);
  job.n[0] = 9;
  thread.ask({ n: [2] });
  await new Promise((resolve) => setTimeout(resolve, 60));
  thread.ask({ n: [3] });
  await thread.end();
  expect(seen).toEqual(['job 1', 'job 2']);
});

describe.each([
  ['a job that rejects', () => Promise.reject(new Error('no such job'))],
  ['a reply that cannot be copied', async () => () => {}],
])('threads where there are none: %s', (_, answer) => {
  test('it ends, which is told once, as a thread that nobody asked to', async () => {
    const seen: string[] = [];
    const work: ThreadWork<undefined, number, unknown> = { name: 'none', begin: () => (n) => (n === 1 ? answer() : Promise.resolve(n)) };
    const thread = memory.threads.start(work, undefined, { onReply: (n) => seen.push(`reply ${n}`), onEnd: ({ name }) => seen.push(name) });
    for (const n of [0, 1, 2]) thread.ask(n);
    await new Promise((resolve) => setTimeout(resolve, 20));
    thread.ask(3);
    await thread.end();
    expect(seen).toEqual(['reply 0', expect.stringMatching(/Error$/)]);
  });
});

test('in memory each change has a time of its own', async () => {
  const times: number[] = [];
  for (let i = 0; i < 50; i++) {
    await memory.files.write('/ticks', '');
    times.push((await memory.files.facts('/ticks'))?.modified ?? 0);
  }
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
});
