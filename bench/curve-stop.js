// What ending candidates by their learning curves saves and costs, on a table of rewards with rungs: as a search would meet its rows, in random
// orders.
//
// node bench/curve-stop.js [TABLE] [--orders 100] [--candidates 200] [--epochs 3]
//
// "Wrong" is one that was ended though its own reward would have been among the best of that search (of all its candidates, at its end).

import '../dist/platform/node/use-sqlite.js';
import { parseArgs } from 'node:util';
import { seededRandom } from '../dist/core/random/index.js';
import { climbs, LearningCurveStop, SuccessiveHalving } from '../dist/core/train/index.js';
import { readTable } from './surrogate/surrogate.js';
import { quantile } from './surrogate/statistics.js';

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    orders: { type: 'string', default: '100' },
    candidates: { type: 'string', default: '200' },
    epochs: { type: 'string', default: '3' },
  },
});
const [orders, candidates, epochs] = [given.orders, given.candidates, given.epochs].map(Number);
const rows = ((await readTable(positionals[0])) ?? []).filter(({ rungs }) => rungs?.length > 0);
if (rows.length < 50) throw new Error('no table with the rewards at rungs: see bench/tabular');

/** How many of a search's best count. */
const places = 5;
const curves = (rungs, deviations) => {
  const stop = new LearningCurveStop({ rungs, places, deviations, warmUp: 15 });
  return { ticket: () => stop.ticket(), ended: () => {}, whole: (row) => stop.observe(row.rungs, row.reward) };
};
const halving = (rungs, eta) => {
  const stop = new SuccessiveHalving({ rungs, eta });
  const seen = ({ rungs: reached }) => stop.observe(reached);
  return { ticket: () => stop.ticket(), ended: seen, whole: seen };
};
const rules = [
  ['learning curves, epoch 1, 5 places, 2 deviations', () => curves([1], 2)],
  ['learning curves, epoch 1, 5 places, 1 deviation', () => curves([1], 1)],
  ['learning curves, epochs 1 and 2, 5 places, 2 deviations', () => curves([1, 2], 2)],
  ['learning curves, epochs 1 and 2, 5 places, 1 deviation', () => curves([1, 2], 1)],
  ['halving, epoch 1, η = 2', () => halving([1], 2)],
  ['halving, epoch 1, η = 3', () => halving([1], 3)],
  ['halving, epochs 1 and 2, η = 3', () => halving([1, 2], 3)],
];

/** A search of these rows: shares of those ended, of epochs saved, of the best that were ended; and the best reward that was lost. */
function play(order, rule) {
  const best = order
    .map(({ reward }) => reward)
    .sort((a, b) => b - a)
    .slice(0, places);
  const found = [];
  let [ended, trained, lost] = [0, 0, 0];
  for (const row of order) {
    const ticket = rule.ticket();
    const at = row.rungs.findIndex((rung) => climbs(ticket, rung) === false);
    if (at === -1) {
      rule.whole(row);
      found.push(row.reward);
      trained += epochs;
      continue;
    }
    rule.ended({ rungs: row.rungs.slice(0, at + 1) });
    ended++;
    trained += row.rungs[at].epoch;
    if (row.reward >= best[places - 1]) lost++;
  }
  const regret = best[0] - Math.max(...found);
  return {
    ended: ended / order.length,
    saved: 1 - trained / (epochs * order.length),
    wrong: ended === 0 ? 0 : lost / ended,
    lost: lost / places,
    regret,
  };
}

const percent = (values) => {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => (100 * quantile(values, share)).toFixed(0));
  return `${middle} % (${low}–${high})`;
};
console.log(`${rows.length} evaluations; searches of ${Math.min(candidates, rows.length)}, ${orders} random orders; median (quartiles)\n`);
console.log(
  '| rule | ended | epochs saved | of those ended, wrongly | of the best 5, ended | best reward lost, mean |\n|---|---|---|---|---|---|',
);
for (const [name, make] of rules) {
  const results = Array.from({ length: orders }, (_, seed) => {
    const order = seededRandom(seed)
      .permutation(rows.length)
      .slice(0, candidates)
      .map((i) => rows[i]);
    return play(order, make());
  });
  const mean = (key) => results.reduce((sum, result) => sum + result[key], 0) / results.length;
  const column = (key) => percent(results.map((result) => result[key]));
  console.log(
    `| ${name} | ${column('ended')} | ${column('saved')} | ${(100 * mean('wrong')).toFixed(2)} % | ${(100 * mean('lost')).toFixed(1)} % | ${mean('regret').toFixed(4)} |`,
  );
}
