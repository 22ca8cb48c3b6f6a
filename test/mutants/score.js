// What share of planted faults a test notices, from StrykerJS's report, file by file: node test/mutants/score.js runs/mutants/train.json
//
// Faults that no test reaches are all counted; of the others a sample may have been tried (sample-checker.js), which then stands for all
// of them. The interval is Wilson's (95 %) for what the sample leaves open.

import { readFileSync } from 'node:fs';

const { files } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

function countsOf(mutants) {
  const of = (...kinds) => mutants.filter(({ status }) => kinds.includes(status)).length;
  return {
    noticed: of('Killed', 'Timeout'),
    byTime: of('Timeout'),
    survived: of('Survived'),
    unreached: of('NoCoverage'),
    untried: of('CompileError'),
  };
}

function scoreOf({ noticed, survived, unreached, untried }) {
  const tried = noticed + survived;
  const reached = tried + untried;
  const all = reached + unreached;
  if (all === 0 || (tried === 0 && reached > 0)) return undefined;
  const [p, n, z] = [tried === 0 ? 0 : noticed / tried, Math.max(1, tried), 1.96];
  const middle = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = untried === 0 ? 0 : (z / (1 + z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  const scaled = (value) => (100 * value * reached) / all;
  return { score: scaled(p), low: half === 0 ? scaled(p) : scaled(middle - half), high: half === 0 ? scaled(p) : scaled(middle + half) };
}

function line(name, counts) {
  const found = scoreOf(counts);
  const { noticed, byTime, survived, unreached, untried } = counts;
  const said = found ? `${found.score.toFixed(1)} % (${found.low.toFixed(1)} to ${found.high.toFixed(1)})` : 'not tried';
  return `${said.padEnd(24)} ${name}: ${noticed} noticed (${byTime} by time), ${survived} not, ${unreached} reached by no test, ${untried} not tried`;
}

const all = Object.entries(files).map(([name, { mutants }]) => ({ name, mutants, counts: countsOf(mutants) }));
for (const { name, counts } of all.toSorted((a, b) => b.counts.survived + b.counts.unreached - a.counts.survived - a.counts.unreached))
  console.log(line(name, counts));
console.log(line('together', countsOf(all.flatMap(({ mutants }) => mutants))));
if (process.argv.includes('--left'))
  for (const { name, mutants } of all)
    for (const { status, location, mutatorName, replacement } of mutants)
      if (status === 'Survived' || status === 'NoCoverage')
        console.log(
          `${status} ${name}:${location.start.line}:${location.start.column} ${mutatorName} -> ${String(replacement).slice(0, 80)}`,
        );
