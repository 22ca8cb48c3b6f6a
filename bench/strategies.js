// Strategies against one another on a surrogate, where an evaluation takes no time: the true reward of the best one after n evaluations.
//
// node bench/strategies.js [--seeds 100] [--evaluations 500] [--strategies random,local] [--table FILE] [--noise 0.004] [--csv FILE]
//
// The surrogate is fitted on the table of rewards in bench/tabular, or on made-up ones (surrogate/synthetic.js) where there is none. A strategy
// sees rewards with the noise of a training's seed; what counts is the reward without it, of the one that looked best.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadPreset } from '../dist/core/preset/index.js';
import { seededRandom } from '../dist/core/random/index.js';
import { createPolicy } from '../dist/core/search/index.js';
import { canonicalKey } from '../dist/core/space/index.js';
import { nodeRuntime } from '../dist/platform/node/runtime.js';
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
    set: { type: 'string', default: '{}' },
  },
});
const [seeds, evaluations] = [Number(given.seeds), Number(given.evaluations)];
const names = given.strategies.split(',');
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
async function run(name, seed) {
  const random = seededRandom(seed);
  const draws = random.fork('noise');
  const chosen = { ...(settings[name] ?? { ...preset, strategy: name }), ...JSON.parse(given.set) };
  const policy = await createPolicy(runtime, chosen, random.fork('policy'));
  const known = new Map();
  const curve = [];
  let best = { observed: Number.NEGATIVE_INFINITY, reward: 0 };
  let seconds = 0;
  // A network that comes again is not evaluated again, as in a search.
  for (let proposals = 0; known.size < evaluations && proposals < 20 * evaluations; proposals++) {
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
for (const name of names) {
  const started = performance.now();
  const curves = [];
  for (let seed = 1; seed <= seeds; seed++) curves.push(await run(name, seed));
  results.set(name, curves);
  console.error(`${name}: ${seeds} seeds in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** One that knows nothing new any more stays where it is. */
const at = (curves, n) => curves.map((curve) => (curve[Math.min(n, curve.length) - 1] ?? curve.at(-1)).reward);
const cell = (values) => `${quantile(values, 0.5).toFixed(4)} (${quantile(values, 0.25).toFixed(4)}–${quantile(values, 0.75).toFixed(4)})`;
const random = results.get('random');
const goal = random && quantile(at(random, evaluations), 0.5);

/** After how many evaluations the median is what random search has at the end. */
function needed(curves) {
  for (let n = 1; n <= evaluations; n++) if (quantile(at(curves, n), 0.5) >= goal) return String(n);
  return `> ${evaluations}`;
}

console.log(`\nTrue reward of the best one after n evaluations, median (quartiles) over ${seeds} seeds:\n`);
const heads = [
  'strategy',
  ...points.map((n) => `n = ${n}`),
  ...(goal === undefined ? [] : ['as good as random at the end after', 'p against random at the end']),
];
console.log(`| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|`);
for (const [name, curves] of results) {
  const compared =
    goal === undefined
      ? []
      : [needed(curves), curves === random ? '' : mannWhitney(at(curves, evaluations), at(random, evaluations)).toExponential(1)];
  console.log(`| ${[name, ...points.map((n) => cell(at(curves, n))), ...compared].join(' | ')} |`);
}

if (given.csv !== undefined) {
  const lines = [...results].flatMap(([name, curves]) =>
    curves.flatMap((curve, seed) =>
      curve.map(({ reward, hours }, n) => [name, seed + 1, n + 1, hours.toFixed(5), reward.toFixed(6)].join()),
    ),
  );
  await writeFile(given.csv, ['strategy,seed,evaluations,hours,reward', ...lines, ''].join('\n'));
}
