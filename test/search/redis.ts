// A Redis of the tests' own.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.warn('queue tests skipped: no redis-server (Debian: apt-get install redis-server)');

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Ready when it returns. The caller ends it. */
export async function openRedis(port: number, more: readonly string[] = []): Promise<ChildProcess> {
  // Nothing on disk: a Redis that is killed has lost everything.
  const child = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no', ...more], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let log = '';
  for await (const chunk of child.stdout ?? []) {
    log += String(chunk);
    if (log.includes('Ready to accept connections')) break;
  }
  child.stdout?.resume();
  return child;
}
