// A finished fit in the dashboard: how its search and its trainings ended, its figures, and which of its files are handed out.

import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { get, type IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPreset } from '../../src/core/preset/index.js';
import { RunFolder } from '../../src/core/search/index.js';
import { canonicalKey, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { type FitView, type ListedRun, type ListEntry, type RunCharts, type RunView, serveDashboard } from '../../src/server/index.js';
import { withEndings } from '../../src/server/fit-ending.js';
import { temporaryFolder } from '../data/fixtures.js';

let runs: string;
let dashboard: Awaited<ReturnType<typeof serveDashboard>>;
const at = (...parts: readonly string[]): string => path.join(runs, 'mine', ...parts);

const state = { version: '0.3.0', data: 'nowhere', task: 'segmentation', seconds: 72, seed: 0, spent: 68, searched: true, trained: true };
const metrics = {
  metrics: { meanIoU: 0.435, pixelAccuracy: null },
  intervals: [{ name: 'mean IoU', value: 0.435, low: 0.333, high: 0.494 }],
  images: 2,
  parameters: 2050483,
  bytes: 8024732,
};

async function makeSearch(): Promise<void> {
  const run = await RunFolder.create(at('search'));
  await run.writeConfig({ seed: 0, data: 'nowhere', preset: { ...(await loadPreset('demo')), candidates: 1000 } });
  const store = run.openStore();
  store.begin({ kind: 'none' }, undefined);
  const genotype = parseGenotype(publishedGenotypes.arch0);
  const key = canonicalKey(genotype);
  // Two at a time that end together.
  for (const index of [1, 2]) store.propose({ index, genotype, key });
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const index of [1, 2]) {
    const costs = { parameters: 2_000_000, multiplyAdds: 500_000_000, inputSize: [192, 256] satisfies [number, number] };
    const trained = {
      ...costs,
      metrics: { meanIoU: 0.3 },
      loss: 1,
      stage: 1,
      seed: 1,
      seconds: { training: 1, validation: 1 },
      policy: {},
    };
    store.finish({ index, genotype: JSON.parse(publishedGenotypes.arch0), key, reward: 0.4, ...trained }, {}, { kind: 'none' }, undefined);
  }
  store.close();
}

beforeAll(async () => {
  const folder = await temporaryFolder();
  runs = path.join(folder, 'runs');
  await mkdir(at('playground', 'samples'), { recursive: true });
  await mkdir(at('for-transformers.js'));
  await writeFile(path.join(folder, 'secret'), 'a secret');
  await makeSearch();
  await writeFile(at('fit.json'), JSON.stringify(state));
  await writeFile(at('metrics.json'), JSON.stringify(metrics));
  await writeFile(at('report.html'), '<!doctype html><script>parent.stolen = true</script><p>report');
  await writeFile(at('model.onnx'), 'weights');
  await writeFile(at('not-a-result.txt'), 'private');
  await symlink(path.join(folder, 'secret'), at('preset.yaml'));
  await writeFile(at('playground', 'index.html'), 'of the folder');
  await writeFile(at('playground', 'manifest.json'), '{"name":"mine"}');
  await writeFile(at('playground', 'samples', '0.jpg'), 'picture');
  await symlink(path.join(folder, 'secret'), at('playground', 'samples', '1.jpg'));
  dashboard = await serveDashboard({ runs, host: '127.0.0.1', port: 0 });
});
afterAll(() => dashboard.close());

/** As it is written: fetch would resolve the dots itself. */
function ask(address: string): Promise<{ status: number; body: string; headers: IncomingHttpHeaders }> {
  const { port } = new URL(dashboard.url);
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: address }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    }).on('error', reject);
  });
}

test('a search that a fit has ended by the clock is finished, and says that time was over', async () => {
  const list: ListEntry[] = JSON.parse((await ask('/api/runs')).body);
  expect(list.map(({ run }) => run).toSorted()).toEqual(['mine', 'mine/search']);
  expect(list.find(({ run }) => run === 'mine/search')).toMatchObject({ state: 'finished', done: 2, total: 1000, ending: 'time' });
  const view: RunView = JSON.parse((await ask('/api/runs/mine%2fsearch')).body);
  expect(view).toMatchObject({ state: 'finished', ending: 'time' });
  // As long as the fit is at it, an interrupted search is one.
  await writeFile(at('fit.json'), JSON.stringify({ ...state, searched: false, trained: false }));
  const before: RunView = JSON.parse((await ask('/api/runs/mine%2fsearch')).body);
  expect(before).toMatchObject({ state: 'interrupted', ending: null });
  await writeFile(at('fit.json'), JSON.stringify(state));
});

test('the pace of the first architectures is of the time since the search began', async () => {
  const { pace }: RunCharts = JSON.parse((await ask('/api/runs/mine%2fsearch/charts')).body);
  expect(pace.observed).toEqual([1, 2]);
  // Two in at least 200 milliseconds; between the two of them lie some microseconds.
  for (const value of pace.value) expect(value).toBeLessThanOrEqual((2 * 3_600_000) / 200);
});

