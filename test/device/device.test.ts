// The latency model: a network's pieces, counted by hand; the table's pieces, recovered from times that are sums of them; the file.

import { describe, expect, test } from 'vitest';
import {
  cutNetwork,
  cutProbes,
  type DeviceProfile,
  fitPieces,
  latencyPredictor,
  measureDevice,
  nonNegativeLeastSquares,
  parseDeviceProfile,
  type PieceSetting,
  pieceTimes,
  randomGenotype,
  sumOfPieces,
  unmeasuredNote,
} from '../../src/core/device/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';

const setting: PieceSetting = {
  task: { task: 'segmentation', classes: ['sky', 'road', 'tree'] },
  width: 16,
  sepRepeats: 1,
  encoder: { padding: 'torch', expandsFirst: true },
  size: { width: 96, height: 64 },
};
const space = { blocks: 3, rounds: 3 };
const countsOf = (text: string, from: 'image' | 'taps' = 'image'): Record<string, number> =>
  Object.fromEntries(cutNetwork(parseGenotype(text), setting, from).pieces.map(({ name, count }) => [name, count]));

describe('pieces', () => {
  test('of one block by hand: convolutions with their limits, the sums, the resizing, the head', () => {
    // Cell: conv3x3, then a depthwise 3×3 of it; the sum of both is its output. Taps 2 (4×6, 96 channels) and 3 (2×3, 320).
    expect(countsOf('[[1, [1,0,2,10]], [[2,3]]]')).toEqual({
      'encoder to 1/32 @ 64x96': 1,
      'conv 1x1 96>16 relu @ 4x6': 1,
      'conv 1x1 320>16 relu @ 2x3': 1,
      'conv 3x3 16>16 relu @ 4x6': 1,
      'conv 3x3 16>16 relu @ 2x3': 1,
      'depthwise 3x3 16 linear @ 4x6': 1,
      'depthwise 3x3 16 linear @ 2x3': 1,
      // The cell's separable convolution, the branch behind it, and before the classifier.
      'conv 1x1 16>16 relu @ 4x6': 3,
      'conv 1x1 16>16 relu @ 2x3': 2,
      'resize 16x2x3 + 16x4x6 > 16x4x6': 1,
      'add 16x4x6 + 16x4x6 > 16x4x6': 1,
      'conv 3x3 16>3 linear @ 4x6': 1,
    });
  });

  test('the encoder is computed down to the deepest tap in use', () => {
    const names = Object.keys(countsOf('[[0, [0,0,9,10]], [[0,1]]]'));
    expect(names.filter((name) => name.startsWith('encoder'))).toEqual(['encoder to 1/8 @ 64x96']);
  });

  test('multiply-adds are those of the convolution', () => {
    const { pieces } = cutNetwork(parseGenotype('[[1, [0,0,10,10]], [[2,2]]]'), setting);
    expect(pieces.find(({ name }) => name === 'conv 3x3 16>16 relu @ 4x6')?.multiplyAdds).toBe(16 * 16 * 9 * 24);
  });

  test('every piece that random architectures have is one of the probes', () => {
    const probes = cutProbes(space, setting, seededRandom(0), 0);
    const known = new Set(probes.flatMap(({ pieces }) => pieces.map(({ name }) => name)));
    const random = seededRandom(1);
    const missing = new Set<string>();
    for (let i = 0; i < 300; i++)
      for (const { name } of cutNetwork(randomGenotype(space, random), setting).pieces) if (!known.has(name)) missing.add(name);
    expect([...missing]).toEqual([]);
  }, 60_000);
});

describe('the fit', () => {
  test('least squares by hand: an unknown that would be negative is 0, and the other takes what is best then', () => {
    // t0 + t1 = 1, t1 = 2: without bounds (−1, 2); with them t1 = (1 + 2) / 2.
    const rows = [
      [
        [0, 1],
        [1, 1],
      ],
      [[1, 1]],
    ] as const;
    const [a, b] = nonNegativeLeastSquares({ rows, values: [1, 2], prior: [1, 1], ridge: 1e-12 });
    expect(a).toBeCloseTo(0, 6);
    expect(b).toBeCloseTo(1.5, 6);
  });

  test('where nothing is said an unknown keeps its prior', () => {
    expect(nonNegativeLeastSquares({ rows: [[[0, 1]]], values: [3], prior: [1, 7], ridge: 1e-9 })[1]).toBe(7);
  });

  test('of a device whose times are sums, networks that were not measured are told to a thousandth', () => {
    // The true time of a piece follows from its name alone.
    const truth = (name: string): number => 5 + (Array.from(name).reduce((h, c) => (31 * h + c.charCodeAt(0)) % 997, 7) % 200);
    const time = ({ pieces }: { pieces: readonly { name: string; count: number }[] }): number =>
      40 + pieces.reduce((sum, { name, count }) => sum + count * truth(name), 0);
    const probes = cutProbes(space, setting, seededRandom(0));
    const fitted = fitPieces(probes.map((probe) => ({ pieces: probe.pieces, time: time(probe) })));
    const random = seededRandom(5);
    for (let i = 0; i < 20; i++) {
      const network = cutNetwork(randomGenotype(space, random), setting);
      expect(Math.abs(sumOfPieces(network.pieces, fitted) / time(network) - 1)).toBeLessThan(0.01);
    }
  }, 60_000);

  test('the statistic, its spread and how far sums are off', () => {
    const pieces = [{ name: 'a', count: 1, multiplyAdds: 10, bytes: 10 }];
    const { spread, fit } = pieceTimes(
      [{ pieces }, { pieces }],
      [
        [100, 200, 300, 400, 500],
        [100, 200, 300, 400, 500],
      ],
      'median',
    );
    // (400 − 200) / 300; both are explained exactly.
    expect(spread).toBeCloseTo(2 / 3);
    expect(fit.median).toBeLessThan(0.01);
  });
});

