// Who may ask, and what a page may do. Bound to loopback, only pages of loopback names are served (a foreign name that
// resolves to this machine is DNS rebinding) and of those that the user allows, as behind a proxy; bound to anything else,
// or with such names, a token is wanted.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const loopback = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

export function isLoopback(host: string): boolean {
  return loopback.has(host);
}

export function freshToken(): string {
  return randomBytes(24).toString('base64url');
}

export interface Guard {
  /** Undefined where loopback's own names are enough. */
  readonly token: string | undefined;
  /** Names under which the server answers beside loopback's; undefined: under any. */
  readonly names: ReadonlySet<string> | undefined;
  /** Paths that want no token. */
  readonly open?: ReadonlySet<string> | undefined;
}

export async function secure(server: FastifyInstance, { token, names, open }: Guard): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        // WebAssembly is compiled by the playground.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Cross-origin isolation: threads of WebAssembly need it.
    crossOriginEmbedderPolicy: { policy: 'require-corp' },
    strictTransportSecurity: false,
  });
  server.addHook('onRequest', async (request, reply) => {
    const host = request.host.replace(/:\d+$/, '').toLowerCase();
    if (names && !isLoopback(host) && !names.has(host)) {
      const known = ['localhost', ...names].join(', ');
      const error = `this server answers to ${known}, not to ${host}; if ${host} is a proxy of yours, start it with --allow-host ${host}`;
      return reply.code(403).send({ error });
    }
    if (token === undefined || open?.has(request.url.replace(/\?.*/, ''))) return;
    if (!hasToken(request, reply, token))
      return reply
        .code(401)
        .send({ error: 'open the address that the command printed: it carries the token (a program sends it as Authorization: Bearer)' });
  });
}

function hasToken(request: FastifyRequest, reply: FastifyReply, token: string): boolean {
  const [, bearer] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return same(bearer, token);
  // Cookies are a name's, whatever the port: two servers on one machine each have their own.
  const cookieName = `auxcell_token_${request.socket.localPort}`;
  const given = new URL(request.url, 'http://localhost').searchParams.get('token');
  if (given !== null && same(given, token)) {
    reply.header('set-cookie', `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`);
    return true;
  }
  const cookies = (request.headers.cookie ?? '').split(/;\s*/);
  return cookies.some((cookie) => cookie.startsWith(`${cookieName}=`) && same(cookie.slice(cookieName.length + 1), token));
}

function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
