// Readers of ONNX that are not ours, in Python. Where they are not installed, tests skip and say so.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import type { Value } from '../graph/run.js';

/** The first Python that has all of these modules. */
export function pythonWith(...modules: readonly string[]): string | undefined {
  const candidates = [process.env['AUXCELL_PYTHON'], '/usr/bin/python3', 'python3'].filter((p) => p !== undefined);
  return candidates.find((python) => spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0);
}

/** A Python with onnx and OpenCV, or undefined. */
export const importers = pythonWith('onnx', 'cv2', 'numpy');
if (importers === undefined)
  console.warn(
    'not tested with onnx.checker and OpenCV: no python3 with onnx and cv2 (Debian: apt-get install python3-onnx python3-opencv)',
  );

const readingSchema = z.object({
  /** What onnx.checker says, with strict shape inference. */
  problem: z.string().nullable(),
  opset: z.number(),
  ops: z.array(z.string()),
  /** Nodes whose every input is a constant. */
  unfolded: z.array(z.string()),
  /** Why OpenCV does not take it. */
  refused: z.string().optional(),
  /** What OpenCV gives. */
  output: z.object({ dims: z.array(z.number()), data: z.base64() }).optional(),
});

export type Reading = Omit<z.infer<typeof readingSchema>, 'output'> & { readonly output?: { dims: number[]; data: Float32Array } };

/** A model's file, and what OpenCV runs it on. */
export interface ToBeRead {
  readonly file: string;
  readonly x?: Value;
}

/** What they make of models' files, by one process, which takes a second to start. */
export function readByOthers(python: string, models: readonly ToBeRead[]): Reading[] {
  const lines = models.map(({ file, x }) => {
    const data = x && Buffer.from(x.data.buffer, x.data.byteOffset, x.data.byteLength).toString('base64');
    return `${JSON.stringify({ file, opencv: x !== undefined, input: { dims: x?.dims, data } })}\n`;
  });
  const script = path.join(import.meta.dirname, 'importers.py');
  const { stdout, stderr, status } = spawnSync(python, [script], { input: lines.join(''), encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { output, ...reading } = readingSchema.parse(JSON.parse(line));
      if (!output) return reading;
      const bytes = Uint8Array.from(Buffer.from(output.data, 'base64'));
      return { ...reading, output: { dims: output.dims, data: new Float32Array(bytes.buffer) } };
    });
}
