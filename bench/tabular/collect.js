// Searches' trials as a table of rewards: JSON lines, compressed, one an evaluation, with the reward after every rung.
//
// node bench/tabular/collect.js RUN... > bench/tabular/NAME.jsonl.gz
//
// Trials that took another's reward, or failed for another reason than their own training, are no evaluations and are left out.

import '../../dist/platform/node/use-sqlite.js';
import { gzipSync } from 'node:zlib';
import { RunFolder } from '../../dist/core/search/index.js';

const rounded = (value, digits) => Number(value.toPrecision(digits));
const lines = [];
for (const folder of process.argv.slice(2)) {
  const run = RunFolder.open(folder);
  const { seed } = await run.readConfig();
  const store = run.openStore();
  for (const { index, genotype, reward, rungs, parameters, multiplyAdds, seconds, stage, reusedFrom } of store.trials()) {
    if (reusedFrom !== undefined || stage === 0) continue;
    const row = {
      genotype,
      seed,
      reward: rounded(reward, 6),
      ...(rungs && { rungs: rungs.map((rung) => ({ epoch: rung.epoch, reward: rounded(rung.reward, 6) })) }),
      losses: store.epochs(index).map((epoch) => rounded(epoch.loss, 4)),
      parameters,
      multiplyAdds,
      seconds: rounded(seconds.training + seconds.validation, 3),
    };
    lines.push(JSON.stringify(row));
  }
  store.close();
}
if (lines.length === 0) throw new Error('give folders of searches');
process.stdout.write(gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
console.error(`${lines.length} evaluations`);
