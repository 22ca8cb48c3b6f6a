// Strategies against one another on a surrogate, where an evaluation takes no time: the true reward of the best one after n evaluations.
//
// node bench/strategies.js [--seeds 100] [--evaluations 500] [--strategies random,local] [--table FILE] [--noise 0.004] [--csv FILE] [--svg FILE] [--set JSON]
//
// The surrogate is fitted on the table of rewards in bench/tabular, or on made-up ones (surrogate/synthetic.js) where there is none. A strategy
// sees rewards with the noise of a training's seed; what counts is the reward without it, of the one that looked best. --set changes keys of the
// preset. A name may say after how many evaluations and for how many seeds it is run: ppo:200:5 (PPO takes a tenth of a second an evaluation).

import '../dist/platform/node/use-sqlite.js';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadPreset } from '../dist/core/preset/index.js';
import { seededRandom } from '../dist/core/random/index.js';
import { createPolicy } from '../dist/core/search/index.js';
import { canonicalKey } from '../dist/core/space/index.js';
import { nodeRuntime } from '../dist/platform/node/runtime.js';
import { figure } from './surrogate/figure.js';
import { mannWhitney, quantile } from './surrogate/statistics.js';
import { noiseOf, quality, readTable, space, surrogateOf, syntheticTable } from './surrogate/surrogate.js';

const { values: given } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    evaluations: { type: 'string', default: '500' },
    strategies: { type: 'string', default: 'random,evolution,local,nsga2' },
    table: { type: 'string' },
    noise: { type: 'string' },
    csv: { type: 'string' },
    svg: { type: 'string' },
    set: { type: 'string', default: '{}' },
  },
});
const [seeds, evaluations] = [Number(given.seeds), Number(given.evaluations)];
const runs = given.strategies.split(',').map((text) => {
  const [name, most = evaluations, times = seeds] = text.split(':');
  return { name, most: Number(most), times: Number(times) };
});
const points = [10, 20, 50, 100, 200, 500, 1000, 2000].filter((n) => n < evaluations).concat(evaluations);

const preset = { ...(await loadPreset('camvid')), space, objectives: ['reward', 'multiplyAdds'] };
const paper = await loadPreset('voc-cvpr19');
/** Beside the strategies of the presets: the controller with the paper's learning rate. */
const settings = {
  'ppo-paper': { ...preset, strategy: 'ppo', controller: paper.controller },
  improvement: { ...preset, strategy: 'predictor', predictor: { ...preset.predictor, acquisition: 'improvement' } },
};
const runtime = await nodeRuntime();

const table = await readTable(given.table);
const rows = table ?? syntheticTable(1000, 0.004, 1);
const noise = given.noise === undefined ? noiseOf(rows) : Number(given.noise);
if (noise === undefined) throw new Error('no network is in the table twice: give the noise of a seed with --noise');
const checked = quality(rows, 1);
const told = (values) => values.map((value) => value.toFixed(3)).join(', ');
console.log(
  `${table ? 'a table' : 'made-up rewards'} of ${rows.length} evaluations, noise ${noise.toFixed(4)}; on ${checked.count} held out: ` +
    `Kendall's tau ${checked.tau.toFixed(3)} (thirds of reward, worst first: ${told(checked.thirds)}), R2 ${checked.r2.toFixed(3)}`,
);
const surrogate = surrogateOf(rows, 1);

/** The true reward of the best one after each evaluation, and the hours that they would have taken. */
async function run({ name, most }, seed) {
  const random = seededRandom(seed);
  const draws = random.fork('noise');
  const chosen = { ...(settings[name] ?? { ...preset, strategy: name }), ...JSON.parse(given.set) };
  const policy = await createPolicy(runtime, chosen, random.fork('policy'));
  const known = new Map();
  const curve = [];
  let best = { observed: Number.NEGATIVE_INFINITY, reward: 0 };
  let seconds = 0;
  // A network that comes again is not evaluated again, as in a search.
  for (let proposals = 0; known.size < most && proposals < 20 * most; proposals++) {
    const proposal = await policy.propose();
    const key = canonicalKey(proposal.genotype);
    let result = known.get(key);
    if (!result) {
      const truth = surrogate(proposal.genotype);
      result = { ...truth, observed: Math.min(1, Math.max(0, truth.reward + noise * draws.normal())) };
      known.set(key, result);
      seconds += truth.seconds;
      if (result.observed > best.observed) best = result;
      curve.push({ reward: best.reward, hours: seconds / 3600 });
    }
    const costs = { parameters: 0, multiplyAdds: result.multiplyAdds };
    await policy.observe(proposal, result.observed, { costs, failed: false });
  }
  await policy.close();
  return curve;
}

