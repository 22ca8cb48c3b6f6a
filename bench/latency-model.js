// How good predicted latencies are: this machine is measured as `auxcell device --here` does, and in turns with it random architectures as they are
// deployed; the sums over the table are held to them. Prints the share within ±10 %, and Spearman's rank correlation.
//
//   node bench/latency-model.js [--size WxH] [--width C] [--sep-repeats R] [--outputs N] [--seconds S] [--networks N] [--seed S]
//                               [--statistic minimum|median] [--clock wall|processor] [--table FILE]
//
// Needs dist/ (npm run build). With --table a line a network is written as CSV.

import '../dist/platform/node/use-sqlite.js';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cutNetwork, cutProbes, pieceTimes, randomGenotype, statisticOf, sumOfPieces, timeNetworks } from '../dist/core/device/index.js';
import { seededRandom } from '../dist/core/random/index.js';
import { formatGenotype } from '../dist/core/space/index.js';
import { processorTime } from '../dist/library/device.js';
import { nodeRuntime } from '../dist/platform/node/runtime.js';

const text = { type: 'string' };
const { values } = parseArgs({
  options: {
    size: text,
    width: text,
    'sep-repeats': text,
    outputs: text,
    seconds: text,
    networks: text,
    seed: text,
    statistic: text,
    clock: text,
    table: text,
  },
});
const [width, height] = (values.size ?? '480x360').split('x').map(Number);
const seconds = Number(values.seconds ?? 150);
const count = Number(values.networks ?? 100);
const statistic = values.statistic ?? 'minimum';
const random = seededRandom(Number(values.seed ?? 0));
const space = { blocks: 3, rounds: 3 };
const setting = {
  task: { task: 'segmentation', classes: Array.from({ length: Number(values.outputs ?? 11) }, (_, i) => `class ${i}`) },
  width: Number(values.width ?? 48),
  sepRepeats: Number(values['sep-repeats'] ?? 1),
  encoder: { padding: 'torch', expandsFirst: true },
  size: { width, height },
};

// Drawn apart from the probes: none of these has been seen.
const draw = random.fork('unseen');
const networks = Array.from({ length: count }, () => randomGenotype(space, draw)).map((genotype) => ({
  genotype,
  cut: cutNetwork(genotype, setting),
}));
const probes = cutProbes(space, setting, random.fork('probes'));
const runtime = await nodeRuntime({ threads: 1, layout: 'portable' });
const started = performance.now();
// Together: a machine that is slower for a minute is so for both.
const all = await timeNetworks(runtime, [...probes, ...networks.map(({ cut }) => cut)], {
  seconds,
  random,
  ...(values.clock === 'processor' && { clock: processorTime }),
});
const took = (performance.now() - started) / 1000;
const times = all.slice(probes.length);
const measured = pieceTimes(probes, all.slice(0, probes.length), statistic);
const rows = networks.map(({ genotype, cut }, i) => {
  const truth = statisticOf(times[i], statistic);
  return { genotype, truth, predicted: sumOfPieces(cut.pieces, measured), known: cut.pieces.every(({ name }) => name in measured.pieces) };
});

const errors = rows.map(({ truth, predicted }) => Math.abs(predicted / truth - 1));
const share = (bound) => (100 * errors.filter((e) => e <= bound).length) / rows.length;
const ranks = (list) => {
  const order = list.map((_, i) => i).sort((a, b) => list[a] - list[b]);
  return order.reduce((all, i, rank) => all.with(i, rank), Array(list.length).fill(0));
};
const spearman = (a, b) => {
  const [p, q] = [ranks(a), ranks(b)];
  return 1 - (6 * p.reduce((sum, rank, i) => sum + (rank - q[i]) ** 2, 0)) / (a.length * (a.length ** 2 - 1));
};
const truth = rows.map((row) => row.truth);
const predicted = rows.map((row) => row.predicted);
console.log(
  JSON.stringify({
    size: `${width}x${height}`,
    statistic,
    clock: values.clock ?? 'wall',
    probes: measured.fit.networks,
    pieces: Object.keys(measured.pieces).length,
    measuring_s: Number(took.toFixed(1)),
    spread: Number(measured.spread.toFixed(3)),
    fit: measured.fit,
    networks: rows.length,
    range_ms: [Math.min(...truth), Math.max(...truth)].map((t) => Number((t / 1000).toFixed(1))),
    within_5: share(0.05),
    within_10: share(0.1),
    spearman: Number(spearman(truth, predicted).toFixed(4)),
    pieces_all_known: rows.filter(({ known }) => known).length,
    mean_ratio: Number((rows.reduce((sum, row) => sum + row.predicted / row.truth, 0) / rows.length).toFixed(3)),
  }),
);
if (values.table !== undefined)
  writeFileSync(
    values.table,
    [
      'measured_us,predicted_us,genotype',
      ...rows.map((r) => `${r.truth.toFixed(0)},${r.predicted.toFixed(0)},"${formatGenotype(r.genotype)}"`),
    ].join('\n'),
  );
