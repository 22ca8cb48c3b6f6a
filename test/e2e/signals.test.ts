// How a search ends from outside, and what it says to machines.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { auxcell, bin } from './cli.js';
import { tinyPreset } from './tiny-preset.js';

let folder: string;
const at = (name: string): string => path.join(folder, name);
const search = (out: string, ...more: string[]): string[] => [
  ...['search', '--data', at('data'), '--preset', at('tiny.yaml'), '--workers', '1', '--out', at(out)],
  ...more,
];

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(at('data'), { train: 12, val: 4 });
  await writeFile(at('tiny.yaml'), tinyPreset());
});

/** The process once it has written `text` to standard error. */
async function until(args: readonly string[], text: string) {
  const child = spawn(process.execPath, [bin, ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (stderr.includes(text)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${stderr}`)));
  });
  return { child, output: () => stdout };
}

test.each(['SIGTERM', 'SIGHUP'] as const)('%s saves and concludes like Ctrl-C', async (signal) => {
  const { child, output } = await until(search(signal, '--candidates', '500'), '#2 ');
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(output()).toMatch(/interrupted after [2-9] architectures; go on with: \S*auxcell search --resume /);
  const { stdout } = await auxcell(['runs', folder]);
  expect(stdout).toMatch(new RegExp(`${signal} +interrupted`));
});

test('a reader of its output that goes away does not end it', async () => {
  const { child } = await until(search('unread', '--candidates', '3', '--log', 'json'), 'unread: 3 architectures');
  child.stdout.destroy();
  child.stderr.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
  const { stdout } = await auxcell(['runs', folder]);
  expect(stdout).toMatch(/unread +finished +3\/3/);
});

test('--log json is JSON lines to the end, genotypes as they are written everywhere', async () => {
  const { code, stdout, stderr } = await auxcell(search('logged', '--candidates', '2', '--log', 'json'));
  expect(code, stderr).toBe(0);
  const events: Record<string, unknown>[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const genotypes = (event: string) => events.filter((e) => e['event'] === event).map((e) => e['genotype']);
  expect(genotypes('candidate')).toHaveLength(2);
  expect(genotypes('candidate')).toEqual(genotypes('trial'));
  expect(events.at(-1)).toMatchObject({ event: 'end', interrupted: false, trials: 2 });
});
