// The first architectures of a search once more, with another seed: how much of a reward is the seed's.
//
// node bench/tabular/repeat.js RUN --count 100 --seed 1 --data DATA --encoder WEIGHTS --out RUN2   (again with the same --out: goes on)

import { access } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RunFolder } from '../../dist/core/search/index.js';
import { parseGenotype } from '../../dist/core/space/index.js';
import { resumeSearch, search } from '../../dist/index.js';

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string' },
    data: { type: 'string' },
    encoder: { type: 'string' },
    out: { type: 'string' },
    threads: { type: 'string', default: '1' },
  },
});
const run = RunFolder.open(positionals[0]);
const { preset } = await run.readConfig();
const genotypes = (await run.readTrials())
  .filter(({ reusedFrom, stage }) => reusedFrom === undefined && stage > 0)
  .slice(0, Number(given.count))
  .map(({ genotype }) => parseGenotype(JSON.stringify(genotype)));

/** One after another. */
function inTurn(state) {
  let next = typeof state === 'number' ? state : 0;
  return {
    name: 'repeat',
    propose: async () => ({ genotype: genotypes[next++] }),
    observe: async () => ({}),
    state: () => next,
    close: async () => {},
  };
}

const common = {
  policy: ({ state }) => inTurn(state),
  candidates: genotypes.length,
  workers: 1,
  threads: Number(given.threads),
  reporter: { show: () => {}, print: (line) => console.log(line) },
};
const isBegun = await access(path.join(given.out, 'config.yaml')).then(
  () => true,
  () => false,
);
if (isBegun) await resumeSearch(given.out, common);
else await search({ ...common, data: given.data, preset, encoder: given.encoder, out: given.out, seed: Number(given.seed) });
