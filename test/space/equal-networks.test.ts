// Equal keys mean equal functions: on real networks, with the weights moved to where the other genotype has them.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { input, lowerGraph } from '../../src/core/graph/index.js';
import { buildDecoder, Scope } from '../../src/core/nn/index.js';
import { type Random, seededRandom } from '../../src/core/random/index.js';
import { floatsOf } from '../../src/core/runtime/index.js';
import { canonicalKey, type Genotype, outputBlocks, parseGenotype, tapCount } from '../../src/core/space/index.js';
import { portable } from '../graph/run.js';
import { perturbedParameters } from '../parity/values.js';
import { randomGenotype } from './random-genotype.js';

const width = 4;
const tapDims = [
  [24, 16, 24],
  [32, 8, 12],
  [96, 4, 6],
  [320, 2, 3],
] as const;
const random = seededRandom(3);
const taps = tapDims.map((dims) => Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.normal()));

type Weights = ReadonlyMap<string, Float32Array>;

/** A network of the genotype, its parameters by name. */
function networkOf(genotype: Genotype) {
  const scope = Scope.root('inference');
  const maps = tapDims.map((dims, i) => input(`tap${i}`, [1, ...dims]));
  return { scope, logits: buildDecoder(scope, maps, genotype, { outputs: 3, width, sepRepeats: 1 }).logits };
}

function weightsOf(genotype: Genotype, seed: Random): Map<string, Float32Array> {
  return perturbedParameters(networkOf(genotype).scope.parameters, seed);
}

async function outputOf(genotype: Genotype, weights: Weights): Promise<Float32Array> {
  const { scope, logits } = networkOf(genotype);
  const bindings = new Map(
    scope.parameters.map(({ name, tensor }) => {
      const value = weights.get(name);
      if (!value) throw new Error(`no value of ${name}`);
      return [tensor, value];
    }),
  );
  const session = await portable.open(lowerGraph({ logits }, { bindings }));
  const feeds = tapDims.flatMap((dims, i) =>
    session.inputNames.includes(`tap${i}`) ? [[`tap${i}`, new OrtTensor('float32', taps[i] ?? new Float32Array(), [1, ...dims])]] : [],
  );
  const result = floatsOf(await session.run(Object.fromEntries(feeds)), 'logits').slice();
  await session.release();
  return result;
}

function difference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  const scale = Math.max(...a.map(Math.abs));
  return Math.max(...a.map((v, i) => Math.abs(v - (b[i] ?? Number.NaN)))) / scale;
}

/** A genotype written another way, and under which name it has what was called `name`. */
interface Rewriting {
  readonly genotype: Genotype;
  readonly rename: (name: string) => string;
}

const exchange =
  (a: string, b: string) =>
  (name: string): string =>
    name.includes(a) ? name.replace(a, b) : name.replace(b, a);

/** The two terms of a round's sum the other way round. */
function swapTerms({ cell, connections }: Genotype, r: number): Rewriting {
  const base = 2 + 3 * r;
  const moved = (p: number): number => (p === base ? base + 1 : p === base + 1 ? base : p);
  const rounds = cell.rounds.map(({ positions: [i, j], ops: [a, b] }, k) =>
    k === r ? ({ positions: [moved(j), moved(i)], ops: [b, a] } as const) : ({ positions: [moved(i), moved(j)], ops: [a, b] } as const),
  );
  return { genotype: { cell: { first: cell.first, rounds }, connections }, rename: exchange(`_ops.${1 + 3 * r}.`, `_ops.${2 + 3 * r}.`) };
}

/** Two rounds in the other order; undefined where the second uses the first. */
function swapRounds({ cell, connections }: Genotype, r: number): Rewriting | undefined {
  const [one, two] = [cell.rounds[r], cell.rounds[r + 1]];
  const base = 2 + 3 * r;
  if (!one || !two || two.positions.some((p) => p >= base)) return undefined;
  const moved = (p: number): number => (p >= base && p < base + 3 ? p + 3 : p >= base + 3 && p < base + 6 ? p - 3 : p);
  const rounds = cell.rounds.with(r, two).with(r + 1, one);
  const later = rounds.map(({ positions: [i, j], ops }, k) =>
    k > r + 1 ? { positions: [moved(i), moved(j)] as const, ops } : { positions: [i, j] as const, ops },
  );
  return {
    genotype: { cell: { first: cell.first, rounds: later }, connections },
    rename: (name) => [1, 2].reduce((n, k) => exchange(`_ops.${k + 3 * r}.`, `_ops.${k + 3 * (r + 1)}.`)(n), name),
  };
}

