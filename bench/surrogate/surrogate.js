// Rewards of architectures that nobody has trained: regressors fitted on a table of those that somebody has (or of made-up ones), and the noise
// that another seed of the training would make.

import '../../dist/platform/node/use-sqlite.js';
import { gunzipSync } from 'node:zlib';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ArchitectureCode, choicesOf, decisionsOf, drawChoices, genotypeFromChoices } from '../../dist/core/policy/index.js';
import { seededRandom } from '../../dist/core/random/index.js';
import { canonicalKey, parseGenotype } from '../../dist/core/space/index.js';
import { boostedTrees } from './boosted-trees.js';
import { deviation, kendallTau, quantile, rSquared } from './statistics.js';
import { syntheticTruth } from './synthetic.js';

export const space = { blocks: 3, rounds: 3 };
const decisions = decisionsOf(space);
const code = ArchitectureCode.of(space, seededRandom(1));

/** Those of `bench/tabular`, or of one file: JSON lines, compressed or not, of genotype, reward, multiplyAdds and seconds. Undefined where there is none. */
export async function readTable(file) {
  const folder = path.join(import.meta.dirname, '..', 'tabular');
  const names = file === undefined ? await readdir(folder).catch(() => []) : [];
  const files = file === undefined ? names.filter((name) => /\.jsonl(\.gz)?$/.test(name)).map((name) => path.join(folder, name)) : [file];
  if (files.length === 0) return undefined;
  const rows = [];
  for (const one of files) {
    const bytes = await readFile(one);
    const text = (one.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
      const { genotype, reward, rungs, multiplyAdds, seconds, error } = JSON.parse(line);
      const parsed = parseGenotype(typeof genotype === 'string' ? genotype : JSON.stringify(genotype));
      if (error === undefined) rows.push({ genotype: parsed, reward, rungs, multiplyAdds, seconds: total(seconds) });
    }
  }
  return rows;
}

/** Of a trial's record: training and validation. */
function total(seconds) {
  return typeof seconds === 'object' && seconds !== null ? Object.values(seconds).reduce((a, b) => a + b, 0) : seconds;
}

/** So many made-up rows, a tenth of them evaluated three times. */
export function syntheticTable(count, noise, seed) {
  const random = seededRandom(seed).fork('table');
  const truth = syntheticTruth(seed);
  return Array.from({ length: count }, (_, i) => {
    const genotype = genotypeFromChoices(drawChoices(decisions, random), space);
    const { reward, ...figures } = truth(genotype);
    return Array.from({ length: i % 10 === 0 ? 3 : 1 }, () => ({ genotype, reward: reward + noise * random.normal(), ...figures }));
  }).flat();
}

/** What trees look at: the canonical code, and how the genotype is written. */
function featuresOf(genotype) {
  const choices = choicesOf(genotype);
  return [
    ...code.encode(genotype),
    ...decisions.flatMap(({ choices: n }, d) => Array.from({ length: n }, (_, c) => (choices[d] === c ? 1 : 0))),
  ];
}

const settings = { trees: 300, depth: 5, rate: 0.06, columnShare: 0.5 };
const members = 3;

function regress(rows, features, target, seed) {
  // One that failed altogether would be all that squared errors see.
  const values = rows.map(target);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(values, share));
  const least = middle - 8 * (high - low);
  const clipped = values.map((value) => Math.max(least, value));
  const ensemble = Array.from({ length: members }, (_, m) =>
    boostedTrees(features, clipped, settings, seededRandom(seed).fork('trees', m)),
  );
  return (row) => ensemble.reduce((sum, member) => sum + member(row), 0) / members;
}

/** By whole networks, so that none is in both parts. */
function heldOut(rows, share, seed) {
  const keys = rows.map(({ genotype }) => canonicalKey(genotype));
  const distinct = [...new Set(keys)];
  const random = seededRandom(seed).fork('held out');
  const chosen = new Set(
    random
      .permutation(distinct.length)
      .slice(0, Math.round(share * distinct.length))
      .map((i) => distinct[i]),
  );
  return { train: rows.filter((_, i) => !chosen.has(keys[i])), test: rows.filter((_, i) => chosen.has(keys[i])) };
}

/** How a surrogate does on a fifth of the rows that it has not seen: Kendall's τ, R², and τ within the thirds of reward. */
export function quality(rows, seed) {
  const { train, test } = heldOut(rows, 0.2, seed);
  const predict = regress(
    train,
    train.map(({ genotype }) => featuresOf(genotype)),
    ({ reward }) => reward,
    seed,
  );
  const truth = test.map(({ reward }) => reward);
  const predicted = test.map(({ genotype }) => predict(featuresOf(genotype)));
  const bounds = [quantile(truth, 1 / 3), quantile(truth, 2 / 3)];
  const thirds = [0, 1, 2].map((third) => {
    const inside = [...truth.keys()].filter((i) => (truth[i] >= bounds[0]) + (truth[i] >= bounds[1]) === third);
    return kendallTau(
      inside.map((i) => truth[i]),
      inside.map((i) => predicted[i]),
    );
  });
  return { count: test.length, tau: kendallTau(truth, predicted), r2: rSquared(truth, predicted), thirds };
}

/** Standard deviation between evaluations of one network; undefined where none was evaluated twice. */
export function noiseOf(rows) {
  const groups = grouped(rows);
  const repeated = [...groups.values()].filter((group) => group.length > 1).map((group) => deviation(group.map(({ reward }) => reward)));
  return repeated.length === 0 ? undefined : Math.sqrt(repeated.reduce((n, sd) => n + sd ** 2, 0) / repeated.length);
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) {
    const key = canonicalKey(row.genotype);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** For a genotype: its reward without noise, multiply-adds, seconds of an evaluation. */
export function surrogateOf(rows, seed) {
  const features = rows.map(({ genotype }) => featuresOf(genotype));
  const reward = regress(rows, features, (row) => row.reward, seed);
  const multiplyAdds = regress(rows, features, (row) => Math.log(row.multiplyAdds), seed);
  const seconds = regress(rows, features, (row) => Math.log(row.seconds), seed);
  return (genotype) => {
    const row = featuresOf(genotype);
    return { reward: reward(row), multiplyAdds: Math.exp(multiplyAdds(row)), seconds: Math.exp(seconds(row)) };
  };
}
