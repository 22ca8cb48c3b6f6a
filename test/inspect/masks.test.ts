// What masks say of classes, from counts that are worked out by hand.

import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/data/index.js';
import type { PictureFacts } from '../../src/core/inspect/facts.js';
import { MaskTally } from '../../src/core/inspect/mask-tally.js';

type Counts = Readonly<Record<number, number>>;

const picture = (width: number, height: number): PictureFacts => ({
  width,
  height,
  orientation: 1,
  hasAlpha: false,
  bits: 8,
  channels: 3,
  pages: 1,
  content: 'x',
  isOneColour: false,
});

/** Masks of 10×10 whose labels are counted so. */
function tally(classes: readonly string[], ignore: number, train: readonly Counts[], val: readonly Counts[]): MaskTally {
  const made = new MaskTally({ kind: 'masks', classes, ignore });
  for (const [split, masks] of [
    ['train', train],
    ['val', val],
  ] as const)
    masks.forEach((counts, i) => {
      const entries = Object.entries(counts).map(([label, pixels]) => [Number(label), pixels] as const);
      made.add(
        split,
        `${split}${i}.png`,
        { kind: 'labels', width: 10, height: 10, counts: entries, strange: [] },
        picture(10, 10),
        `${split}${i}.jpg`,
      );
    });
  return made;
}

const found = (findings: readonly Finding[]) => findings.map(({ grade, code }) => `${grade} ${code}`);

test('nothing is found in masks that are right', () => {
  const masks = [{ 0: 50, 1: 40, 255: 10 }];
  expect(tally(['a', 'b'], 255, masks, masks).findings()).toEqual([]);
});

test('the card counts pixels and pictures of every class, of the ignored label and of strangers', () => {
  const card = tally(
    ['a', 'b'],
    255,
    [
      { 0: 60, 255: 40 },
      { 0: 90, 7: 10 },
    ],
    [{ 1: 100 }],
  ).card();
  expect(card.pixels).toEqual({ train: 200, val: 100 });
  expect(card.labels).toEqual([
    { label: 0, name: 'a', isClass: true, isIgnored: false, train: { pixels: 150, pictures: 2 }, val: { pixels: 0, pictures: 0 } },
    { label: 1, name: 'b', isClass: true, isIgnored: false, train: { pixels: 0, pictures: 0 }, val: { pixels: 100, pictures: 1 } },
    { label: 255, name: '(ignored)', isClass: false, isIgnored: true, train: { pixels: 40, pictures: 1 }, val: { pixels: 0, pictures: 0 } },
    { label: 7, name: '(no class)', isClass: false, isIgnored: false, train: { pixels: 10, pictures: 1 }, val: { pixels: 0, pictures: 0 } },
  ]);
});

test('a class that only validation has is named, with counts; so is the other way round', () => {
  const findings = tally(['a', 'b', 'c', 'd'], 255, [{ 0: 50, 1: 49, 2: 1 }], [{ 0: 90, 1: 3, 3: 7 }]).findings();
  expect(found(findings)).toEqual(['warning class-without-pixels', 'warning class-without-pixels']);
  expect(findings[0]?.cause).toBe(
    'the class "d" (label 3, 7 validation pixels in 1 picture(s)) is in no training mask: what is not shown cannot be learnt',
  );
  expect(findings[0]?.files).toEqual(['val0.png']);
  expect(findings[1]?.cause).toBe(
    'the class "c" (label 2, 1 training pixels in 1 picture(s)) is in no validation mask: it is not measured',
  );
});

test('labels that no class has: all of them, how many pixels, in how many masks', () => {
  const [finding] = tally(['a', 'b'], 255, [{ 0: 90, 1: 8, 2: 2 }, { 1: 100 }], [{ 0: 97, 3: 3 }]).findings();
  expect(finding).toMatchObject({ grade: 'error', code: 'label-without-class', count: 2, files: ['train0.png', 'val0.png'] });
  expect(finding?.cause).toMatch(/labels that no class has: 2, 3, on 1\.7 % of the pixels; the classes are 0 … 1, ignored is 255/);
});

describe('labels of another kind', () => {
  test.each([
    ['counted from 1', ['a', 'b'], { 1: 50, 2: 50 }, /count from 1: subtract 1/, 255],
    ['255 with another ignored label', ['a', 'b'], { 0: 50, 1: 40, 255: 10 }, /set data\.ignore to 255/, 9],
    ['grey levels', ['a', 'b', 'c'], { 0: 50, 127: 40, 254: 10 }, /grey levels or colours/, 255],
  ])('%s', (_, classes, counts: Counts, remedy, ignore) => {
    const [finding] = tally(classes, ignore, [counts], [counts]).findings();
    expect(finding).toMatchObject({ grade: 'error', code: 'label-without-class', remedy: expect.stringMatching(remedy) });
  });

  test('0/255 masks with 255 ignored: the object has no pixel', () => {
    const findings = tally(['background', 'object'], 255, [{ 0: 80, 255: 20 }], [{ 0: 80, 255: 20 }]).findings();
    expect(found(findings)).toEqual(['error one-class-only', 'warning class-without-pixels']);
    expect(findings[0]?.cause).toMatch(
      /every labelled training pixel is "background".*20 % of the training pixels are 255, which is ignored/,
    );
    expect(findings[0]?.remedy).toMatch(/is 255 the label of an object\?/);
  });
});

