// Runs the command line as a user does.

import { spawn } from 'node:child_process';
import path from 'node:path';

export const bin = path.join(import.meta.dirname, '..', '..', 'bin', 'auxcell');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param onStderr sees what is written, as it comes, and may signal the process */
export function auxcell(
  args: readonly string[],
  onStderr?: (text: string, interrupt: () => void) => void,
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...environment } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      onStderr?.(stderr, () => child.kill('SIGINT'));
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
