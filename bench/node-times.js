// Where a model's time goes: by kind of operator, the sum over its nodes of each one's fastest run, by ONNX Runtime's own profiler on one thread.
// A node takes less than a millisecond, so that its fastest run of many is free of what else the machine does.
//
// node bench/node-times.js MODEL.onnx … [--size 480x360] [--runs 30]

import '../dist/platform/node/no-telemetry.js';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string', default: '480x360' }, runs: { type: 'string', default: '30' } },
});
const [width, height] = values.size.split('x').map(Number);

/** Microseconds of each node's fastest run, by kind of operator and name. */
async function fastestRuns(file) {
  const folder = await mkdtemp(path.join(tmpdir(), 'node-times-'));
  const session = await InferenceSession.create(file, {
    ...{ intraOpNumThreads: 1, interOpNumThreads: 1, enableProfiling: true, profileFilePrefix: path.join(folder, 'profile') },
  });
  const image = new Tensor('float32', new Float32Array(3 * width * height).fill(0.5), [1, 3, height, width]);
  for (let run = 0; run < Number(values.runs); run++) await session.run({ [session.inputNames[0]]: image });
  session.endProfiling();
  await session.release();
  const [profile] = await readdir(folder);
  const events = JSON.parse(await readFile(path.join(folder, profile), 'utf8'));
  await rm(folder, { recursive: true });
  const fastest = new Map();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const key = `${args.op_name} ${name}`;
    fastest.set(key, Math.min(dur, fastest.get(key) ?? Number.POSITIVE_INFINITY));
  }
  return fastest;
}

for (const file of files) {
  const kinds = new Map();
  for (const [key, time] of await fastestRuns(file)) {
    const [kind] = key.split(' ');
    const { nodes, sum } = kinds.get(kind) ?? { nodes: 0, sum: 0 };
    kinds.set(kind, { nodes: nodes + 1, sum: sum + time / 1000 });
  }
  const sorted = [...kinds].sort(([, a], [, b]) => b.sum - a.sum);
  const total = sorted.reduce((all, [, { sum }]) => all + sum, 0);
  const told = sorted.slice(0, 8).map(([kind, { nodes, sum }]) => `${kind} ${sum.toFixed(2)} (${nodes})`);
  console.log(`${file}: ${total.toFixed(1)} ms: ${told.join(', ')}`);
}
