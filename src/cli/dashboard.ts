// `dashboard`: the searches, trainings and fits below a folder in a browser, as they run.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { serveDashboard } from '../server/index.js';
import { announcement } from './announce.js';
import { parseOptions, wholeNumber } from './options.js';

export const serving = {
  host: z.string().default('127.0.0.1'),
  port: wholeNumber(0)
    .refine((port) => port < 65_536, { error: 'must be below 65536' })
    .optional(),
  allowHost: z
    .array(
      z.string().regex(/^[\w.-]+$/, { error: (issue) => `must be a host's name, as in auxcell.example.org, got "${String(issue.input)}"` }),
    )
    .optional(),
};

export async function dashboardCommand(runs: string, raw: unknown): Promise<void> {
  const { host, port = 8420, allowHost } = parseOptions(z.object(serving), raw);
  const { url, close } = await serveDashboard({ runs, host, port, allowHosts: allowHost });
  const end = interrupted();
  console.log(announcement(url, '(Ctrl-C ends it)'));
  await end;
  await close();
}

/** Until Ctrl-C, or the end of the process that started this one. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    process.once('SIGHUP', resolve);
    process.once('disconnect', resolve);
  });
}

export interface DashboardBeside {
  readonly url: string;
  /** What was to be watched has ended: until Ctrl-C, or until the dashboard ends. */
  readonly keepServing: () => Promise<void>;
  readonly stop: () => void;
}

/** A dashboard in a process of its own, so that it costs the search nothing. */
export async function dashboardBeside(runs: string): Promise<DashboardBeside> {
  const program = path.join(import.meta.dirname, '..', '..', 'bin', 'auxcell');
  const child = spawn(process.execPath, [program, 'dashboard', runs, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().split(' ')[0] ?? ''));
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the dashboard ended at once')));
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    url,
    keepServing: async () => {
      console.error(`the dashboard goes on at ${url}  (Ctrl-C ends it)`);
      await Promise.race([ended, interrupted()]);
    },
    // It only reads, and pages that are open would keep it from closing by itself.
    stop: () => child.kill('SIGKILL'),
  };
}
