// Searches' trials as a table of rewards: JSON lines, compressed, one an evaluation, with the reward after every rung.
//
// node bench/tabular/collect.js [TABLE.jsonl.gz] RUN... > NAME.jsonl.gz
// mv NAME.jsonl.gz bench/tabular/
//
// A table grows over sittings: what is in the one that is given stays, and the runs' evaluations come behind it. Searches of other sittings
// have other seeds, and so other architectures; an evaluation with the same seed counts once.
//
// Trials that took another's reward, or failed for another reason than their own training, are no evaluations and are left out.

import '../../dist/platform/node/use-sqlite.js';
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { RunFolder } from '../../dist/core/search/index.js';

const rounded = (value, digits) => Number(value.toPrecision(digits));
/** Lines by genotype and seed. */
const lines = new Map();
const keep = (line) => {
  const { genotype, seed } = JSON.parse(line);
  const key = JSON.stringify([genotype, seed]);
  if (!lines.has(key)) lines.set(key, line);
};
for (const place of process.argv.slice(2)) {
  if (place.endsWith('.gz')) {
    for (const line of gunzipSync(readFileSync(place)).toString().split('\n').filter(Boolean)) keep(line);
    continue;
  }
  const run = RunFolder.open(place);
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
    keep(JSON.stringify(row));
  }
  store.close();
}
if (lines.size === 0) throw new Error('give folders of searches');
process.stdout.write(gzipSync(`${[...lines.values()].join('\n')}\n`, { level: 9 }));
console.error(`${lines.size} evaluations`);
