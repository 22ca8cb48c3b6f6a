// What open tabs of the dashboard cost a search: node bench/tabs.js [TABS]
// The same demo search by turns without and with TABS (100) listeners of its events, the dashboard in a process of its own;
// prints seconds of each and the ratio. Both turns on the same seed, so the same architectures.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const tabs = Number(process.argv[2] ?? 100);
const auxcell = path.join(import.meta.dirname, '..', 'bin', 'auxcell');
const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-tabs-'));

function seconds(name) {
  const begun = performance.now();
  const options = [
    'demo',
    '--candidates',
    '4',
    '--hours',
    '1',
    '--workers',
    '1',
    '--threads',
    '1',
    '--seed',
    '1',
    '--out',
    path.join(folder, name),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [auxcell, ...options], { stdio: 'ignore' });
    child.once('exit', (code) =>
      code === 0 ? resolve((performance.now() - begun) / 1000) : reject(new Error(`the search ended with ${code}`)),
    );
  });
}

async function withTabs(name) {
  const server = spawn(process.execPath, [auxcell, 'dashboard', folder, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve) => server.stdout.once('data', (chunk) => resolve(String(chunk).split(' ')[0])));
  const end = new AbortController();
  let events = 0;
  const listen = async (address) => {
    for (;;) {
      try {
        const response = await fetch(url + address, { headers: { accept: 'text/event-stream' }, signal: end.signal });
        if (response.ok) for await (const chunk of response.body) events += chunk.length > 20 ? 1 : 0;
      } catch {
        if (end.signal.aborted) return;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  const search = seconds(name);
  for (let i = 0; i < tabs; i++) void listen(i % 2 === 0 ? 'api/stream' : `api/runs/${name}/stream`);
  const taken = await search;
  end.abort();
  server.kill();
  return { taken, events };
}

try {
  const rows = [];
  for (let turn = 1; turn <= 2; turn++) {
    const alone = await seconds(`alone-${turn}`);
    const { taken, events } = await withTabs(`tabs-${turn}`);
    rows.push({ alone, taken });
    console.log(
      `turn ${turn}: ${alone.toFixed(1)} s alone, ${taken.toFixed(1)} s with ${tabs} tabs (${events} events), ratio ${(taken / alone).toFixed(3)}`,
    );
  }
  const sum = (key) => rows.reduce((n, row) => n + row[key], 0);
  console.log(`together: ${(sum('taken') / sum('alone')).toFixed(3)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
