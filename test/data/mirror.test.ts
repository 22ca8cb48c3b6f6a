// Left and right stay apart: in mirrored samples of both framings, and in the flip test.

import { describe, expect, test } from 'vitest';
import { type Framing, frame, type LabelledImage, type Labelling, unlabelled } from '../../src/core/data/index.js';
import { add, constant, input, lowerGraph } from '../../src/core/graph/index.js';
import { Predictor } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import type { SegmentationDescription } from '../../src/core/task/index.js';
import { portable } from '../graph/run.js';

const [width, height] = [12, 8];

/** Somebody with the left arm (1) on the right of the picture, the right one (2) on its left; something unlabelled above. */
const arms: LabelledImage = {
  image: {
    width,
    height,
    data: Uint8Array.from({ length: 3 * width * height }, (_, i) => (Math.floor(i / 3) % width < 3 && i % 3 === 0 ? 200 : 20)),
  },
  truth: {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return y === 0 ? unlabelled : x < 3 ? 2 : x > 8 ? 1 : 0;
    }),
  },
};
const masks = (changes: Partial<Extract<Labelling, { kind: 'masks' }>> = {}): Labelling => ({
  kind: 'masks',
  classes: ['body', 'left_arm', 'right_arm'],
  ignore: 255,
  ...changes,
});

const framings: Framing[] = [
  { kind: 'resize', width, height, mirror: true },
  { kind: 'random', side: height, width, height, scale: [1, 1], mirror: true },
];

/** Seeds that mirror, and some that do not. */
async function framed(framing: Framing, labelling: Labelling): Promise<{ mirrored: LabelledImage; plain: LabelledImage }> {
  const all = await Promise.all(Array.from({ length: 16 }, (_, seed) => frame(arms, framing, labelling, seededRandom(seed))));
  // Red is on the picture's left; in the mirror on its right.
  const mirrored = all.find(({ image }) => image.data[3 * (width - 1)] === 200);
  const plain = all.find(({ image }) => image.data[0] === 200);
  if (!mirrored || !plain) throw new Error('both ways are to be seen');
  return { mirrored, plain };
}

const rowOf = ({ truth }: LabelledImage, y: number): number[] => {
  if (!('data' in truth)) throw new TypeError('no labels');
  return [...truth.data.subarray(y * width, (y + 1) * width)];
};

describe.each(framings)('framing $kind', (framing) => {
  const asSeen = [2, 2, 2, 0, 0, 0, 0, 0, 0, 1, 1, 1];

  test('a mirrored left arm is a right one: it stays on the right of the picture', async () => {
    const { mirrored, plain } = await framed(framing, masks());
    expect(rowOf(plain, 4)).toEqual(asSeen);
    expect(rowOf(mirrored, 4)).toEqual(asSeen);
    expect(new Set(rowOf(mirrored, 0))).toEqual(new Set([unlabelled]));
  });

  test('pairs that are given count instead of the names', async () => {
    const swapped = asSeen.toReversed();
    expect(rowOf((await framed(framing, masks({ mirrorPairs: [] }))).mirrored, 4)).toEqual(swapped);
    expect(rowOf((await framed(framing, masks({ classes: ['sky', 'hither', 'yon'] }))).mirrored, 4)).toEqual(swapped);
    const named = masks({ classes: ['sky', 'hither', 'yon'], mirrorPairs: [[1, 2]] });
    expect(rowOf((await framed(framing, named)).mirrored, 4)).toEqual(asSeen);
  });
});

describe('the flip test', () => {
  // Sees arms by their place: on the left of the picture a right one, on its right a left one.
  const image = input('image', [1, 3, height, width]);
  const tilt = constant(
    Float32Array.from({ length: 3 * width }, (_, i) => {
      const x = (i % width) - (width - 1) / 2;
      return [0, x / 2, -x / 2][Math.floor(i / width)] ?? 0;
    }),
    [1, 3, 1, width],
  );
  const model = lowerGraph({ logits: add(image, tilt) });
  const open = (task: SegmentationDescription): Promise<Predictor> =>
    Predictor.of(
      portable,
      model,
      { task, normalisation: { mean: [0, 0, 0], std: [1, 1, 1] }, input: 'image', output: 'logits' },
      'a model',
    );
  const grey = { width, height, data: new Uint8Array(3 * width * height).fill(30) };
  const seen = async (task: SegmentationDescription, flip: boolean): Promise<number[]> => {
    const predictor = await open(task);
    try {
      const depiction = await predictor.depict(grey, { flip });
      if (depiction.kind !== 'labels') throw new TypeError('no labels');
      return [...depiction.data.subarray(0, width)];
    } finally {
      await predictor.close();
    }
  };
  const task: SegmentationDescription = { task: 'segmentation', classes: ['body', 'left_arm', 'right_arm'] };

  test('channels of sides change places on the way back', async () => {
    const alone = await seen(task, false);
    expect(alone).toEqual([2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1]);
    expect(await seen(task, true)).toEqual(alone);
    // Not knowing that they are sides, the mirror image contradicts: neither arm is left.
    expect(await seen({ ...task, mirrorPairs: [] }, true)).not.toEqual(alone);
    expect(await seen({ ...task, classes: ['a', 'b', 'c'], mirrorPairs: [[1, 2]] }, true)).toEqual(alone);
  });
});
