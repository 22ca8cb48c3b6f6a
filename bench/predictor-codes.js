// Which code of an architecture an ensemble learns best from: Kendall's tau on rewards that it has not seen, after n examples.
//
// node bench/predictor-codes.js [TABLE]

import '../dist/platform/node/use-sqlite.js';
import { ArchitectureCode, choicesOf, decisionsOf, RewardEnsemble } from '../dist/core/policy/index.js';
import { loadPreset } from '../dist/core/preset/index.js';
import { seededRandom } from '../dist/core/random/index.js';
import { nodeRuntime } from '../dist/platform/node/runtime.js';
import { kendallTau } from './surrogate/statistics.js';
import { readTable, space, syntheticTable } from './surrogate/surrogate.js';

const decisions = decisionsOf(space);
const oneHot = (genotype) => {
  const choices = choicesOf(genotype);
  return decisions.flatMap(({ choices: n }, d) => Array.from({ length: n }, (_, c) => (choices[d] === c ? 1 : 0)));
};
const architectureCode = ArchitectureCode.of(space, seededRandom(1));
const codes = {
  code: (genotype) => architectureCode.encode(genotype),
  decisions: (genotype) => Float32Array.from(oneHot(genotype)),
  both: (genotype) => Float32Array.from([...architectureCode.encode(genotype), ...oneHot(genotype)]),
};

const seeds = 3;
const counts = [20, 50, 100, 200];
const rows = (await readTable(process.argv[2])) ?? syntheticTable(600, 0.004, 1);
const { ensemble: options } = (await loadPreset('camvid')).predictor;
const runtime = await nodeRuntime();
console.log(`| code | numbers | ${counts.map((n) => `n = ${n}`).join(' | ')} |\n|---|---|${counts.map(() => '---').join('|')}|`);
for (const [name, code] of Object.entries(codes)) {
  const coded = rows.map(({ genotype, reward }) => ({ code: code(genotype), reward }));
  const ensemble = await RewardEnsemble.create(runtime, coded[0].code.length, options);
  const taus = [];
  for (const n of counts) {
    let sum = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const random = seededRandom(seed);
      const order = random.permutation(coded.length).map((i) => coded[i]);
      const unseen = order.slice(Math.max(...counts));
      await ensemble.fit(order.slice(0, n), random.fork('fit'));
      const predictions = await ensemble.predict(unseen.map((example) => example.code));
      sum += kendallTau(
        unseen.map(({ reward }) => reward),
        predictions.map(({ mean }) => mean),
      );
    }
    taus.push((sum / seeds).toFixed(3));
  }
  await ensemble.close();
  console.log(`| ${name} | ${coded[0].code.length} | ${taus.join(' | ')} |`);
}
