// What every server here has in common: where it listens, who may ask, and errors that say what was wrong.

import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors/index.js';
import { freshToken, isLoopback, secure } from './security.js';

export interface ServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface OpenServer {
  /** With the token, where one is wanted. */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws UserError when it cannot listen there */
export async function openServer({ host, port }: ServerOptions, routes: (server: FastifyInstance) => Promise<void>): Promise<OpenServer> {
  const server = fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 300 } });
  server.setErrorHandler((error, _request, reply) => {
    const status = error instanceof z.ZodError ? 400 : error instanceof UserError ? 404 : statusOf(error);
    return reply.code(status).send({ error: status < 500 ? reasonOf(error) : 'the server could not answer this' });
  });
  const token = isLoopback(host) ? undefined : freshToken();
  await secure(server, token);
  await routes(server);
  try {
    await server.listen({ host, port });
  } catch (error) {
    throw new UserError(`--host ${host} --port ${port}: cannot listen there (${reasonOf(error)}); give another --port`);
  }
  const address = server.server.address();
  const name = host.includes(':') ? `[${host}]` : host;
  const url = `http://${name}:${typeof address === 'object' && address ? address.port : port}/`;
  return { url: token === undefined ? url : `${url}?token=${token}`, close: () => server.close() };
}

function statusOf(error: unknown): number {
  const status = z.object({ statusCode: z.number() }).safeParse(error);
  return status.success ? status.data.statusCode : 500;
}
