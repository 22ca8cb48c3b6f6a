// A made-up reward where there is no table of real ones: what is plausible of decoders (some ops are worth more than others, more of them
// less and less, fine and coarse taps help, chains that are too long hurt), and interactions without a rule. It depends on the network, not on how it is written.

import '../../dist/platform/node/use-sqlite.js';
import { cellOutput, decoderOutput } from '../../dist/core/space/index.js';

const worth = {
  conv1x1: [0.25, 0.3],
  conv3x3: [0.6, 2.7],
  sep_conv_3x3: [0.7, 0.4],
  sep_conv_5x5: [0.75, 0.6],
  global_average_pool: [0.35, 0.05],
  conv3x3_dil3: [0.7, 2.7],
  conv3x3_dil12: [0.4, 2.7],
  sep_conv_3x3_dil3: [0.65, 0.4],
  sep_conv_5x5_dil6: [0.5, 0.6],
};

/** @param seed of the interactions; @returns for a genotype its reward without noise, multiply-adds and seconds of an evaluation */
export function syntheticTruth(seed) {
  const effect = (text) => Math.sqrt(12) * (hash(`${seed} ${text}`) - 0.5);
  return (genotype) => {
    const cell = cellOutput(genotype.cell);
    const ops = terms(cell).filter(({ label }) => label !== 'x');
    const chains = paths(cell).map((path) => path.filter((label) => label !== 'x'));
    const decoder = decoderOutput(genotype);
    const blocks = terms(decoder).filter(({ label }) => label === 'block').length;
    const taps = new Set(paths(decoder).map((path) => path.at(-1)));
    const cost = 0.25 + blocks * (0.1 + 0.11 * ops.reduce((n, { label }) => n + worth[label][1], 0)) * (taps.has('tap0') ? 1 : 0.35);
    const figures = { multiplyAdds: 1e9 * cost, parameters: Math.round(1.85e6 + 6e4 * blocks * (1 + ops.length)), seconds: 1.5 + 4 * cost };
    if (chains.length === 0) return { reward: 0.08, ...figures };
    const strength = 1 - Math.exp(-ops.reduce((n, { label }) => n + worth[label][0], 0) / 1.8);
    const kinds = new Set(ops.map(({ label }) => label)).size;
    const length = Math.max(...chains.map((chain) => chain.length));
    const residual = chains.some((chain) => chain.length === 0) ? 0.15 : 0;
    const scales = 0.4 * taps.has('tap0') + 0.25 * taps.has('tap1') + 0.15 * taps.has('tap2') + 0.3 * taps.has('tap3');
    const pairs = new Set(chains.flatMap((chain) => chain.slice(1).map((op, i) => `${op} < ${chain[i]}`)));
    const rough = [
      ...[...new Set(ops.map(({ label }) => label))].map((op) => 0.08 * effect(op)),
      ...[...pairs].map((pair) => 0.03 * effect(pair)),
      ...[...taps].map((tap) => 0.03 * effect(`${tap} ${chains[0][0]}`)),
      0.02 * effect(`${blocks} ${length} ${kinds}`),
    ].reduce((a, b) => a + b, 0);
    const quality = strength + 0.12 * Math.min(4, kinds) + residual + scales + 0.08 * blocks - 0.09 * Math.max(0, length - 2) ** 2 + rough;
    return { reward: 0.3 + 0.27 / (1 + Math.exp(-1.5 * (quality - 1.4))), ...figures };
  };
}

function paths(value) {
  return value.flatMap(({ label, inputs }) => (inputs.length === 0 ? [[label]] : inputs.flatMap(paths).map((path) => [label, ...path])));
}

function terms(value, found = new Set()) {
  for (const term of value)
    if (!found.has(term)) {
      found.add(term);
      for (const input of term.inputs) terms(input, found);
    }
  return [...found];
}

/** FNV-1a and a last stir, in 0 … 1. */
function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}
