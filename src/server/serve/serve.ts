// A model behind HTTP: a picture in, what is seen in it out.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UserError } from '../../core/errors/index.js';
import { type InputSize, taskTraits } from '../../core/task/index.js';
import { isLoopback } from '../security.js';
import { type OpenServer, openServer } from '../server.js';
import { ModelPool } from './model-pool.js';
import { type Place, Places } from './places.js';
import { readQuestion } from './read-question.js';

export interface ServeOptions {
  /** An ONNX model that Auxcell exported, or a network's weights as safetensors. */
  readonly model: string;
  /** Where it listens; default 127.0.0.1. Anything but loopback wants a token, which is in the address that is given. */
  readonly host?: string | undefined;
  /** 0 takes a free one; default 8422. */
  readonly port?: number | undefined;
  /** Names beside localhost under which it may be asked, as a proxy before it is; then a token is wanted. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Wanted of everybody; without one, one is drawn where it is wanted. */
  readonly token?: string | undefined;
  /** At what size the network sees pictures: unless it is said, as the model was validated. */
  readonly size?: InputSize | undefined;
  /** Processes that hold the model, a picture each at a time; default 1. */
  readonly processes?: number | undefined;
  /** Of ONNX Runtime in each; default: all processors over the processes. */
  readonly threads?: number | undefined;
  /** `webgpu`: a GPU by Vulkan, Direct3D 12 or Metal. */
  readonly device?: 'cpu' | 'webgpu' | undefined;
  /** Of a request's body; default 20 MiB. */
  readonly maxBytes?: number | undefined;
  /** Of a picture; default 25 million. */
  readonly maxPixels?: number | undefined;
  /** Requests that wait while others are answered; more are told to come again (503). Default 32. */
  readonly waiting?: number | undefined;
  /** Milliseconds in which a request must have come, and in which it must be answered then; default 30 000. */
  readonly timeout?: number | undefined;
}

export interface ServedModel extends OpenServer, AsyncDisposable {
  /** Ends it after what is in hand. */
  close(): Promise<void>;
}

/** Seconds after which one who was turned away may come again. */
const comeAgain = '1';

/** Listening when it returns. @throws UserError when the model cannot be opened, or when it cannot listen there */
export async function serve(options: ServeOptions): Promise<ServedModel> {
  const { model, host = '127.0.0.1', port = 8422, allowHosts, token, size, device = 'cpu' } = options;
  const { processes = 1, maxBytes = 20 * 2 ** 20, maxPixels = 25_000_000, waiting = 32, timeout = 30_000 } = options;
  const { threads = Math.max(1, Math.floor(availableParallelism() / processes)) } = options;
  const pool = await ModelPool.open({ model, threads, device, size, maxPixels }, processes, timeout);
  const name = path.basename(model);
  const { task } = pool.card.task;
  const places = new Places(processes + waiting);
  const held = new WeakMap<FastifyRequest, { readonly place: Place; readonly signal: AbortSignal }>();
  let answered = 0;

  // Before the body is read: what waits is in memory.
  const enter = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (isForeign(request, allowHosts))
      return reply.code(403).send({ error: 'a page of another server asked for it; ask from a program, or through that server' });
    const place = places.enter();
    if (!place)
      return reply
        .code(503)
        .header('retry-after', comeAgain)
        .send({ error: `${places.most} pictures are in hand; try again later` });
    const gone = new AbortController();
    held.set(request, { place, signal: gone.signal });
    reply.raw.once('close', () => {
      place.leave();
      gone.abort();
    });
    return undefined;
  };
  const predict = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { headers, query, body } = request;
    const question = await readQuestion({ headers, query, body });
    const signal = held.get(request)?.signal ?? AbortSignal.timeout(timeout);
    const given = await pool.ask(question, signal);
    if (given.kind === 'answer') {
      answered++;
      return reply.type(given.type).send(Buffer.from(given.body.buffer, given.body.byteOffset, given.body.byteLength));
    }
    if (given.status === 503) reply.header('retry-after', comeAgain);
    return reply.code(given.status).send({ error: given.message });
  };

  try {
    if (taskTraits[task].isSeenInCrops && size !== undefined)
      throw new UserError(`${model}: a pose is seen in crops of its own size; say no other`);
    const server = await openServer(
      { host, port, allowHosts, token },
      async (server) => {
        // Any body is a picture until it is looked at.
        server.removeAllContentTypeParsers();
        server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
        server.post('/predict', { onRequest: enter }, predict);
        server.get('/health', (_request, reply) =>
          reply
            .code(pool.isReady ? 200 : 503)
            .send({ status: pool.isReady ? 'ready' : 'starting', model: name, task, inHand: places.taken, answered }),
        );
        server.get('/', (request, reply) =>
          reply.type('text/plain; charset=utf-8').send(greeting(name, task, request.host, token !== undefined || !isLoopback(host))),
        );
      },
      { bodyLimit: maxBytes, requestTimeout: timeout, drains: true, open: ['/health'] },
    );
    const close = async (): Promise<void> => {
      await server.close();
      await pool.close();
    };
    return { url: server.url, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** A page in a browser sends forms to any server, though it cannot read the answer: it would keep the model from others. */
function isForeign({ headers, host }: FastifyRequest, allowHosts: readonly string[] = []): boolean {
  const { origin } = headers;
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  // A proxy may ask under another name than its pages have.
  const page = new URL(origin);
  return page.host !== host && !allowHosts.some((name) => name.toLowerCase() === page.hostname);
}

function greeting(name: string, task: string, host: string, wantsToken: boolean): string {
  const token = wantsToken ? " -H 'Authorization: Bearer TOKEN'" : '';
  return `${name}, a model of ${task}, says what it sees in a picture, as JSON, PNG (image/png) or laid over it (image/jpeg):

  curl${token} -F image=@photo.jpg 'http://${host}/predict?format=json'
`;
}
