// The dashboard: runs, their trials and pictures as JSON and images, news as server-sent events, and the pages.

import path from 'node:path';
import compress from '@fastify/compress';
import sse from '@fastify/sse';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { depictionType, exportDeployed, readNetwork } from '../core/model/index.js';
import type { ListEntry, RunNews, WorkView } from './api.js';
import { Broadcast } from './broadcast.js';
import { sendFitFile, sendPlaygroundFile } from './fit-files.js';
import { DamagedRunError, damageOf, type OpenRun, RunLibrary } from './run-library.js';
import { plainFile, type RunKind, type RunPlace } from './run-places.js';
import { runNews, trialPage, trialView } from './run-view.js';
import { epochsCsv, trainingStamp } from './training-view.js';
import { TrainingPictures } from '../library/training-pictures.js';
import { servePages } from './pages.js';
import { trialQuerySchema } from './trial-query.js';
import { trialsCsv } from './trials-csv.js';
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
const pageQuery = trialQuerySchema.extend({
  from: wholeInAddress(0).default(0),
  count: wholeInAddress(1)
    .refine((n) => n <= mostRows, { error: `must be ${mostRows} or less` })
    .default(100),
});

/** Listening when it returns. */
export async function serveDashboard(options: DashboardOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const library = new RunLibrary(options.runs);
  await library.places();
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
  const withPlace = async (
    name: string,
    reply: FastifyReply,
    answer: (place: RunPlace & { readonly kind: RunKind }) => unknown,
  ): Promise<unknown> => {
    const place = await library.place(name);
    if (!place) return reply.code(404).send({ error: 'there is no such run' });
    return (await answer(place)) ?? reply.code(404).send({ error: 'there is no such thing in this run' });
  };
  server.get('/api/runs', () => library.list());
  server.get('/api/runs/:run', async (request, reply) => {
    const { run } = runParams.parse(request.params);
    return (await library.view(run)) ?? reply.code(404).send({ error: 'there is no such run' });
  });
  server.get('/api/runs/:run/charts', (request, reply) => {
    const { run } = runParams.parse(request.params);
    return withRun(run, reply, async ({ columns }) => reply.type('application/json').send(await columns.chartsJson()));
  });
  server.get('/api/runs/:run/trials', (request, reply) => {
    const { run } = runParams.parse(request.params);
    const { from, count, ...query } = pageQuery.parse(request.query);
    return withRun(run, reply, (opened) => trialPage(opened, query, from, count));
  });
  server.get('/api/runs/:run/trials.csv', (request, reply) => {
    const { run } = runParams.parse(request.params);
    const query = trialQuerySchema.parse(request.query);
    return withRun(run, reply, async (opened) => {
      reply.header('content-disposition', `attachment; filename="${run.replaceAll(/[^\w.-]/g, '-')}.csv"`);
      return reply.type('text/csv; charset=utf-8').send(await trialsCsv(opened, query));
    });
  });
  server.get('/api/runs/:run/trials/:index/neighbours', (request, reply) => {
    const { run, index } = trialParams.parse(request.params);
    const query = trialQuerySchema.parse(request.query);
    return withRun(run, reply, ({ columns }) => columns.neighbours(index, query));
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
    return withPlace(run, reply, async ({ folder }) => {
      const file = path.join(folder, 'best.safetensors');
      if (!(await plainFile(file))) return undefined;
      const model = exportDeployed(await readNetwork(file));
      reply.header('content-disposition', 'attachment; filename="best.onnx"');
      return reply.type('application/octet-stream').send(Buffer.from(model));
    });
  });

  server.get('/api/runs/:run/files/:file', (request, reply) => {
    const { run, file } = runParams.extend({ file: z.string() }).parse(request.params);
    return withPlace(run, reply, ({ kind, folder }) => (kind === 'fit' ? sendFitFile(reply, folder, file) : undefined));
  });
  server.get('/playground/:run/*', (request, reply) => {
    const { run, '*': file } = runParams.extend({ '*': z.string() }).parse(request.params);
    return withPlace(run, reply, ({ kind, folder }) => (kind === 'fit' ? sendPlaygroundFile(reply, folder, file) : undefined));
  });

  server.get('/api/runs/:run/seen/:image/:what', (request, reply) => {
    const { run, image, what } = imageParams.extend({ what: z.enum(['photo', 'truth']) }).parse(request.params);
    return withPlace(run, reply, async ({ folder }) => {
      const pictures = new TrainingPictures(folder);
      return what === 'photo'
        ? sendImage(reply, 'image/jpeg', await pictures.photo(image))
        : sendDepiction(reply, await pictures.truth(image));
    });
  });
  server.get('/api/runs/:run/seen/:image/epochs/:epoch', (request, reply) => {
    const { run, image, epoch } = imageParams.extend({ epoch: wholeInAddress(1) }).parse(request.params);
    return withPlace(run, reply, async ({ folder }) => sendDepiction(reply, await new TrainingPictures(folder).prediction(epoch, image)));
  });
  server.get('/api/runs/:run/epochs.csv', async (request, reply) => {
    const { run } = runParams.parse(request.params);
    const view = await library.view(run);
    if (view?.kind !== 'training') return reply.code(404).send({ error: 'there is no such training' });
    reply.header('content-disposition', `attachment; filename="${run.replaceAll(/[^\w.-]/g, '-')}.csv"`);
    return reply.type('text/csv; charset=utf-8').send(epochsCsv(view));
  });

  let told = '';
  const list = new Broadcast<readonly ListEntry[]>(async () => {
    const entries = await library.list();
    const text = JSON.stringify(entries);
    if (text === told) return undefined;
    told = text;
    return entries;
  }, listEvery);
  server.get('/api/stream', { sse: true }, async (_request, reply) => {
    reply.sse.keepAlive();
    await reply.sse.send({ event: 'runs', data: await library.list() });
    reply.sse.onClose(list.listen((runs) => void reply.sse.send({ event: 'runs', data: runs }).catch(() => {})));
  });

  const watched = new Map<string, Broadcast<RunNews>>();
  const watch = (name: string): Broadcast<RunNews> => {
    const known = watched.get(name);
    if (known) return known;
    let before: { readonly id: string; readonly version: number; readonly state: string; readonly isOver: boolean } | undefined;
    const look = async (): Promise<RunNews | undefined> => {
      const run = await library.find(name);
      if (!run) return undefined;
      const version = run.store.version();
      const { isOver } = run;
      const isSame = before?.id === run.id && before.version === version && before.isOver === isOver;
      if (isSame && before?.state !== 'running') return undefined;
      const news = await runNews(run);
      const changed = !isSame || news.state !== before?.state;
      before = { id: run.id, version, state: news.state, isOver };
      return changed ? news : undefined;
    };
    const broadcast = new Broadcast(look, runEvery);
    watched.set(name, broadcast);
    return broadcast;
  };
  /** Of trainings and fits: all that is shown, whenever it has changed. */
  const viewed = new Map<string, Broadcast<WorkView>>();
  const watchView = (name: string): Broadcast<WorkView> => {
    const known = viewed.get(name);
    if (known) return known;
    let before = '';
    const look = async (): Promise<WorkView | undefined> => {
      const place = await library.place(name);
      if (!place) return undefined;
      // A fit's file is written after every epoch and architecture; there is little to read.
      const stamp = place.kind === 'training' ? await trainingStamp(place) : undefined;
      if (stamp !== undefined && stamp === before) return undefined;
      const view = await library.view(name);
      const now = stamp ?? JSON.stringify(view);
      if (now === before) return undefined;
      before = now;
      return view;
    };
    const broadcast = new Broadcast(look, runEvery);
    viewed.set(name, broadcast);
    return broadcast;
  };
  server.get('/api/runs/:run/stream', { sse: true }, async (request, reply) => {
    const { run: name } = runParams.parse(request.params);
    const place = await library.place(name);
    if (place?.kind === 'training' || place?.kind === 'fit') {
      reply.sse.keepAlive();
      await reply.sse.send({ event: 'view', data: await library.view(name) });
      reply.sse.onClose(watchView(name).listen((view) => void reply.sse.send({ event: 'view', data: view }).catch(() => {})));
      return;
    }
    const run = await library.find(name);
    if (!run) return reply.code(404).send({ error: 'there is no such run' });
    reply.sse.keepAlive();
    await reply.sse.send({ event: 'news', data: await runNews(run) });
    reply.sse.onClose(watch(name).listen((news) => void reply.sse.send({ event: 'news', data: news }).catch(() => {})));
  });
  server.addHook('preClose', async () => {
    list.close();
    for (const broadcast of [...watched.values(), ...viewed.values()]) broadcast.close();
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
