// How far the reward of a child that inherits is from that of the same child trained anew: 50 parents, their children, and children of those.
//
// node bench/inheritance.js RUN --data DATA [--count 50] [--seed 1] [--epochs 1] [--out FILE]     (RUN: a search with this preset, whose kept taps are used)
//
// With --out, one line of JSON a family is added to the file, and what is there already is not evaluated again.

import '../dist/platform/node/use-sqlite.js';
import { appendFile, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { encoderWeightsFrom, readSafetensors } from '../dist/core/model/index.js';
import { choicesOf, decisionsOf, drawChoices, genotypeFromChoices, mutatedChoices } from '../dist/core/policy/index.js';
import { openPresetData } from '../dist/core/preset/index.js';
import { seededRandom } from '../dist/core/random/index.js';
import { evaluateCandidate, openContext, RunFolder } from '../dist/core/search/index.js';
import { formatGenotype } from '../dist/core/space/index.js';
import { nodeRuntime } from '../dist/platform/node/runtime.js';
import { deviation, kendallTau } from './surrogate/statistics.js';

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    count: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
const [count, seed, epochs] = [given.count, given.seed, given.epochs].map(Number);
const run = RunFolder.open(positionals[0]);
const { preset, seed: runSeed } = await run.readConfig();
const decisions = decisionsOf(preset.space);
const random = seededRandom(seed);

function childOf(genotype, draws) {
  return genotypeFromChoices(mutatedChoices(choicesOf(genotype), decisions, draws), preset.space);
}

const setting = {
  preset,
  dataset: await openPresetData(given.data, preset),
  encoder: encoderWeightsFrom(await readSafetensors(run.path('encoder.safetensors')), run.path('encoder.safetensors')),
  random: seededRandom(runSeed),
};
const context = await openContext(await nodeRuntime({ threads: Number(given.threads) }), setting, run.path('taps'));

const known = given.out === undefined ? '' : await readFile(given.out, 'utf8').catch(() => '');
const families = known
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));
for (let k = families.length; k < count; k++) {
  const draws = random.fork('family', k);
  const evaluate = (genotype, name, inherited) => evaluateCandidate(context, genotype, { random: draws.fork(name), inherited });
  const parent = genotypeFromChoices(drawChoices(decisions, draws), preset.space);
  const child = childOf(parent, draws);
  const grandchild = childOf(child, draws);
  const first = await evaluate(parent, 'parent');
  const second = await evaluate(child, 'child', { genotype: parent, weights: first.parameters, epochs });
  const third = await evaluate(grandchild, 'grandchild', { genotype: child, weights: second.parameters, epochs });
  const [childAnew, grandchildAnew] = [await evaluate(child, 'child'), await evaluate(grandchild, 'grandchild')];
  const family = {
    parent: formatGenotype(parent),
    rewards: [first.reward, second.reward, third.reward],
    anew: [first.reward, childAnew.reward, grandchildAnew.reward],
    seconds: [second.trainSeconds, childAnew.trainSeconds],
  };
  families.push(family);
  if (given.out !== undefined) await appendFile(given.out, `${JSON.stringify(family)}\n`);
  console.error(`${k + 1}: ${family.rewards.map((r) => r.toFixed(4))} anew ${family.anew.map((r) => r.toFixed(4))}`);
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
console.log(`${families.length} families, ${epochs} of ${preset.stage1.epochs} epochs\n`);
console.log(
  '| generation | inherited − anew, mean ± deviation (standard error) | Kendall’s τ, inherited and anew | τ, parent’s reward and anew |\n|---|---|---|---|',
);
for (const generation of [1, 2]) {
  const inherited = families.map(({ rewards }) => rewards[generation]);
  const anew = families.map(({ anew }) => anew[generation]);
  const parents = families.map(({ rewards }) => rewards[0]);
  const differences = inherited.map((reward, i) => reward - anew[i]);
  console.log(
    `| ${generation} | ${mean(differences).toFixed(4)} ± ${deviation(differences).toFixed(4)} (${(deviation(differences) / Math.sqrt(families.length)).toFixed(4)}) | ${kendallTau(inherited, anew).toFixed(3)} | ${kendallTau(parents, anew).toFixed(3)} |`,
  );
}
const [inheritedSeconds, anewSeconds] = [0, 1].map((k) => families.reduce((sum, { seconds }) => sum + seconds[k], 0));
console.log(`\ntraining takes ${(anewSeconds / inheritedSeconds).toFixed(2)} times less`);