/** A block's two inputs the other way round. */
function swapInputs({ cell, connections }: Genotype, b: number): Rewriting {
  const swapped = connections.map(([i, j], k) => (k === b ? ([j, i] as const) : ([i, j] as const)));
  return {
    genotype: { cell, connections: swapped },
    rename: (name) => (name.startsWith(`cells.${b}.`) ? exchange('.op_1.', '.op_2.')(exchange('.branch_1.', '.branch_2.')(name)) : name),
  };
}

/** Two blocks in the other order; undefined where the second uses the first. */
function swapBlocks({ cell, connections }: Genotype, b: number): Rewriting | undefined {
  const [one, two] = [connections[b], connections[b + 1]];
  const at = tapCount + b;
  if (!one || !two || two.includes(at)) return undefined;
  const moved = (i: number): number => (i === at ? at + 1 : i === at + 1 ? at : i);
  const swapped = connections
    .with(b, two)
    .with(b + 1, one)
    .map(([i, j], k) => (k > b + 1 ? ([moved(i), moved(j)] as const) : ([i, j] as const)));
  return { genotype: { cell, connections: swapped }, rename: exchange(`cells.${b}.`, `cells.${b + 1}.`) };
}

/** Weights under the other genotype's names; of the head the columns in the order of its blocks. */
function carried(weights: Weights, from: Genotype, { genotype, rename }: Rewriting): Map<string, Float32Array> {
  const moved = new Map([...weights].map(([name, data]) => [rename(name), data]));
  const [ends, others] = [outputBlocks(from), outputBlocks(genotype)];
  const head = weights.get('pre_clf.0.weight');
  if (!head) throw new Error('no head');
  const row = width * ends.length;
  const columns = new Float32Array(head.length);
  others.forEach((block, k) => {
    // Which of the old blocks it is: blocks are renamed in pairs, so the way back is the way there.
    const old = ends.indexOf(Number(rename(`cells.${block}.`).split('.')[1]));
    for (let o = 0; o < width; o++) columns.set(head.subarray(o * row + old * width, o * row + (old + 1) * width), o * row + k * width);
  });
  return moved.set('pre_clf.0.weight', columns);
}

describe('genotypes with equal keys', () => {
  test('are equal functions, and where an order matters the keys differ', async () => {
    let [equal, different] = [0, 0];
    for (let seed = 0; seed < 60; seed++) {
      const own = seededRandom(seed);
      const first = randomGenotype(own);
      let genotype = first;
      let weights: Weights = weightsOf(first, own.fork('weights'));
      const before = await outputOf(first, weights);
      for (let step = 0; step < 4; step++) {
        const rewriting = [
          () => swapTerms(genotype, own.integer(3)),
          () => swapRounds(genotype, own.integer(2)),
          () => swapInputs(genotype, own.integer(3)),
          () => swapBlocks(genotype, own.integer(2)),
        ][own.integer(4)]?.();
        if (!rewriting) continue;
        weights = carried(weights, genotype, rewriting);
        genotype = rewriting.genotype;
      }
      const moved = difference(before, await outputOf(genotype, weights));
      if (canonicalKey(genotype) === canonicalKey(first)) {
        equal++;
        expect(moved, `${seed}`).toBeLessThan(2e-5);
      } else {
        // Only the order of the head's resizes is not the same.
        different++;
        expect(moved, `${seed}`).toBeGreaterThan(2e-5);
      }
    }
    expect(equal).toBeGreaterThan(40);
    expect(different).toBeLessThan(10);
  });

  test('the head: one map by way of another size, and directly', async () => {
    const through = parseGenotype('[[0], [[3,3],[2,2],[0,0]]]');
    const directly = parseGenotype('[[0], [[3,3],[0,0],[2,2]]]');
    const last = parseGenotype('[[0], [[0,0],[3,3],[2,2]]]');
    const middle = parseGenotype('[[0], [[2,2],[3,3],[0,0]]]');
    const weights = weightsOf(through, seededRandom(1));
    const expected = await outputOf(through, weights);
    const swap = (b: number, genotype: Genotype): Rewriting => ({ genotype, rename: exchange(`cells.${b}.`, `cells.${b + 1}.`) });
    const direct = carried(weights, through, swap(1, directly));
    expect(difference(expected, await outputOf(directly, direct))).toBeGreaterThan(1e-3);
    expect(difference(await outputOf(directly, direct), await outputOf(last, carried(direct, directly, swap(0, last))))).toBeLessThan(1e-5);
    // Either way the smallest goes through 1/16.
    expect(difference(expected, await outputOf(middle, carried(weights, through, swap(0, middle))))).toBeLessThan(1e-5);
    expect(canonicalKey(directly)).not.toBe(canonicalKey(through));
    expect(canonicalKey(last)).toBe(canonicalKey(directly));
    expect(canonicalKey(middle)).toBe(canonicalKey(through));
    expect(canonicalKey(through)).toContain('1/16(');
  });
});
