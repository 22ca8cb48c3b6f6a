// What the dashboard's server says of runs that are not as they should be, and to whom it says anything.

import { cp, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runsCommand } from '../../src/cli/runs.js';
import { loadPreset } from '../../src/core/preset/index.js';
import { inspectRun, RunFolder, type TrialDetail, type TrialStore } from '../../src/core/search/index.js';
import { type ListEntry, type RunCharts, type RunView, serveDashboard, type TrialPage, type TrialView } from '../../src/server/index.js';
import { canonicalKey, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';

const genotype = parseGenotype(publishedGenotypes.arch0);
const preset = await loadPreset('demo');
let runs: string;
let dashboard: Awaited<ReturnType<typeof serveDashboard>>;

function finish(store: TrialStore, index: number, reward: number, detail: TrialDetail = {}): void {
  const key = canonicalKey(genotype);
  store.propose({ index, genotype, key });
  const trial = {
    index,
    genotype: JSON.parse(publishedGenotypes.arch0),
    key,
    reward,
    metrics: { meanIoU: reward },
    loss: 1,
    parameters: 2_000_000,
    multiplyAdds: 500_000_000 + index,
    inputSize: [192, 256] satisfies [number, number],
    stage: 1,
    seed: 1,
    seconds: { training: 1, validation: 1 },
    policy: { entropy: 2 },
  };
  store.finish(trial, detail, { kind: 'none' }, undefined);
}

async function makeRun(name: string, rewards: readonly number[]): Promise<RunFolder> {
  const run = await RunFolder.create(path.join(runs, name));
  await run.writeConfig({ seed: 7, data: 'nowhere', preset: { ...preset, candidates: 40 } });
  const store = run.openStore();
  store.begin({ kind: 'none' }, undefined);
  for (const [i, reward] of rewards.entries()) finish(store, i + 1, reward);
  store.close();
  return run;
}

/** @returns status and body */
function ask(
  address: string,
  headers: Readonly<Record<string, string>> = {},
  url = dashboard.url,
): Promise<{ status: number; body: string }> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: address, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

const errorOf = ({ body }: { body: string }): string => JSON.parse(body).error;

beforeAll(async () => {
  runs = await temporaryFolder();
  await makeRun('good', [0.1, 0.4, 0.2]);
  dashboard = await serveDashboard({ runs, host: '127.0.0.1', port: 0 });
});
afterAll(() => dashboard.close());

describe('damaged runs', () => {
  beforeAll(async () => {
    await writeFile(
      (await makeRun('no database', [0.5])).path('search.db'),
      'not a database, but long enough to look like one'.repeat(100),
    );
    await writeFile((await makeRun('bad config', [0.5])).path('config.yaml'), 'a: [');
    await writeFile((await makeRun('other config', [0.5])).path('config.yaml'), 'data: x\nseed: 1\n');
    await rm((await makeRun('no config', [0.5])).path('config.yaml'));
    const later = new Database((await makeRun('later version', [0.5])).path('search.db'));
    later.prepare("UPDATE meta SET value = '99' WHERE key = 'format'").run();
    later.close();
    const lost = await makeRun('lost database', [0.5]);
    for (const ending of ['', '-wal', '-shm']) await rm(lost.path(`search.db${ending}`), { force: true });
    await utimes(lost.path('config.yaml'), 0, 0);
    // Pages of a table are overwritten: it opens, and cannot be read.
    const torn = await makeRun(
      'torn',
      Array.from({ length: 200 }, () => 0.5),
    );
    const { size } = await import('node:fs/promises').then(({ stat }) => stat(torn.path('search.db')));
    const { open } = await import('node:fs/promises');
    const handle = await open(torn.path('search.db'), 'r+');
    await handle.write(new Uint8Array(size - 4096).fill(0xee), 0, size - 4096, 4096);
    await handle.close();
    const linked = await makeRun('linked', [0.5]);
    await rename(linked.path('search.db'), path.join(runs, 'elsewhere.db'));
    await symlink(path.join(runs, 'elsewhere.db'), linked.path('search.db'));
    // A training has a configuration too, and no database; this one's says too little.
    await mkdir(path.join(runs, 'training'));
    await writeFile(path.join(runs, 'training', 'config.yaml'), 'genotype: x\n');
  });

  const reasons: Readonly<Record<string, RegExp>> = {
    'no database': /cannot be opened as the database of a search/,
    'bad config': /config\.yaml: not YAML/,
    'other config': /config\.yaml: not the configuration of a search/,
    'no config': /no config\.yaml/,
    'later version': /format 99/,
    'lost database': /search\.db is missing/,
    torn: /malformed|cannot be opened/,
  };

  test('stand beside the others, each with its reason', async () => {
    const list: ListEntry[] = JSON.parse((await ask('/api/runs')).body);
    expect(list.find(({ run }) => run === 'good')).toMatchObject({
      kind: 'search',
      state: 'interrupted',
      done: 3,
      best: { name: 'reward', value: 0.4 },
      curve: [0.1, 0.4, 0.2],
    });
    for (const [name, reason] of Object.entries(reasons)) {
      expect(list.find(({ run }) => run === name)).toMatchObject({ state: 'damaged', reason: expect.stringMatching(reason) });
      const answer = await ask(`/api/runs/${encodeURIComponent(name)}`);
      expect(answer.status).toBe(422);
      expect(errorOf(answer)).toMatch(reason);
      expect(await inspectRun(path.join(runs, name))).toMatchObject({ run: name, state: 'damaged', reason: expect.stringMatching(reason) });
    }
    expect(list.find(({ run }) => run === 'training')).toMatchObject({
      state: 'damaged',
      reason: expect.stringMatching(/config\.yaml: not the configuration of a training/),
    });
    expect(list.map(({ run }) => run)).not.toContain('linked');
  });

  test('so does the command runs', async () => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    try {
      await runsCommand(runs, {});
    } finally {
      console.log = log;
    }
    const text = lines.join('\n');
    expect(text).toMatch(/good +interrupted +3\/40 +reward 0\.400 /);
    for (const name of Object.keys(reasons)) expect(text).toMatch(new RegExp(`^${name} +damaged `, 'm'));
  });
});