const results = new Map();
for (const asked of runs) {
  const { name, times, most } = asked;
  const started = performance.now();
  const curves = [];
  for (let seed = 1; seed <= times; seed++) curves.push(await run(asked, seed));
  results.set(name, { curves, most, times });
  console.error(`${name}: ${times} seeds in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Of every seed after n evaluations. One that knows nothing new any more stays where it is. */
const at = (curves, n) => curves.map((curve) => curve[Math.min(n, curve.length) - 1].reward);
/** After so many hours of evaluations by one worker; undefined where one has not been at it for so long. */
const after = (curves, hours) =>
  curves.every((curve) => curve.at(-1).hours >= hours)
    ? curves.map((curve) => curve.findLast((point) => point.hours <= hours)?.reward ?? 0)
    : undefined;
const cell = (values) =>
  values === undefined
    ? ''
    : `${quantile(values, 0.5).toFixed(4)} (${quantile(values, 0.25).toFixed(4)}–${quantile(values, 0.75).toFixed(4)})`;
const random = results.get('random');
const goal = random && quantile(at(random.curves, random.most), 0.5);

/** After how many evaluations the median is what random search has at its end. */
function needed({ curves, most }) {
  for (let n = 1; n <= most; n++) if (quantile(at(curves, n), 0.5) >= goal) return String(n);
  return `> ${most}`;
}

/** How likely the difference from random search is by chance, after as many evaluations. */
function chance({ curves, most }) {
  const n = Math.min(most, random.most);
  const p = mannWhitney(at(curves, n), at(random.curves, n));
  return p < 1e-12 ? '< 1e-12' : p.toPrecision(2);
}

function print(heads, rows) {
  console.log(`| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

console.log('\nTrue reward of the best one after n evaluations, median (quartiles) over the seeds:\n');
print(
  [
    'strategy',
    'seeds',
    ...points.map((n) => `n = ${n}`),
    ...(random ? [`as good as random after ${random.most}`, 'p against random'] : []),
  ],
  [...results].map(([name, result]) => [
    name,
    result.times,
    ...points.map((n) => cell(n <= result.most ? at(result.curves, n) : undefined)),
    ...(random ? [needed(result), result === random ? '' : chance(result)] : []),
  ]),
);
const times = [0.05, 0.1, 0.2, 0.5, 1, 2, 5].filter((hours) => [...results.values()].some(({ curves }) => after(curves, hours)));
console.log('\nThe same after hours of evaluations by one worker:\n');
print(
  ['strategy', ...times.map((hours) => `${hours} h`)],
  [...results].map(([name, { curves }]) => [name, ...times.map((hours) => cell(after(curves, hours)))]),
);

if (given.csv !== undefined) {
  const lines = [...results].flatMap(([name, { curves }]) =>
    curves.flatMap((curve, seed) =>
      curve.map(({ reward, hours }, n) => [name, seed + 1, n + 1, hours.toFixed(5), reward.toFixed(6)].join()),
    ),
  );
  await writeFile(given.csv, ['strategy,seed,evaluations,hours,reward', ...lines, ''].join('\n'));
}
if (given.svg !== undefined) {
  const curves = new Map([...results].map(([name, result]) => [name, result.curves.map((curve) => curve.map(({ reward }) => reward))]));
  await writeFile(given.svg, figure(curves, `${table ? 'table' : 'made-up rewards'}, median and quartiles`));
}
