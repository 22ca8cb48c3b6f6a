// Models of the same network from other exporters, in the same ONNX Runtime: how long each takes for one image on one thread, and whether they
// say the same. Each is opened in processes of its own, in turns, and timed by the processor's own time, so that neither their order nor what
// else the machine does decides.
//
// node bench/peer.js OURS.onnx THEIRS.onnx … [--size 480x360] [--turns 6] [--runs 10]

import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seededRandom } from '../dist/core/random/index.js';
import { nodeRuntime } from '../dist/platform/node/runtime.js';

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '480x360' },
    turns: { type: 'string', default: '6' },
    runs: { type: 'string', default: '10' },
    /** Of a process that this one starts. */
    child: { type: 'boolean', default: false },
  },
});
const [width, height] = values.size.split('x').map(Number);
const warmUp = 2;

function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of every run, and a sample of the output. */
async function timed(file) {
  const session = await (await nodeRuntime({ threads: 1, layout: 'portable' })).open(await readFile(file));
  const random = seededRandom(0);
  const data = Float32Array.from({ length: 3 * width * height }, () => 2 * random.next() - 1);
  const feeds = { [session.inputNames[0]]: { data, dims: [1, 3, height, width] } };
  const times = [];
  let output;
  for (let run = -warmUp; run < Number(values.runs); run++) {
    const before = processorTime();
    const results = await session.run(feeds);
    if (run >= 0) times.push(processorTime() - before);
    output = results[session.outputNames[0]];
  }
  return { times, output: Array.from(output.data) };
}

const quantile = (sorted, share) => sorted[Math.floor(share * (sorted.length - 1))];

if (values.child) {
  process.stdout.write(JSON.stringify(await timed(files[0])));
} else {
  const all = files.map(() => ({ times: [], output: [] }));
  const own = fileURLToPath(import.meta.url);
  for (let turn = 0; turn < Number(values.turns); turn++) {
    for (const [k, file] of files.entries()) {
      const args = [own, file, '--child', '--size', values.size, '--runs', values.runs];
      const { times, output } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 30 }));
      all[k].times.push(...times);
      all[k].output = output;
    }
  }
  const sorted = all.map(({ times }) => times.toSorted((a, b) => a - b));
  for (const [k, file] of files.entries()) {
    const [fastest, quarter, median] = [0, 0.25, 0.5].map((share) => quantile(sorted[k], share));
    let [difference, largest] = [0, 0];
    for (const [i, value] of all[0].output.entries()) {
      difference = Math.max(difference, Math.abs(value - all[k].output[i]));
      largest = Math.max(largest, Math.abs(value));
    }
    const ratio = (share) => (quantile(sorted[k], share) / quantile(sorted[0], share)).toFixed(2);
    console.log(
      `${file}: fastest ${fastest.toFixed(1)} ms, quartile ${quarter.toFixed(1)}, median ${median.toFixed(1)}; ` +
        `beside the first ${ratio(0)}, ${ratio(0.25)}, ${ratio(0.5)}; outputs differ by ${difference.toExponential(1)} of ${largest.toPrecision(3)}`,
    );
  }
}