test('a run that is made anew under its name is another one', async () => {
  const first = await makeRun('again', [0.1, 0.2]);
  const before: RunView = JSON.parse((await ask('/api/runs/again')).body);
  const charts: RunCharts = JSON.parse((await ask('/api/runs/again/charts')).body);
  expect([before.done, charts.points.reward]).toEqual([2, [0.1, 0.2]]);
  await rm(first.folder, { recursive: true });
  await makeRun('again', [0.7]);
  const after: RunView = JSON.parse((await ask('/api/runs/again')).body);
  expect(after.id).not.toBe(before.id);
  expect([after.done, after.best]).toEqual([1, { index: 1, reward: 0.7 }]);
  const anew: RunCharts = JSON.parse((await ask('/api/runs/again/charts')).body);
  expect([anew.id, anew.points.reward]).toEqual([after.id, [0.7]]);
  // A copy is the same run, wherever it lies.
  await cp(path.join(runs, 'again'), path.join(runs, 'copy'), { recursive: true });
  expect(JSON.parse((await ask('/api/runs/copy')).body).id).toBe(after.id);
});

test('what this version does not know is told as far as it can be', async () => {
  const run = await makeRun('strange', [0.3, 0.5, 0.4, 0.2, 0.1]);
  const db = new Database(run.path('search.db'));
  const change = db.prepare('UPDATE trials SET genotype = ?, record = ? WHERE idx = ?');
  change.run('{"version":2,"cells":[]}', JSON.stringify({ metrics: { meanIoU: null, 'a new one': 0.25 }, parameters: 'many' }), 1);
  change.run('[[99,[0,1,98,97]],[[0,55]]]', 'no JSON at all', 2);
  change.run('no JSON', JSON.stringify({ metrics: 7, policy: null, parameters: 1_000_000, multiplyAdds: 2_000_000 }), 3);
  db.prepare("UPDATE meta SET value = 'no JSON' WHERE key = 'live'").run();
  db.close();
  await expect(run.readTrials()).rejects.toThrow(/search\.db: the record of trial 1 is not of this version's form/);
  const charts: RunCharts = JSON.parse((await ask('/api/runs/strange/charts')).body);
  expect(charts.done).toBe(5);
  expect(charts.points.parameters).toEqual([null, null, 1_000_000, 2_000_000, 2_000_000]);
  expect(charts.points.failed).toEqual([false, true, false, false, false]);
  expect(charts.fronts.parameters).toEqual({ index: [3], cost: [1_000_000], reward: [0.4] });
  expect(charts.ops.filter(({ part }) => part === 2).map(({ choice }) => choice)).toEqual([97, 98, 99]);
  expect(charts.inputs.filter(({ part }) => part === 2).map(({ choice }) => choice)).toEqual([0, 55]);
  const { rows }: TrialPage = JSON.parse((await ask('/api/runs/strange/trials')).body);
  expect(rows[0]).toMatchObject({ index: 2, reward: 0.5, score: null, parameters: null, error: 'its record cannot be read' });
  const { trial }: TrialView = JSON.parse((await ask('/api/runs/strange/trials/1')).body);
  expect(trial).toMatchObject({ reward: 0.3, score: null, metrics: { meanIoU: null, 'a new one': 0.25 }, genotypeJson: { version: 2 } });
  expect(JSON.parse((await ask('/api/runs/strange/trials/3')).body).trial.genotypeJson).toBe('no JSON');
  const { done, best, live }: RunView = JSON.parse((await ask('/api/runs/strange')).body);
  expect({ done, best, live }).toEqual({ done: 5, best: { index: 3, reward: 0.4 }, live: [] });
});

test('many trials are thinned out; the best and the fronts are exact', async () => {
  const rewards = Array.from({ length: 6000 }, (_, i) => 0.5 + 0.4 * Math.sin(i * i));
  const run = await makeRun('many', []);
  const db = new Database(run.path('search.db'));
  const insert = db.prepare(
    "INSERT INTO trials (idx, key, genotype, snapshot, state, observed, reward, record, started, finished) VALUES (?, 'k', '[[1,[0,1,2,3]],[[0,1]]]', 0, 'done', ?, ?, ?, '2026', ?)",
  );
  const costOf = (i: number): number => 1_000_000 + ((i * 7919) % 6007);
  db.transaction(() => {
    for (const [i, reward] of rewards.entries())
      insert.run(i + 1, i + 1, reward, JSON.stringify({ metrics: {}, parameters: costOf(i) }), new Date(1000 * i).toISOString());
  })();
  db.close();
  const charts: RunCharts = JSON.parse((await ask('/api/runs/many/charts')).body);
  expect(charts.done).toBe(6000);
  expect(charts.points.index.length).toBeLessThan(4200);
  const best = Math.max(...rewards);
  expect(charts.points.reward).toContain(best);
  expect(charts.best.value.at(-1)).toBe(best);
  expect(charts.pace.value.at(-1)).toBeCloseTo(3600, 6);
  // The front, as it would be found with all the time in the world.
  const all = rewards.map((reward, i) => ({ index: i + 1, cost: costOf(i), reward }));
  const front = all
    .filter((a) => !all.some((b) => b !== a && b.cost <= a.cost && b.reward >= a.reward && (b.cost < a.cost || b.reward > a.reward)))
    .toSorted((a, b) => a.cost - b.cost);
  expect(charts.fronts.parameters.index).toEqual(front.map(({ index }) => index));
  const page: TrialPage = JSON.parse((await ask('/api/runs/many/trials?from=5990&count=50')).body);
  expect(page.rows.map(({ reward }) => reward)).toEqual(rewards.toSorted((a, b) => b - a).slice(5990));
});

test('a table is sorted by any column, shows those of a kind or with an op, and says where one stands in it', async () => {
  const run = await makeRun('table', []);
  const db = new Database(run.path('search.db'));
  const insert = db.prepare(
    "INSERT INTO trials (idx, key, genotype, snapshot, state, observed, reward, record, started, finished) VALUES (?, 'k', ?, 0, 'done', ?, ?, ?, '2026', '2026')",
  );
  const seconds = (training: number) => ({ training, validation: 1 });
  // An op 7 in the second and the third; the fourth failed, the fifth is an equal network's.
  const rows = [
    ['[[1,[0,1,2,3]],[[0,1]]]', 0.3, { parameters: 5, multiplyAdds: 30, latency: 9, seconds: seconds(4), metrics: { meanIoU: 0.9 } }],
    ['[[7,[0,1,2,3]],[[0,1]]]', 0.5, { parameters: 1, multiplyAdds: 40, seconds: seconds(2), metrics: { meanIoU: 0.1 } }],
    ['[[1,[7,1,2,7]],[[0,1]]]', 0.4, { parameters: 9, multiplyAdds: 50, latency: 3, seconds: seconds(3), metrics: { meanIoU: 0.5 } }],
    ['[[1,[0,1,2,3]],[[0,1]]]', 0, { parameters: 2, multiplyAdds: 1, error: 'diverged', metrics: {} }],
    ['[[1,[0,1,2,3]],[[0,1]]]', 0.2, { parameters: 5, multiplyAdds: 20, reusedFrom: '1', metrics: { meanIoU: 0.9, 'a, "new" one': 1 } }],
  ] as const;
  db.transaction(() => {
    for (const [i, [genotype, reward, record]] of rows.entries()) insert.run(i + 1, genotype, i + 1, reward, JSON.stringify(record));
  })();
  db.close();
  const shown = async (query: string): Promise<number[]> => {
    const { rows: found, count }: TrialPage = JSON.parse((await ask(`/api/runs/table/trials?${query}`)).body);
    expect(count).toBe(found.length);
    return found.map(({ index }) => index);
  };
  expect(await shown('')).toEqual([2, 3, 1, 5, 4]);
  expect(await shown('descending=false')).toEqual([4, 5, 1, 3, 2]);
  expect(await shown('sort=parameters&descending=false')).toEqual([2, 4, 1, 5, 3]);
  expect(await shown('sort=index')).toEqual([5, 4, 3, 2, 1]);
  // What has no figure stands last, either way.
  expect(await shown('sort=latency')).toEqual([1, 3, 2, 4, 5]);
  expect(await shown('sort=latency&descending=false')).toEqual([3, 1, 2, 4, 5]);
  expect(await shown('sort=seconds&descending=false&show=trained')).toEqual([2, 3, 1]);
  expect(await shown('sort=score&show=trained')).toEqual([1, 3, 2]);
  expect(await shown('show=failed')).toEqual([4]);
  expect(await shown('show=front')).toEqual([2, 1, 5]);
  expect(await shown('show=front&cost=parameters')).toEqual([2]);
  expect(await shown('op=7')).toEqual([2, 3]);
  const { rows: page, count }: TrialPage = JSON.parse((await ask('/api/runs/table/trials?from=1&count=2')).body);
  expect([page.map(({ index }) => index), count]).toEqual([[3, 1], 5]);
  expect(page[1]).toMatchObject({ latency: 9, seconds: 5, score: 0.9 });
  const at = async (index: number, query = ''): Promise<unknown> =>
    JSON.parse((await ask(`/api/runs/table/trials/${index}/neighbours?${query}`)).body);
  expect(await at(3)).toEqual({ previous: 2, next: 1, place: 2, count: 5 });
  expect(await at(2, 'op=7')).toEqual({ previous: null, next: 3, place: 1, count: 2 });
  expect(await at(4, 'op=7')).toEqual({ previous: null, next: null, place: null, count: 2 });
  const csv = (await ask('/api/runs/table/trials.csv?show=failed')).body.trimEnd().split('\n');
  expect(csv[1]).toBe('4,0,2,1,,,,diverged,"[[1,[0,1,2,3]],[[0,1]]]"');
  const all = (await ask('/api/runs/table/trials.csv')).body.split('\n');
  expect(all[0]).toContain('"a, ""new"" one"');
  // Failed ones have no reward that an average could be of.
  const { mean, best }: RunCharts = JSON.parse((await ask('/api/runs/table/charts')).body);
  expect(mean.value[3]).toBeCloseTo(0.4, 12);
  expect(best.value).toEqual([0.3, 0.5, 0.5]);
});

test('what a run is about: its limits, its preset beside the nearest shipped one', async () => {
  const run = await makeRun('about', [0.1]);
  const config = await run.readConfig();
  await run.writeConfig({ ...config, limits: { parameters: 2_500_000 }, hours: 3, preset: { ...preset, candidates: 123 } });
  const view: RunView = JSON.parse((await ask('/api/runs/about')).body);
  expect(view.limits).toEqual(['2.50 M parameters', '3 h']);
  expect(view.preset?.name).toBe('demo');
  expect(view.preset?.differences).toEqual([{ key: 'candidates', here: '123', shipped: String(preset.candidates) }]);
  expect(view.reward).toBe('the geometric mean of mean IoU, frequency-weighted IoU and mean accuracy');
});

test.each([
  ['/api/runs/good/trials/abc', 'the address is wrong: index must be a whole number, not "abc"'],
  ['/api/runs/good/trials/0', 'the address is wrong: index must be 1 or more'],
  ['/api/runs/good/trials?count=1e9', 'the address is wrong: count must be a whole number, not "1e9"'],
  ['/api/runs/good/trials?count=100000', 'the address is wrong: count must be 500 or less'],
  [
    '/api/runs/good/trials?sort=worst',
    'the address is wrong: sort must be index, reward, score, parameters, multiplyAdds, latency or seconds, not "worst"',
  ],
  ['/api/runs/good/trials?op=11', 'the address is wrong: op must be below 11'],
])('%s is answered in a sentence', async (address, sentence) => {
  const answer = await ask(address);
  expect(answer.status).toBe(400);
  expect(errorOf(answer)).toBe(sentence);
});

test('behind a proxy: the refusal names the remedy, which wants the token', async () => {
  const refused = await ask('/api/runs', { host: 'Auxcell.Example.org' });
  expect(refused.status).toBe(403);
  expect(errorOf(refused)).toMatch(
    /answers to localhost, not to auxcell\.example\.org; .* start it with --allow-host auxcell\.example\.org/,
  );
  const open = await serveDashboard({ runs, host: '127.0.0.1', port: 0, allowHosts: ['auxcell.example.org'] });
  try {
    const { search } = new URL(open.url);
    expect((await ask('/api/runs', { host: 'auxcell.example.org' }, open.url)).status).toBe(401);
    expect((await ask('/api/runs', { host: 'localhost' }, open.url)).status).toBe(401);
    expect((await ask(`/api/runs${search}`, { host: 'auxcell.example.org' }, open.url)).status).toBe(200);
    expect((await ask(`/api/runs${search}`, { host: 'evil.example.org' }, open.url)).status).toBe(403);
  } finally {
    await open.close();
  }
});

test('two servers on one machine keep their tokens apart', async () => {
  const servers = await Promise.all([1, 2].map(() => serveDashboard({ runs, host: '127.0.0.1', port: 0, allowHosts: ['proxy'] })));
  try {
    const cookies: string[] = [];
    for (const { url } of servers) {
      const cookie = (await fetch(url)).headers.get('set-cookie') ?? '';
      expect(cookie).toMatch(/; HttpOnly; SameSite=Strict/);
      cookies.push(cookie.split(';')[0] ?? '');
    }
    const cookie = cookies.join('; ');
    for (const { url } of servers) expect((await ask('/api/runs', { cookie }, url)).status).toBe(200);
  } finally {
    for (const server of servers) await server.close();
  }
});

test('pictures by the numbers of their images, best first; those of 0.2 are the same of every trial', async () => {
  const [jpeg, truth, seen] = [Uint8Array.of(255, 216, 1), Uint8Array.of(137, 80, 2), Uint8Array.of(137, 80, 3)];
  const run = await makeRun('pictured', []);
  const store = run.openStore();
  const pictures = [
    { image: 17, score: 0.75, picture: seen },
    { image: 3, score: 0.25, picture: truth },
  ];
  finish(store, 1, 0.5, { pictures });
  store.keepPhoto(17, { jpeg, truth });
  store.close();
  const bytes = async (address: string): Promise<number[]> => [
    ...new Uint8Array(await (await fetch(`${dashboard.url}api/runs/pictured/${address}`)).arrayBuffer()),
  ];
  const view = async (): Promise<TrialView> => JSON.parse((await ask('/api/runs/pictured/trials/1')).body);
  expect((await view()).pictures).toEqual([
    { image: 17, score: 0.75 },
    { image: 3, score: 0.25 },
  ]);
  expect(await bytes('trials/1/pictures/17')).toEqual([...seen]);
  expect(await bytes('shown/17/photo')).toEqual([...jpeg]);
  expect(await bytes('shown/17/truth')).toEqual([...truth]);
  expect((await ask('/api/runs/pictured/trials/1/pictures/4')).status).toBe(404);

  const db = new Database(run.path('search.db'));
  db.exec(`DROP TABLE seen; DROP TABLE photos;
    CREATE TABLE pictures (idx INTEGER NOT NULL, image INTEGER NOT NULL, png BLOB NOT NULL, PRIMARY KEY (idx, image)) WITHOUT ROWID;
    CREATE TABLE shown (image INTEGER PRIMARY KEY, jpeg BLOB NOT NULL, truth BLOB NOT NULL);`);
  db.prepare('INSERT INTO pictures VALUES (1, 0, ?)').run(seen);
  db.prepare('INSERT INTO shown VALUES (0, ?, ?)').run(jpeg, truth);
  db.close();
  expect((await view()).pictures).toEqual([{ image: 0, score: null }]);
  expect(await bytes('trials/1/pictures/0')).toEqual([...seen]);
  expect(await bytes('shown/0/photo')).toEqual([...jpeg]);
});
