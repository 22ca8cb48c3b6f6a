// `auxcell serve` under load: node bench/serve.js [REQUESTS] [AT_ONCE]
// REQUESTS (500) photographs of 640×480, AT_ONCE (32) at a time, to arch1 at 320×240; prints how many were answered, how long they took,
// and the memory of the server and of the model's process after every fifth of them (Linux: from /proc).

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';

const [requests, atOnce] = [Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 32)];
const auxcell = path.join(import.meta.dirname, '..', 'bin', 'auxcell');
const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-serve-'));
const model = path.join(folder, 'model.safetensors');
const network = ['--genotype', 'arch1', '--classes', '11', '--width', '48', '--sep-repeats', '1'];
await promisify(execFile)(process.execPath, [auxcell, 'init', ...network, '-o', model]);

const [width, height] = [640, 480];
const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => 128 + 100 * Math.sin(i / 997) * Math.cos(i / 61));
const picture = await sharp(pixels, { raw: { width, height, channels: 3 } })
  .jpeg()
  .toBuffer();

const server = spawn(process.execPath, [auxcell, 'serve', model, '--port', '0', '--size', '320x240'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((resolve) => server.stdout.once('data', (chunk) => resolve(String(chunk).split(' ')[0])));

/** MiB resident: of the server, and of the processes that it started. */
async function memory() {
  const of = async (id) => {
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
  };
  const children = (await readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').catch(() => '')).trim().split(' ');
  return [await of(server.pid), ...(await Promise.all(children.map(of)))];
}

const times = [];
const failed = [];
let left = requests;
const fifth = Math.ceil(requests / 5);
const memories = [];
async function client() {
  while (left-- > 0) {
    const begun = performance.now();
    try {
      const response = await fetch(`${url}predict`, { method: 'POST', body: picture });
      const { labels } = await response.json();
      if (response.status !== 200 || labels.length === 0) throw new Error(`status ${response.status}`);
      times.push(performance.now() - begun);
      if (times.length % fifth === 0) memories.push(await memory());
    } catch (error) {
      failed.push(String(error));
    }
  }
}

const begun = performance.now();
await Promise.all(Array.from({ length: atOnce }, client));
const seconds = (performance.now() - begun) / 1000;
server.kill('SIGTERM');
const code = await new Promise((resolve) => server.once('exit', resolve));
await rm(folder, { recursive: true });
const sorted = times.toSorted((a, b) => a - b);
const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(0);
console.log(
  `${times.length} of ${requests} answered in ${seconds.toFixed(1)} s, ${(times.length / seconds).toFixed(1)} a second; exit code ${code}`,
);
console.log(`ms from request to answer, ${atOnce} at once: median ${at(0.5)}, 99 % ${at(0.99)}, slowest ${at(1)}`);
console.log(`MiB of the server and of the model's process after each fifth: ${memories.map((m) => m.join(' + ')).join(', ')}`);
for (const reason of new Set(failed)) console.log(`failed: ${reason}`);
