// How much of 64 workers' time a queue on Redis leaves to the candidates: node bench/queue.js. Needs redis-server. The evaluator sleeps for
// a second; 8 processes of 8 slots each; 640 candidates, so 10 s at best.

import '../dist/platform/node/use-sqlite.js';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadEncoder } from '../dist/core/model/index.js';
import { RandomSearch } from '../dist/core/policy/index.js';
import { loadPreset } from '../dist/core/preset/index.js';
import { seededRandom } from '../dist/core/random/index.js';
import { RunFolder, search } from '../dist/core/search/index.js';
import { QueueExecutor } from '../dist/platform/redis/index.js';

const [port, candidates, processes, slots, milliseconds] = [7399, 640, 8, 8, 1000];
const url = `redis://127.0.0.1:${port}`;
const worker = new URL('../test/search/synthetic-worker.js', import.meta.url).pathname;
const children = [spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], { stdio: 'ignore' })];
await sleep(500);
const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-queue-'));
const run = await RunFolder.create(path.join(folder, 'run'));
const store = run.openStore();
const setting = { version: '0', seed: 1, preset: await loadPreset('demo'), data: '', encoder: '', teacher: null };
const executor = await QueueExecutor.open({ url, run: 'bench', setting, heartbeat: 200 });
for (let k = 0; k < processes; k++)
  children.push(spawn(process.execPath, [worker, url, slots, milliseconds, 30].map(String), { stdio: ['ignore', 'ignore', 'inherit'] }));
while (executor.slots < processes * slots) await sleep(50);
const started = performance.now();
await search({
  run,
  store,
  policy: new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(1)),
  executor,
  encoder: await loadEncoder('movenet'),
  task: { task: 'segmentation', classes: ['a', 'b', 'c'] },
  decoder: { width: 16, sepRepeats: 1 },
  inputSize: [64, 96],
  seed: 1,
  candidates,
});
const seconds = (performance.now() - started) / 1000;
const ideal = (candidates * milliseconds) / 1000 / (processes * slots);
console.log(
  `${candidates} candidates of ${milliseconds} ms by ${processes * slots} workers: ${seconds.toFixed(2)} s, ${((100 * ideal) / seconds).toFixed(0)} % of ideal`,
);
await executor.close();
store.close();
for (const child of children) child.kill('SIGKILL');
await rm(folder, { recursive: true });
process.exit(0);
