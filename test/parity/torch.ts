// PyTorch, live: a Python process that runs snippets on given tensors. Where there is none, parity tests skip.

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Value } from '../graph/run.js';

function findPython(): string | undefined {
  const candidates = [process.env['AUXCELL_PYTHON'], '/usr/bin/python3', 'python3'].filter((p) => p !== undefined);
  return candidates.find((python) => spawnSync(python, ['-c', 'import torch, torchvision']).status === 0);
}

/** A Python that has PyTorch, or undefined. */
export const python = findPython();
if (python === undefined)
  console.warn('parity tests skipped: no python3 with torch and torchvision (Debian: apt-get install python3-torch python3-torchvision)');

const replySchema = z.union([
  z.object({ error: z.string() }),
  z.object({ outputs: z.record(z.string(), z.object({ dims: z.array(z.number()), data: z.string() })) }),
]);

export class Torch {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #replies: AsyncIterator<string>;

  constructor() {
    if (python === undefined) throw new Error('no PyTorch');
    this.#process = spawn(python, [path.join(import.meta.dirname, 'torch_server.py')]);
    this.#process.stderr.pipe(process.stderr);
    this.#replies = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Runs Python code that reads `inputs` and `args` and fills `outputs`. */
  async run(
    code: string,
    inputs: Readonly<Record<string, Value>> = {},
    args: Readonly<Record<string, unknown>> = {},
  ): Promise<Record<string, Value & { readonly data: Float32Array }>> {
    const encoded = Object.fromEntries(
      Object.entries(inputs).map(([name, { data, dims }]) => [
        name,
        {
          dims,
          dtype: data instanceof Int32Array ? 'int32' : 'float32',
          data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
        },
      ]),
    );
    this.#process.stdin.write(`${JSON.stringify({ code, inputs: encoded, args })}\n`);
    const { value } = await this.#replies.next();
    const reply = replySchema.parse(JSON.parse(String(value)));
    if ('error' in reply) throw new Error(`PyTorch: ${reply.error}`);
    return Object.fromEntries(
      Object.entries(reply.outputs).map(([name, { dims, data }]) => {
        const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
        return [name, { dims, data: new Float32Array(bytes.buffer) }];
      }),
    );
  }

  close(): void {
    this.#process.stdin.end();
  }
}

/** The largest |a − b| in relation to the largest |b|. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let scale = 1e-6;
  for (let i = 0; i < expected.length; i++) {
    const [a = Number.NaN, b = Number.NaN] = [actual[i], expected[i]];
    difference = Math.max(difference, Number.isFinite(a - b) ? Math.abs(a - b) : Number.POSITIVE_INFINITY);
    scale = Math.max(scale, Math.abs(b));
  }
  return difference / scale;
}
