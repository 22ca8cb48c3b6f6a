// The built pages and what they load.

import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Files of the pages; ONNX Runtime's own for the browser are in `ort/`. */
export const pagesFolder = path.join(import.meta.dirname, '..', '..', 'dist', 'web');

export async function servePages(server: FastifyInstance, page: string): Promise<void> {
  await server.register(fastifyStatic, { root: pagesFolder, index: false, dotfiles: 'deny', cacheControl: false });
  server.get('/', (_request, reply) => reply.header('cache-control', 'no-cache').sendFile(page));
}