test('of the trainings the best is told from those that were left behind', () => {
  const training = (run: string, best: number | null, done: number): ListedRun => {
    const about = { kind: 'training', state: 'finished', begun: null, task: '', data: '', images: null, seconds: null } as const;
    return { ...about, run, done, total: 9, ending: null, best: best === null ? null : { name: 'meanIoU', value: best }, curve: [] };
  };
  const parts = [training('a', 0.2, 3), training('b', 0.4, 8), training('c', 0.4, 4), training('d', null, 0)];
  const damaged = { run: 'e', state: 'damaged', reason: '' } as const;
  const endings = withEndings([...parts, damaged]).map((part) => (part.state === 'damaged' ? part.state : part.ending));
  expect(endings).toEqual(['left behind', 'time', 'left behind', 'left behind', 'damaged']);
  expect(withEndings([training('a', 0.2, 9)])).toMatchObject([{ ending: null }]);
});

test('the list tells the figure of the model that it has left, not of a training that was worse', async () => {
  const listed = async (): Promise<ListEntry | undefined> => {
    const list: ListEntry[] = JSON.parse((await ask('/api/runs')).body);
    return list.find(({ run }) => run === 'mine');
  };
  expect(await listed()).toMatchObject({ best: { name: 'meanIoU', value: 0.435 } });
  // While it goes on, an earlier model's figure is not its own.
  await writeFile(at('fit.json'), JSON.stringify({ ...state, trained: false }));
  expect(await listed()).toMatchObject({ best: null });
  await writeFile(at('fit.json'), JSON.stringify(state));
});

test('its page has the figures of its model and all that it has left', async () => {
  const { result, files }: FitView = JSON.parse((await ask('/api/runs/mine')).body);
  const { intervals: parts, ...told } = metrics;
  expect(result).toEqual({ ...told, parts, test: null });
  expect(files.map(({ name }) => name)).toEqual(['model.onnx', 'metrics.json', 'report.html', 'playground/', 'for-transformers.js/']);
  for (const { name, address } of files) {
    if (name === 'for-transformers.js/') expect(address).toBeNull();
    else expect((await ask(`/${address}`)).status, name).toBe(200);
  }
  await writeFile(at('metrics.json'), 'no JSON');
  expect(JSON.parse((await ask('/api/runs/mine')).body)).toMatchObject({ result: null });
  await writeFile(at('metrics.json'), JSON.stringify(metrics));
});

test('its report is shown without scripts; the page of its playground is the package’s own', async () => {
  const report = await ask('/api/runs/mine/files/report.html');
  expect(report.headers['content-type']).toContain('text/html');
  expect(report.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none';/);
  expect(report.headers['content-disposition']).toBeUndefined();
  expect((await ask('/api/runs/mine/files/model.onnx')).headers['content-disposition']).toBe('attachment; filename="model.onnx"');
  const page = await ask('/playground/mine/');
  expect([page.status, page.body.includes('<title>Auxcell playground')]).toEqual([200, true]);
  const [, script = ''] = /src="\.\/(assets\/[^"]+)"/.exec(page.body) ?? [];
  expect((await ask(`/playground/mine/${script}`)).headers['content-type']).toContain('javascript');
  expect((await ask('/playground/mine/manifest.json')).body).toBe('{"name":"mine"}');
  expect((await ask('/playground/mine/samples/0.jpg')).body).toBe('picture');
});

test.each([
  'api/runs/mine/files/not-a-result.txt',
  'api/runs/mine/files/fit.json',
  'api/runs/mine/files/preset.yaml',
  'api/runs/mine/files/..%2f..%2fsecret',
  'api/runs/mine/files/%2e%2e%2fmine%2fmodel.onnx',
  'api/runs/mine%2fsearch/files/model.onnx',
  'api/runs/mine%2f..%2fmine/files/model.onnx',
  'playground/mine/samples/1.jpg',
  'playground/mine/index.html',
  'playground/mine/../../../secret',
  'playground/mine/samples/..%2f..%2fmetrics.json',
  'playground/mine/assets/..%2f..%2f..%2fpackage.json',
  'playground/mine/samples/0.jpg%00',
  'playground/mine%2fsearch/',
  'playground/none/',
])('%s is nothing that is handed out', async (address) => {
  const { status, body } = await ask(`/${address}`);
  expect([status, body.includes('secret'), body.includes('private')]).toEqual([404, false, false]);
});

test('a playground that is a link is none', async () => {
  await rename(at('playground'), path.join(runs, '..', 'elsewhere'));
  await symlink(path.join(runs, '..', 'elsewhere'), at('playground'));
  expect((await ask('/playground/mine/manifest.json')).status).toBe(404);
  expect((await ask('/playground/mine/')).status).toBe(404);
});
