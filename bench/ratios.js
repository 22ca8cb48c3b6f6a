// Prints the table of bench/README.md: node bench/ratios.js OURS.jsonl PEER.jsonl [PEER.jsonl …]
// The peer's figure is the better of its ways, per genotype.

import { readFileSync } from 'node:fs';

const [ours = [], ...peers] = process.argv.slice(2).map((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line)),
);
const ratios = ours.map((line, i) => {
  const rows = peers.map((peer) => peer[i]);
  const best = rows.reduce((a, b) => (a.per_candidate_s <= b.per_candidate_s ? a : b));
  const ratio = best.per_candidate_s / line.per_candidate_s;
  const cells = [
    `\`${JSON.stringify(line.genotype)}\``,
    line.per_candidate_s.toFixed(1),
    ...rows.map((row) => row.per_candidate_s.toFixed(1)),
    ratio.toFixed(2),
    line.miou.toFixed(3),
    rows.map((row) => row.miou.toFixed(3)).join(', '),
  ];
  console.log(`| ${cells.join(' | ')} |`);
  return ratio;
});
console.log(`geometric mean ${Math.exp(ratios.reduce((n, r) => n + Math.log(r), 0) / ratios.length).toFixed(2)}`);
