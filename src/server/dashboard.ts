// The dashboard: runs, their trials and pictures as JSON and images, news as server-sent events, and the pages.

import compress from '@fastify/compress';
import sse from '@fastify/sse';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { depictionType, exportDeployed, readNetwork } from '../model/index.js';
import type { RunNews, RunSummary } from './api.js';
import { Broadcast } from './broadcast.js';
import { type OpenRun, RunLibrary } from './run-library.js';
import { runNews, runView, trialView } from './run-view.js';
import { servePages } from './pages.js';
import { openServer, type ServerOptions } from './server.js';

export interface DashboardOptions extends ServerOptions {
  /** The folder that holds the runs. */
  readonly runs: string;
}

/** Milliseconds between two looks at a run, and at all of them. */
const runEvery = 500;
const listEvery = 1000;

const runParams = z.object({ run: z.string() });
const trialParams = runParams.extend({ index: z.coerce.number().int().positive() });
const imageParams = runParams.extend({ image: z.coerce.number().int().min(0) });
const pictureParams = trialParams.extend({ image: z.coerce.number().int().min(0) });
const sinceQuery = z.object({ since: z.coerce.number().int().min(0).default(0) });

/** Listening when it returns. */
export async function serveDashboard(options: DashboardOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const library = new RunLibrary(options.runs);
  await library.names();
  const opened = await openServer(options, async (server) => {
    await server.register(compress, { encodings: ['gzip'] });
    await server.register(sse.default);
    routes(server, library);
    await servePages(server, 'dashboard.html');
  });
  return {
    url: opened.url,
    close: async () => {
      await opened.close();
      library.close();
    },
  };
}

function routes(server: FastifyInstance, library: RunLibrary): void {
  const withRun = async (name: string, reply: FastifyReply, answer: (run: OpenRun) => unknown): Promise<unknown> => {
    const run = await library.find(name);
    if (!run) return reply.code(404).send({ error: 'there is no such run' });
    return (await answer(run)) ?? reply.code(404).send({ error: 'there is no such thing in this run' });
  };
  server.get('/api/runs', () => library.summaries());
  server.get('/api/runs/:run', (request, reply) => {
    const { run: name } = runParams.parse(request.params);
    return withRun(name, reply, ({ folder, store }) => runView(name, folder, store));
  });
  server.get('/api/runs/:run/trials/:index', (request, reply) => {
    const { run, index } = trialParams.parse(request.params);
    return withRun(run, reply, ({ store }) => trialView(store, index));
  });
  server.get('/api/runs/:run/trials/:index/pictures/:image', (request, reply) => {
    const { run, index, image } = pictureParams.parse(request.params);
    return withRun(run, reply, ({ store }) => sendDepiction(reply, store.picture(index, image)));
  });
  server.get('/api/runs/:run/shown/:image/:what', (request, reply) => {
    const { run, image, what } = imageParams.extend({ what: z.enum(['photo', 'truth']) }).parse(request.params);
    return withRun(run, reply, ({ store }) => {
      const shown = store.shown(image);
      return what === 'photo' ? sendImage(reply, 'image/jpeg', shown?.jpeg) : sendDepiction(reply, shown?.truth);
    });
  });
  server.get('/api/runs/:run/model.onnx', (request, reply) => {
    const { run } = runParams.parse(request.params);
    return withRun(run, reply, async ({ folder }) => {
      if (!(await folder.has('best.safetensors'))) return undefined;
      const model = exportDeployed(await readNetwork(folder.path('best.safetensors')));
      reply.header('content-disposition', 'attachment; filename="best.onnx"');
      return reply.type('application/octet-stream').send(Buffer.from(model));
    });
  });

  let told = '';
  const list = new Broadcast<readonly RunSummary[]>(async () => {
    const summaries = await library.summaries();
    const text = JSON.stringify(summaries);
    if (text === told) return undefined;
    told = text;
    return summaries;
  }, listEvery);
  server.get('/api/stream', { sse: true }, async (_request, reply) => {
    reply.sse.keepAlive();
    await reply.sse.send({ event: 'runs', data: await library.summaries() });
    reply.sse.onClose(list.listen((runs) => void reply.sse.send({ event: 'runs', data: runs }).catch(() => {})));
  });

  const watched = new Map<string, Broadcast<RunNews>>();
  const watch = (name: string): Broadcast<RunNews> => {
    const known = watched.get(name);
    if (known) return known;
    let version = -1;
    let state = '';
    let observed = 0;
    const look = async (): Promise<RunNews | undefined> => {
      const run = await library.find(name);
      if (!run) return undefined;
      const now = run.store.version();
      if (now === version && state !== 'running') return undefined;
      // Whoever listens has asked for what was before by itself; at the first look a little is told twice.
      const news = await runNews(run.folder, run.store, version < 0 ? Math.max(0, run.store.rewards().length - 20) : observed);
      const changed = now !== version || news.state !== state;
      version = now;
      state = news.state;
      observed = news.trials.at(-1)?.observed ?? observed;
      return changed ? news : undefined;
    };
    const broadcast = new Broadcast(look, runEvery);
    watched.set(name, broadcast);
    return broadcast;
  };
  server.get('/api/runs/:run/stream', { sse: true }, async (request, reply) => {
    const { run: name } = runParams.parse(request.params);
    const { since } = sinceQuery.parse(request.query);
    const run = await library.find(name);
    if (!run) return reply.code(404).send({ error: 'there is no such run' });
    reply.sse.keepAlive();
    await reply.sse.send({ event: 'news', data: await runNews(run.folder, run.store, since) });
    reply.sse.onClose(watch(name).listen((news) => void reply.sse.send({ event: 'news', data: news }).catch(() => {})));
  });
  server.addHook('preClose', async () => {
    list.close();
    for (const broadcast of watched.values()) broadcast.close();
  });
}

function sendDepiction(reply: FastifyReply, picture: Uint8Array | undefined): FastifyReply | undefined {
  return picture && sendImage(reply, depictionType(picture), picture);
}

function sendImage(reply: FastifyReply, type: string, bytes: Uint8Array | undefined): FastifyReply | undefined {
  if (!bytes) return undefined;
  reply.header('cache-control', 'private, max-age=3600');
  return reply.type(type).send(Buffer.from(bytes));
}
