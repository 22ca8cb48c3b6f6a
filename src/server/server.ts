// What every server here has in common: where it listens, who may ask, and errors that say what was wrong.

import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { reasonOf, UserError } from '../core/errors/index.js';
import { freshToken, isLoopback, secure } from './security.js';

export interface ServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names beside localhost under which it may be asked, as a proxy before it is; then a token is wanted. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Wanted also on loopback; absent: one is drawn where it is wanted. */
  readonly token?: string | undefined;
}

/** What differs between servers of pages and one that computes. */
export interface ServerManner {
  /** Of a request's body, in bytes; Fastify's: a megabyte. */
  readonly bodyLimit?: number | undefined;
  /** Milliseconds that a request may take to come; absent: any time. */
  readonly requestTimeout?: number | undefined;
  /** Closing waits for what is in hand; else it ends all connections. */
  readonly drains?: boolean | undefined;
  /** Paths that want no token. */
  readonly open?: readonly string[] | undefined;
}

export interface OpenServer {
  /** With the token, where one is wanted. */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws UserError when it cannot listen there */
export async function openServer(
  { host, port, allowHosts = [], token: given }: ServerOptions,
  routes: (server: FastifyInstance) => Promise<void>,
  { bodyLimit, requestTimeout, drains = false, open }: ServerManner = {},
): Promise<OpenServer> {
  const server = fastify({
    forceCloseConnections: drains ? 'idle' : true,
    routerOptions: { maxParamLength: 300 },
    ...(bodyLimit !== undefined && { bodyLimit }),
    ...(requestTimeout !== undefined && timesOf(requestTimeout)),
  });
  server.setErrorHandler((error, _request, reply) => {
    if (error instanceof z.ZodError) return reply.code(400).send({ error: sentenceOf(error) });
    const status = statusOf(error) ?? (error instanceof UserError ? 404 : 500);
    return reply.code(status).send({ error: status < 500 ? reasonOf(error) : 'the server could not answer this' });
  });
  const isLocal = isLoopback(host);
  const token = given ?? (isLocal && allowHosts.length === 0 ? undefined : freshToken());
  const names = isLocal || allowHosts.length > 0 ? new Set(allowHosts.map((name) => name.toLowerCase())) : undefined;
  await secure(server, { token, names, open: new Set(open) });
  if (drains) {
    let isClosing = false;
    server.addHook('preClose', async () => {
      isClosing = true;
    });
    // What is answered now would keep its connection for more.
    server.addHook('onSend', async (_request, reply) => {
      if (isClosing) reply.header('connection', 'close');
    });
  }
  await routes(server);
  try {
    await server.listen({ host, port });
  } catch (error) {
    throw new UserError(`${host}:${port}: cannot listen there (${reasonOf(error)}); give another port`);
  }
  const address = server.server.address();
  const name = host.includes(':') ? `[${host}]` : host;
  const url = `http://${name}:${typeof address === 'object' && address ? address.port : port}/`;
  return { url: token === undefined ? url : `${url}?token=${token}`, close: () => server.close() };
}

/** Node.js takes the smaller of two limits for the headers, the larger for all of a request, and looks for what is late only every so often. */
function timesOf(requestTimeout: number) {
  const connectionsCheckingInterval = Math.min(requestTimeout, 5000);
  return { requestTimeout, http: { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval } };
}

/** A whole number in an address. */
export const wholeInAddress = (least: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: ({ input }) => `must be a whole number, not "${String(input)}"` })
    .transform(Number)
    .refine((n) => n >= least, { error: `must be ${least} or more` });

function sentenceOf({ issues }: z.ZodError): string {
  return `the address is wrong: ${issues.map(({ path, message }) => `${path.join('.') || 'it'} ${message}`).join('; ')}`;
}

function statusOf(error: unknown): number | undefined {
  const status = z.object({ statusCode: z.number() }).safeParse(error);
  return status.success ? status.data.statusCode : undefined;
}
