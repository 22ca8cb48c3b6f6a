// What a fit leaves, handed out: the files that are named here and no other, of that fit's folder, links not followed. Its report is
// HTML that lay on a disk: it is shown without scripts and may load nothing. Its playground is this package's own page; of the folder
// come the model, its description and the samples.

import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyReply } from 'fastify';
import { plainFile } from './run-places.js';

const files = [
  'model.onnx',
  'model-int8.onnx',
  'model.safetensors',
  'metrics.json',
  'predictions.png',
  'report.html',
  'preset.yaml',
] as const;
const folders = ['playground', 'for-transformers.js'] as const;

export interface FitFile {
  /** In the fit's folder. */
  readonly name: string;
  /** Address under which it is served; null: it is only there. */
  readonly address: string | null;
}

/** Those that are there. @param run the fit's name */
export async function fitFiles(run: string, folder: string): Promise<FitFile[]> {
  const there: FitFile[] = [];
  const id = encodeURIComponent(run);
  for (const name of files)
    if (await plainFile(path.join(folder, name))) there.push({ name, address: `api/runs/${id}/files/${encodeURIComponent(name)}` });
  for (const name of folders)
    if (await isPlainFolder(path.join(folder, name)))
      there.push({ name: `${name}/`, address: name === 'playground' ? `playground/${id}/` : null });
  return there;
}

/** @returns undefined where there is no such file of a fit */
export async function sendFitFile(reply: FastifyReply, folder: string, asked: string): Promise<FastifyReply | undefined> {
  const name = files.find((file) => file === asked);
  if (name === undefined || !(await plainFile(path.join(folder, name)))) return undefined;
  if (name === 'report.html')
    reply.header(
      'content-security-policy',
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    );
  else if (name !== 'predictions.png') reply.header('content-disposition', `attachment; filename="${name}"`);
  return reply.type(typeOf(name)).send(await readFile(path.join(folder, name)));
}

/** @param asked behind the playground's address @returns undefined where there is no such file */
export async function sendPlaygroundFile(reply: FastifyReply, folder: string, asked: string): Promise<FastifyReply | undefined> {
  const playground = path.join(folder, 'playground');
  if (!(await isPlainFolder(playground))) return undefined;
  if (asked === '') return reply.header('cache-control', 'no-cache').sendFile('playground.html');
  if (/^(assets|ort)\/[\w.-]+$/.test(asked)) return reply.sendFile(asked);
  if (!/^(manifest\.json|model\.onnx|samples\/\d+\.(jpg|png|webp))$/.test(asked)) return undefined;
  const file = path.join(playground, asked);
  if (!(await isPlainFolder(path.dirname(file))) || !(await plainFile(file))) return undefined;
  return reply.type(typeOf(asked)).send(await readFile(file));
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.yaml': 'text/plain; charset=utf-8',
};

function typeOf(name: string): string {
  return types[path.extname(name)] ?? 'application/octet-stream';
}

async function isPlainFolder(folder: string): Promise<boolean> {
  return lstat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
