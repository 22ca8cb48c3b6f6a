// The playground: a page, a model and some pictures. Everything happens in the browser; the server only hands out files.

import { cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, UserError } from '../core/errors/index.js';
import { makeFolder, replaceFile } from '../platform/node/files/index.js';
import { labelColour } from '../core/data/index.js';
import { hasClasses, type TaskDescription } from '../core/task/index.js';
import type { PlaygroundModel } from '../core/model/index.js';
import { pagesFolder, servePages } from './pages.js';
import { type OpenServer, openServer, type ServerOptions } from './server.js';

export interface PlaygroundContent extends PlaygroundModel {
  /** Shown to people. */
  readonly name: string;
  readonly samples: readonly PlaygroundSample[];
}

/** A picture, as it was when the server began: what its file becomes later is not served. */
export interface PlaygroundSample {
  readonly type: keyof typeof endings;
  readonly bytes: Uint8Array;
}

const endings = { 'image/jpeg': '.jpg', 'image/png': '.png', 'image/webp': '.webp' } as const;

/** What the page is told; see `web/src/playground.tsx`. */
export interface PlaygroundManifest {
  readonly name: string;
  readonly task: TaskDescription;
  /** Of segmentation. */
  readonly classes: readonly { readonly name: string; readonly colour: readonly [number, number, number] }[];
  readonly input: string;
  readonly output: string;
  readonly normalisation: { readonly mean: readonly [number, number, number]; readonly std: readonly [number, number, number] };
  /** Trainable values; null where the model does not say. */
  readonly parameters: number | null;
  /** Of the model's file. */
  readonly bytes: number;
  /** Addresses. */
  readonly samples: readonly string[];
}

function manifestOf({ name, card, model, parameters, samples }: PlaygroundContent): PlaygroundManifest {
  return {
    name,
    task: card.task,
    classes: hasClasses(card.task) ? card.task.classes.map((label, k) => ({ name: label, colour: labelColour(k) })) : [],
    input: card.input,
    output: card.output,
    normalisation: card.normalisation,
    parameters: parameters ?? null,
    bytes: model.byteLength,
    samples: samples.map(({ type }, i) => `samples/${i}${endings[type]}`),
  };
}

/** Listening when it returns. */
export function servePlayground(content: PlaygroundContent, options: ServerOptions): Promise<OpenServer> {
  const manifest = manifestOf(content);
  return openServer(options, async (server) => {
    server.get('/manifest.json', () => manifest);
    server.get('/model.onnx', (_request, reply) => reply.type('application/octet-stream').send(Buffer.from(content.model)));
    for (const [i, { type, bytes }] of content.samples.entries())
      server.get(`/${manifest.samples[i]}`, (_request, reply) => reply.type(type).send(Buffer.from(bytes)));
    await servePages(server, 'playground.html');
  });
}

/** The files that `writePlayground` writes. */
export async function playgroundFiles(content: PlaygroundContent, folder: string): Promise<string[]> {
  const built: string[] = [];
  for (const part of ['assets', 'ort']) for (const name of await readdir(path.join(pagesFolder, part))) built.push(path.join(part, name));
  const own = ['index.html', 'manifest.json', 'model.onnx', '_headers'];
  return [...own, ...manifestOf(content).samples, ...built].map((name) => path.join(folder, name));
}

/** The same as files. Hosts that honour `_headers` isolate the page, so that WebAssembly has threads; elsewhere it has one. */
export async function writePlayground(content: PlaygroundContent, folder: string): Promise<void> {
  const manifest = manifestOf(content);
  const into = (name: string): string => path.join(folder, name);
  try {
    await makeFolder(into('samples'));
    await cp(path.join(pagesFolder, 'assets'), into('assets'), { recursive: true });
    await cp(path.join(pagesFolder, 'ort'), into('ort'), { recursive: true });
    await cp(path.join(pagesFolder, 'playground.html'), into('index.html'));
    await replaceFile(into('manifest.json'), JSON.stringify(manifest));
    await replaceFile(into('model.onnx'), content.model);
    for (const [i, { bytes }] of content.samples.entries()) await replaceFile(into(manifest.samples[i] ?? ''), bytes);
    await replaceFile(into('_headers'), '/*\n  Cross-Origin-Opener-Policy: same-origin\n  Cross-Origin-Embedder-Policy: require-corp\n');
  } catch (error) {
    throw new UserError(`--static ${folder}: cannot be written (${reasonOf(error)}); give another folder`);
  }
}