test('nothing labelled, or nearly nothing', () => {
  expect(found(tally(['a', 'b'], 255, [{ 255: 100 }], [{ 0: 50, 1: 50 }]).findings())).toContain('error nothing-labelled');
  const findings = tally(['a', 'b'], 255, [{ 255: 100 }, { 255: 99, 0: 1 }, { 255: 100 }], [{ 0: 50, 1: 50 }]).findings();
  expect(found(findings)).toContain('warning hardly-labelled');
  expect(findings.find(({ code }) => code === 'hardly-labelled')?.cause).toMatch(/only 0\.3 % of the training pixels/);
});

test('an ignored label that is a class', () => {
  const masks = [{ 0: 20, 1: 40, 2: 40 }];
  expect(found(tally(['unlabelled', 'a', 'b'], 0, masks, masks).findings())).toEqual(['note ignore-covers-a-class']);
  const [finding] = tally(['road', 'a', 'b'], 0, masks, masks).findings();
  expect(finding).toMatchObject({ grade: 'warning', cause: expect.stringMatching(/"road" \(20 % of the pixels\)/) });
});

test('masks of another size than their pictures', () => {
  const made = new MaskTally({ kind: 'masks', classes: ['a', 'b'], ignore: 255 });
  const counts = [[0, 50] as const, [1, 50] as const];
  made.add('train', 'm.png', { kind: 'labels', width: 10, height: 20, counts, strange: [] }, picture(20, 10), 'p.jpg');
  const [finding] = made.findings();
  expect(finding).toMatchObject({ grade: 'error', code: 'mask-of-another-size', files: ['m.png is 10×20, p.jpg is 20×10'] });
  expect(finding?.remedy).toMatch(/lying on their side/);
});

test('a list that is not looked at says nothing', () => {
  expect(tally(['a', 'b'], 255, [], [{ 0: 50, 1: 50 }]).findings()).toEqual([]);
});

test('colours that are in no map are told as colours', () => {
  const made = tally(['a', 'b'], 255, [{ 0: 50, 1: 50 }], [{ 0: 50, 1: 50 }]);
  made.add(
    'train',
    's.png',
    { kind: 'labels', width: 10, height: 10, counts: [[0, 90]], strange: [['rgb(1,2,3)', 10]] },
    undefined,
    's.jpg',
  );
  const [finding] = made.findings();
  expect(finding).toMatchObject({ grade: 'error', code: 'label-without-class', count: 1, files: ['s.png'] });
  expect(finding?.cause).toMatch(/rgb\(1,2,3\), on 3\.3 % of the pixels/);
  expect(finding?.remedy).toMatch(/class_dict\.csv/);
});

test('labels that nobody names are numbered, and doubted where they are far apart', () => {
  const near = tally([], 255, [{ 0: 50, 2: 40, 255: 10 }], [{ 0: 50, 1: 50 }]);
  expect(near.card().labels.map(({ name }) => name)).toEqual(['class 0', 'class 1', 'class 2', '(ignored)']);
  expect(found(near.findings())).toContain('note classes-without-names');
  expect(found(tally([], 255, [{ 0: 50, 76: 25, 150: 25 }], [{ 0: 100 }]).findings())).toContain('warning labels-far-apart');
});

test('many classes without a pixel are one finding', () => {
  const names = Array.from({ length: 150 }, (_, k) => `n${k}`);
  const [finding, ...more] = tally(names, 255, [{ 0: 50, 1: 50 }], [{ 0: 50, 1: 50 }]).findings();
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ grade: 'warning', code: 'class-without-pixels', count: 148 });
  expect(finding?.cause).toMatch(
    /^148 classes, "n2" \(label 2\), .*"n9" \(label 9\) and 140 more, are in no mask \(0 % of the training pixels are 255/,
  );
});

test('two classes of one name', () => {
  const masks = [{ 0: 40, 1: 30, 2: 30 }];
  const [finding] = tally(['cat', 'dog', 'Cat'], 255, masks, masks).findings();
  expect(finding).toMatchObject({
    grade: 'warning',
    code: 'class-named-twice',
    cause: 'two classes have one name: "cat" and "Cat" (label 2)',
  });
});
