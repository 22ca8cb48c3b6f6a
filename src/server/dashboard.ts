// The dashboard: runs, their trials and pictures as JSON and images, news as server-sent events, and the pages.

import compress from '@fastify/compress';
import sse from '@fastify/sse';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { depictionType, exportDeployed, readNetwork } from '../core/model/index.js';
import type { RunEntry, RunNews } from './api.js';
import { Broadcast } from './broadcast.js';
import { DamagedRunError, damageOf, type OpenRun, RunLibrary } from './run-library.js';
import { runNews, runView, trialPage, trialView } from './run-view.js';
import { servePages } from './pages.js';
import { openServer, type ServerOptions, wholeInAddress } from './server.js';

export interface DashboardOptions extends ServerOptions {
  /** The folder that holds the runs. */
  readonly runs: string;
}

/** Milliseconds between two looks at a run, and at all of them. */
const runEvery = 500;
const listEvery = 1000;

const runParams = z.object({ run: z.string() });
const trialParams = runParams.extend({ index: wholeInAddress(1) });
const imageParams = runParams.extend({ image: wholeInAddress(0) });
const pictureParams = trialParams.extend({ image: wholeInAddress(0) });
/** Rows of a table's page, at most. */
const mostRows = 500;
const pageQuery = z.object({
  from: wholeInAddress(0).default(0),
  count: wholeInAddress(1)
    .refine((n) => n <= mostRows, { error: `must be ${mostRows} or less` })
    .default(100),
  order: z.enum(['best', 'latest'], { error: ({ input }) => `must be best or latest, not "${String(input)}"` }).default('best'),
});

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
    try {
      return (await answer(run)) ?? reply.code(404).send({ error: 'there is no such thing in this run' });
    } catch (error) {
      const damage = damageOf(error);
      throw damage === undefined ? error : new DamagedRunError(`the run ${name} cannot be read: ${damage}`);
    }
  };
  server.get('/api/runs', () => library.summaries());
  server.get('/api/runs/:run', (request, reply) => {
    const { run } = runParams.parse(request.params);
    return withRun(run, reply, runView);
  });
  server.get('/api/runs/:run/charts', (request, reply) => {
    const { run } = runParams.parse(request.params);
    return withRun(run, reply, ({ columns }) => columns.charts());
  });
  server.get('/api/runs/:run/trials', (request, reply) => {
    const { run } = runParams.parse(request.params);
    const { from, count, order } = pageQuery.parse(request.query);
    return withRun(run, reply, (opened) => trialPage(opened, from, count, order));
  });
  server.get('/api/runs/:run/trials/:index', (request, reply) => {
    const { run, index } = trialParams.parse(request.params);
    return withRun(run, reply, (opened) => trialView(opened, index));
  });
  server.get('/api/runs/:run/trials/:index/pictures/:image', (request, reply) => {
    const { run, index, image } = pictureParams.parse(request.params);
    return withRun(run, reply, ({ store }) => sendDepiction(reply, store.picture(index, image)));
  });
  server.get('/api/runs/:run/shown/:image/:what', (request, reply) => {
    const { run, image, what } = imageParams.extend({ what: z.enum(['photo', 'truth']) }).parse(request.params);
    return withRun(run, reply, ({ store }) => {
      const shown = store.photo(image);
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
  const list = new Broadcast<readonly RunEntry[]>(async () => {
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
    let before: { readonly id: string; readonly version: number; readonly state: string } | undefined;
    const look = async (): Promise<RunNews | undefined> => {
      const run = await library.find(name);
      if (!run) return undefined;
      const version = run.store.version();
      const isSame = before?.id === run.id && before.version === version;
      if (isSame && before?.state !== 'running') return undefined;
      const news = await runNews(run);
      const changed = !isSame || news.state !== before?.state;
      before = { id: run.id, version, state: news.state };
      return changed ? news : undefined;
    };
    const broadcast = new Broadcast(look, runEvery);
    watched.set(name, broadcast);
    return broadcast;
  };
  server.get('/api/runs/:run/stream', { sse: true }, async (request, reply) => {
    const { run: name } = runParams.parse(request.params);
    const run = await library.find(name);
    if (!run) return reply.code(404).send({ error: 'there is no such run' });
    reply.sse.keepAlive();
    await reply.sse.send({ event: 'news', data: await runNews(run) });
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