const profile: DeviceProfile = {
  kind: 'auxcell device',
  version: 1,
  auxcell: '0.3.0',
  made: '2026-01-01T00:00:00.000Z',
  device: { name: 'a board', system: 'Linux', cores: 4 },
  runtime: { name: 'onnxruntime-node', version: '1.0.0', backend: 'cpu', threads: 1, precision: 'float32' },
  network: { task: 'segmentation', outputs: 3, width: 16, sepRepeats: 1, encoder: setting.encoder, ...space },
  size: setting.size,
  statistic: 'median',
  clock: 'wall',
  spread: 0.1,
  fit: { networks: 2, median: 0, percentile95: 0 },
  rates: { each: 7, multiplyAdds: 0, bytes: 0 },
  base: 100,
  pieces: { 'encoder to 1/16 @ 64x96': 1000, 'conv 1x1 96>16 relu @ 4x6': 50 },
};

const drawn = seededRandom(4);

describe('the file', () => {
  test('predicts by hand: the base, known pieces, and the rates for the rest', () => {
    // conv 1×1 16>16 relu (branch and head) and the classifier are not in the table, nor the sum and its limit: 2 + 1 + 1 + 1 + 1.
    const { pieces } = cutNetwork(parseGenotype('[[9, [0,0,10,10]], [[2,2]]]'), setting);
    const unknown = pieces.filter(({ name }) => !(name in profile.pieces)).reduce((n, { count }) => n + count, 0);
    expect(latencyPredictor(profile, setting, 'x')(parseGenotype('[[9, [0,0,10,10]], [[2,2]]]'))).toBe(100 + 1000 + 50 + 7 * unknown);
    expect(unknown).toBeGreaterThan(3);
  });

  test('that lacks pieces says so, with how many and one of them; one that has all says nothing', () => {
    const asked = Array.from({ length: 16 }, () => cutNetwork(randomGenotype(space, drawn), setting).pieces);
    const names = new Set(asked.flat().map(({ name }) => name));
    const whole = Object.fromEntries([...names].map((name) => [name, 1]));
    const note = (pieces: Readonly<Record<string, number>>) => unmeasuredNote({ pieces }, setting, space, 'p.json', seededRandom(4));
    expect(note(whole)).toBeUndefined();
    // What a device is measured with today has all of them.
    const probed = cutProbes(space, setting, seededRandom(1)).flatMap(({ pieces }) => pieces.map(({ name }) => [name, 1] as const));
    expect(note(Object.fromEntries(probed))).toBeUndefined();
    const [gone, ...others] = names;
    expect(note(Object.fromEntries(others.map((name) => [name, 1])))).toBe(
      `note: p.json has no time of 1 of ${names.size} kinds of pieces (${gone}), whose latency is estimated from others; measure the device again with this version`,
    );
  });

  test('is read as it was written, and refused where it is something else', () => {
    expect(parseDeviceProfile(JSON.stringify(profile), 'p.json')).toEqual(profile);
    expect(() => parseDeviceProfile('{}', 'p.json')).toThrow(/p\.json: is no device profile/);
    expect(() => parseDeviceProfile('no json', 'p.json')).toThrow(/p\.json: is no device profile/);
  });

  test('is refused for another size or width, with both named', () => {
    expect(() => latencyPredictor(profile, { ...setting, size: { width: 64, height: 64 } }, 'p.json')).toThrow(
      'p.json: was measured for images of 96x64, and this is about 64x64',
    );
    expect(() => latencyPredictor(profile, { ...setting, width: 48 }, 'p.json')).toThrow(/a decoder of width 16, and this is about 48/);
  });
});

test('a small device is measured: every probe runs, every piece has a time, the encoder most of it', async () => {
  const tiny = { ...setting, size: { width: 32, height: 32 } };
  const runtime = await nodeRuntime({ layout: 'portable' });
  const small = { blocks: 1, rounds: 1 };
  const measured = await measureDevice(runtime, { setting: tiny, space: small, seconds: 1, random: seededRandom(0), extra: 2 });
  expect(measured.fit.networks).toBeGreaterThan(40);
  expect(Object.keys(measured.pieces).length).toBeGreaterThan(40);
  const { pieces } = cutNetwork(parseGenotype('[[1, [0,0,9,10]], [[0,3]]]'), tiny);
  expect(sumOfPieces(pieces, measured)).toBeGreaterThan(100);
  expect(measured.pieces['encoder to 1/32 @ 32x32']).toBeGreaterThan(measured.pieces['encoder to 1/4 @ 32x32'] ?? Infinity);
}, 60_000);
