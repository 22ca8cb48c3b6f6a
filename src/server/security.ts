// Who may ask, and what a page may do. Bound to loopback, only pages of loopback names are served (a foreign name that
// resolves to this machine is DNS rebinding); bound to anything else, a token is wanted.

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

const cookieName = 'auxcell_token';

/** @param token undefined where loopback's own names are enough */
export async function secure(server: FastifyInstance, token: string | undefined): Promise<void> {
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
    if (token === undefined) {
      const host = request.host.replace(/:\d+$/, '');
      if (!isLoopback(host)) return reply.code(403).send({ error: `this server answers to localhost only, not to ${host}` });
    } else if (!hasToken(request, reply, token)) {
      return reply.code(401).send({ error: 'open the address that the command printed: it carries the token' });
    }
  });
}

function hasToken(request: FastifyRequest, reply: FastifyReply, token: string): boolean {
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
