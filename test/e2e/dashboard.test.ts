// The dashboard in a real browser, on a run that this file makes: what it shows is what the database holds, it follows a
// search, it survives the server's restart, and it answers nobody it should not.

import { mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import path from 'node:path';
import Database from 'better-sqlite3';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeMask } from '../../src/core/data/index.js';
import { loadPreset } from '../../src/core/preset/index.js';
import { liveCandidates, RunFolder, type Trial, type TrialStore } from '../../src/core/search/index.js';
import { type RunCharts, serveDashboard, type TrialPage, type TrialView, writeReport } from '../../src/server/index.js';
import { canonicalKey, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';
import { chartMarks } from './chart-marks.js';
import { chartValues, expectPoints } from './chart-values.js';
import { differenceFromReference } from './looks.js';
import { pageTroubles, textTroubles } from './page-troubles.js';
import { temporaryFolder } from '../data/fixtures.js';

const hasBrowser = await hasChromium('the dashboard is not looked at');

const preset = await loadPreset('demo');
if (preset.task !== 'segmentation') throw new TypeError('the demo is for segmentation');
const genotype = parseGenotype(publishedGenotypes.arch0);
const classes = preset.data.classes.length;
const { width, height } = preset.validation.framing;

function trialOf(index: number): Trial {
  const reward = 0.3 + 0.2 * Math.abs(Math.sin(index));
  return {
    index,
    genotype: JSON.parse(publishedGenotypes.arch0),
    key: canonicalKey(genotype),
    reward,
    metrics: { meanIoU: reward - 0.1 },
    loss: 1,
    parameters: 2_000_000 + index,
    multiplyAdds: 500_000_000 + 1_000_000 * index,
    inputSize: [height, width],
    stage: 1,
    seed: 1,
    seconds: { training: 1, validation: 1 },
    policy: { entropy: 2 - index / 100 },
  };
}

const mask = encodeMask({ width, height, data: new Uint8Array(width * height).fill(1) }, classes);

function finish(store: TrialStore, index: number): void {
  store.propose({ index, genotype, key: canonicalKey(genotype) });
  const counts = Array.from({ length: classes * classes }, (_, i) => (i % (classes + 1) === 0 ? 90 : 2));
  const epochs = [
    { stage: 1, epoch: 1, loss: 2 },
    { stage: 1, epoch: 2, loss: 1 },
  ];
  const pictures = [{ image: 4, score: 0.5, picture: mask }];
  store.finish(trialOf(index), { epochs, breakdown: { kind: 'confusion', counts }, pictures }, { kind: 'none' }, undefined);
}

let runs: string;
let store: TrialStore;
let dashboard: Awaited<ReturnType<typeof serveDashboard>>;

beforeAll(async () => {
  runs = await temporaryFolder();
  const run = await RunFolder.create(path.join(runs, 'mine'));
  // A label that would be a script if it were not text.
  const named = {
    ...preset,
    data: { ...preset.data, classes: preset.data.classes.map((name, i) => (i === 1 ? '<img src=x onerror=alert(1)>' : name)) },
  };
  await run.writeConfig({ seed: 7, data: 'nowhere', preset: { ...named, candidates: 40 } });
  store = run.openStore();
  store.begin({ kind: 'none' }, undefined);
  store.keepPhoto(4, { jpeg: mask, truth: mask });
  for (let index = 1; index <= 30; index++) finish(store, index);
  await mkdir(path.join(runs, 'not-a-run'));
  await symlink('/etc', path.join(runs, 'link'));
  await writeFile(path.join(runs, 'file'), 'text');
  dashboard = await serveDashboard({ runs, host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await dashboard.close();
  store.close();
});

/** A request as it is written, without a client's tidying of the path. @returns status and body */
function ask(rawPath: string, host?: string): Promise<{ readonly status: number; readonly body: string }> {
  const { port } = new URL(dashboard.url);
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: rawPath, headers: host === undefined ? {} : { host } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

describe('the server', () => {
  test('tells what the database holds', async () => {
    const list = JSON.parse((await ask('/api/runs')).body);
    expect(list).toMatchObject([
      { kind: 'search', run: 'mine', state: 'interrupted', done: 30, total: 40, task: 'segmentation', data: 'nowhere' },
    ]);
    const view = JSON.parse((await ask('/api/runs/mine')).body);
    expect(view).toMatchObject({ done: 30, candidates: 40, id: store.id() });
    const rewards = store.trials().map(({ reward }) => reward);
    const charts: RunCharts = JSON.parse((await ask('/api/runs/mine/charts')).body);
    expect(charts.points.reward).toEqual(rewards);
    expect(charts.best.value.at(-1)).toBe(Math.max(...rewards));
    expect(charts.mean.value[24]).toBeCloseTo(rewards.slice(5, 25).reduce((a, b) => a + b, 0) / 20, 12);
    const { rows }: TrialPage = JSON.parse((await ask('/api/runs/mine/trials?count=7&from=2')).body);
    expect(rows.map(({ reward }) => reward)).toEqual(rewards.toSorted((a, b) => b - a).slice(2, 9));
    const { trial }: TrialView = JSON.parse((await ask('/api/runs/mine/trials/3')).body);
    const { reward, metrics, genotype: json } = trialOf(3);
    expect(trial).toMatchObject({ index: 3, reward, metrics, genotypeJson: json });
  });

  test.each([
    '/api/runs/..',
    '/api/runs/..%2f..%2fetc',
    '/api/runs/%2e%2e%2fmine',
    '/api/runs/%2Fetc',
    '/api/runs/mine%00',
    '/api/runs/link',
    '/api/runs/not-a-run',
    '/api/runs/file',
    '/api/runs/mine/trials/31',
    '/api/runs/mine/trials/1/pictures/99',
    '/api/runs/mine/model.onnx',
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/%00',
    '/etc/passwd',
  ])('gives nothing for %s', async (address) => {
    const { status, body } = await ask(address);
    expect(status, body).toBeGreaterThanOrEqual(400);
    expect(status, body).toBeLessThan(500);
    expect(body).not.toMatch(/root:|"dependencies"/);
  });

  test('answers to its own name only, and its pages may load from itself only', async () => {
    expect((await ask('/api/runs', 'evil.example')).status).toBe(403);
    const response = await fetch(dashboard.url);
    expect(response.headers.get('content-security-policy')).toMatch(
      /default-src 'none';script-src 'self' 'wasm-unsafe-eval';style-src 'self'/,
    );
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  });

  test('wants a token where others can reach it', async () => {
    const open = await serveDashboard({ runs, host: '0.0.0.0', port: 0 });
    try {
      const { port, search } = new URL(open.url);
      const base = `http://127.0.0.1:${port}/api/runs`;
      expect((await fetch(base)).status).toBe(401);
      expect((await fetch(`${base}?token=wrong`)).status).toBe(401);
      const first = await fetch(base + search);
      expect(first.status).toBe(200);
      const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
      expect((await fetch(base, { headers: { cookie } })).status).toBe(200);
    } finally {
      await open.close();
    }
  });
});

describe.skipIf(!hasBrowser)('the pages', () => {
  let browser: Browser;
  const troubles: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  const looked = [
    ['desk', { width: 1440, height: 900 }],
    ['phone', { width: 390, height: 844 }],
  ] as const;
  /** Facts that depend on when the run was made. */
  const changing = /architectures an hour|time so far|begun/;

  async function open(hash: string, scheme: 'light' | 'dark' = 'light', viewport = { width: 1440, height: 900 }): Promise<Page> {
    const page = await browser.newPage({ viewport, colorScheme: scheme });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
    });
    page.on('pageerror', (error) => troubles.push(error.message));
    await page.goto(dashboard.url + hash);
    return page;
  }

  test.each(['light', 'dark'] as const)('show no errors and no serious barrier, and every text can be read, %s', async (scheme) => {
    troubles.length = 0;
    for (const [hash, ready] of [
      ['', 'tbody tr'],
      ['#/mine', 'svg.plot path.dots'],
      ['#/mine/3', '.pictures img'],
    ] as const)
      for (const viewport of [
        { width: 1440, height: 900 },
        { width: 390, height: 844 },
      ]) {
        const page = await open(hash, scheme, viewport);
        await page.waitForSelector(ready);
        await page.waitForTimeout(300);
        expect(await pageTroubles(page), `${hash} at ${viewport.width}`).toEqual([]);
        await page.close();
      }
    expect(troubles).toEqual([]);
  });

  test('numbers are the database’s, and labels are text', async () => {
    const page = await open('#/mine');
    const best = store.trials().reduce((a, b) => (b.reward > a.reward ? b : a));
    await expect.poll(() => page.textContent('[data-fact=best]')).toBe(`${best.reward.toFixed(3)} (#${best.index})`);
    expect(await page.textContent('[data-fact=done]')).toBe('30 of 40');
    await page.click('[data-fact=best]');
    await expect.poll(() => page.textContent('[data-fact=reward]')).toBe(best.reward.toFixed(3));
    await expect.poll(() => page.textContent('main')).toContain('<img src=x onerror=alert(1)>');
    expect(await page.locator('img[src=x]').count()).toBe(0);
    await page.focus('g.box.block');
    expect(await page.textContent('.hint')).toMatch(/block 1, cell \+ cell: map 48×\d+×\d+, [\d,]+ parameters/);
    // Of taps 3 and 0: the block's map has the size of the larger one.
    await page.locator('g.box.block', { hasText: 'block 3' }).hover();
    await expect.poll(() => page.textContent('.hint')).toContain('block 3, cell + cell: map 48×48×64, ');
    await page.close();
  });

  test('every mark stands out from its panel, 3:1 at least, and every line and dot has its key', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const page = await open('#/mine', scheme);
      await page.waitForSelector('svg.plot path.dots');
      await page.waitForTimeout(300);
      const marks = await chartMarks(page);
      expect(new Set(marks.map(({ title }) => title)).size).toBeGreaterThanOrEqual(4);
      expect(marks.filter(({ contrast, isInKey }) => contrast < 3 || !isInKey)).toEqual([]);
      await page.close();
    }
  });

  test('the table is sorted and filtered; one goes through it in its order, beside another one, and back to where one was', async () => {
    const page = await open('#/mine');
    const shown = async (): Promise<string[]> =>
      (await page.locator('.sheet .row a').allTextContents()).map((text) => text.trim()).slice(0, 3);
    const byReward = store.trials().toSorted((a, b) => b.reward - a.reward);
    await expect.poll(shown).toEqual(byReward.slice(0, 3).map(({ index }) => `#${index}`));
    await page.getByRole('button', { name: 'params' }).click();
    await expect.poll(shown).toEqual(['#1', '#2', '#3']);
    await page.getByRole('button', { name: 'params' }).click();
    await expect.poll(shown).toEqual(['#30', '#29', '#28']);
    await page.reload();
    await expect.poll(shown).toEqual(['#30', '#29', '#28']);
    await page.getByLabel('show').selectOption('failed');
    await expect.poll(() => page.textContent('[data-fact=shown]')).toBe('0 architectures');
    await page.getByLabel('show').selectOption('all');
    await expect.poll(shown).toEqual(['#30', '#29', '#28']);
    const link = page.getByRole('link', { name: '#29', exact: true });
    await link.scrollIntoViewIfNeeded();
    const place = Number(await page.evaluate('scrollY'));
    expect(place).toBeGreaterThan(300);
    await expect.poll(() => page.evaluate('history.state?.place')).toBe(place);
    await link.click();
    await expect.poll(() => page.textContent('[data-fact=place]')).toBe('2 of 30');
    expect(await page.title()).toBe('#29 · mine · Auxcell');
    await page.getByRole('link', { name: 'next: #28' }).click();
    await expect.poll(() => page.textContent('[data-fact=place]')).toBe('3 of 30');
    await page.getByLabel('beside #').fill('3');
    await expect.poll(() => page.textContent('h1')).toBe('mine #28 beside #3');
    const row = page.locator('.figures tr', { hasText: 'reward' });
    const [a, b] = [store.trial(28)?.reward ?? 0, store.trial(3)?.reward ?? 0];
    expect(await row.locator('td').allTextContents()).toEqual([
      a.toFixed(3),
      b.toFixed(3),
      `${b < a ? '−' : '+'}${Math.abs(b - a).toFixed(3)}`,
    ]);
    // The same genotype: nothing differs.
    expect(await page.locator('.box.differs').count()).toBe(0);
    for (let steps = 0; steps < 2; steps++) await page.goBack();
    await expect.poll(shown).toEqual(['#30', '#29', '#28']);
    await expect.poll(() => page.evaluate('scrollY'), { timeout: 5000 }).toBe(place);
    await page.close();
  });

  test('what is read off the axes is what was measured', async () => {
    const page = await open('#/mine');
    await page.waitForSelector('svg.plot path.dots');
    await page.waitForTimeout(300);
    const trials = store.trials();
    const rewards = await chartValues(page, 'Reward of every architecture');
    expect(rewards.off).toBeLessThan(1);
    expect(Math.min(...rewards.labels)).toBeGreaterThan(1);
    expectPoints(
      rewards.dots,
      trials.map(({ reward }, i) => [i + 1, reward]),
      [0.1, 0.002],
    );
    const front = await chartValues(page, 'The front: what no other architecture beats in both');
    expectPoints(
      front.dots,
      trials.map(({ multiplyAdds, reward }) => [multiplyAdds / 1e9, reward]),
      [0.0002, 0.002],
    );
    const entropy = await chartValues(page, 'Entropy of the policy');
    expect(entropy.off).toBeLessThan(1);
    await page.goto(`${dashboard.url}#/mine/3`);
    await page.waitForSelector('.pictures img');
    await page.waitForTimeout(300);
    const loss = await chartValues(page, 'Mean loss of an epoch, in training');
    expectPoints(
      loss.circles,
      [
        [1, 2],
        [2, 1],
      ],
      [0.02, 0.02],
    );
    // 90 right; 2 · (n - 1) taken for it and as many of its own taken for others.
    const iou = 90 / (90 + 4 * (classes - 1));
    const { bars } = await chartValues(page, 'IoU of each class');
    expect(bars).toHaveLength(classes);
    for (const bar of bars) expect(bar).toBeCloseTo(iou, 2);
    await page.close();
  });

  test('Back keeps the place also where the page comes slowly', async () => {
    const page = await open('#/mine');
    await page.waitForSelector('.sheet .row a');
    await page.evaluate('scroll(0, 700)');
    await expect.poll(() => page.evaluate('history.state?.place')).toBe(700);
    await page
      .locator('.sheet .row a')
      .first()
      .evaluate((link: { click(): void }) => link.click());
    await page.waitForSelector('.pictures img');
    await page.route('**/api/**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    // A frame comes while the page that is left is still there, as on a slow machine.
    await page.evaluate('window.requestAnimationFrame = (frame) => (frame(performance.now()), 0)');
    await page.goBack();
    await page.waitForSelector('.sheet .row a');
    await expect.poll(() => page.evaluate('scrollY'), { timeout: 5000 }).toBe(700);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.close();
  });

  test.each([
    ['runs', '', 'tbody tr'],
    ['run', '#/mine', 'svg.plot path.dots'],
    ['trial', '#/mine/3', '.pictures img'],
    ['beside', '#/mine/3?beside=11', '.figures tr'],
    ['compared', '#/?c1=mine', '.chart-key li'],
  ] as const)('look as they did: %s', async (name, hash, ready) => {
    for (const [device, viewport] of looked) {
      const page = await open(hash, 'light', viewport);
      await page.waitForSelector(ready);
      await page.waitForTimeout(300);
      // What depends on when this run was made is covered.
      const mask = [
        page.locator('td.date'),
        page.locator('.facts > div', { hasText: changing }),
        page.locator('figure', { hasText: 'Architectures an hour' }),
        page.locator('figure', { hasText: 'Searches compared' }).locator('svg.plot'),
      ];
      const png = await page.screenshot({ mask });
      expect(await differenceFromReference(`${name}-${device}`, png), `${name} on a ${device}`).toBeLessThan(0.01);
      await page.close();
    }
  });

  test('what is counted stands on whole ticks', async () => {
    const page = await open('#/mine');
    await page.waitForSelector('svg.plot path.dots');
    const entropy = await page.locator('figure', { hasText: 'Entropy of the policy' }).locator('text').allTextContents();
    expect(entropy).toContain('1.75');
    // Architectures are counted: no half ones.
    const counts = entropy.filter((text) => /^[\d.,]+$/.test(text) && Number(text) > 2.1);
    expect(counts.length).toBeGreaterThan(2);
    expect(counts.every((text) => /^\d+$/.test(text))).toBe(true);
    await page.close();
  });

  test('what this version does not know is shown as text; a run made anew is noticed', async () => {
    const folder = path.join(runs, 'strange');
    const make = async (count: number, change: string): Promise<void> => {
      const run = await RunFolder.create(folder);
      await run.writeConfig({ seed: 7, data: 'nowhere', preset: { ...preset, candidates: 40 } });
      const strange = run.openStore();
      strange.begin({ kind: 'none' }, undefined);
      for (let index = 1; index <= count; index++) finish(strange, index);
      strange.close();
      const db = new Database(run.path('search.db'));
      db.exec(change);
      db.close();
    };
    await make(3, `UPDATE trials SET genotype = '{"version": 2}', record = '{"metrics": {"newIoU": null}}' WHERE idx = 2`);
    const page = await open('#/strange/2');
    await expect.poll(() => page.textContent('main')).toContain('The network cannot be drawn');
    expect(await page.textContent('main')).toMatch(/newIoU\s*not a number/);
    expect(await page.textContent('.genotype')).toBe('{"version": 2}');
    await page.goto(`${dashboard.url}#/strange`);
    await expect.poll(() => page.textContent('[data-fact=done]')).toBe('3 of 40');
    await page.waitForSelector('svg.plot path.dots');
    await expect.poll(() => page.textContent('.rows')).toContain('{"version": 2}');
    await rm(folder, { recursive: true });
    await make(1, '');
    await expect.poll(() => page.textContent('[data-fact=done]'), { timeout: 10_000 }).toBe('1 of 40');
    await expect.poll(() => page.locator('.sheet .row').count()).toBe(1);
    expect(await page.textContent('.rows')).not.toContain('{"version": 2}');
    await page.close();
    await rm(folder, { recursive: true });
  });

  test('a damaged run is shown beside the others, with its reason', async () => {
    const folder = path.join(runs, 'damaged');
    await mkdir(folder);
    await writeFile(path.join(folder, 'search.db'), 'x'.repeat(5000));
    const page = await open('');
    await expect.poll(() => page.textContent('tbody')).toMatch(/damaged.*(config\.yaml|cannot be opened)/);
    expect(await page.textContent('tbody')).toContain('mine');
    await page.close();
    await rm(folder, { recursive: true });
  });

  test('the token leaves the address bar, and the page works without it', async () => {
    const guarded = await serveDashboard({ runs, host: '127.0.0.1', port: 0, allowHosts: ['proxy.example.org'] });
    const page = await browser.newPage();
    try {
      await page.goto(`${guarded.url}#/mine`);
      await expect.poll(() => page.textContent('[data-fact=done]')).toBe('30 of 40');
      expect(page.url()).toBe(`${new URL(guarded.url).origin}/#/mine`);
      await page.reload();
      await expect.poll(() => page.textContent('[data-fact=done]')).toBe('30 of 40');
    } finally {
      await page.close();
      await guarded.close();
    }
  });

  test('a report holds the run, in one file without a network', async () => {
    const file = path.join(runs, 'report.html');
    await writeFile(file, await writeReport(RunFolder.open(path.join(runs, 'mine')), 2));
    expect((await stat(file)).size).toBeLessThan(5 * 2 ** 20);
    const page = await browser.newPage();
    const troubles = troublesOf(page);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`file://${file}`);
    const [first, second] = store.trials().toSorted((a, b) => b.reward - a.reward);
    await expect
      .poll(() => page.locator('article [data-fact=reward]').allTextContents())
      .toEqual([first?.reward.toFixed(3), second?.reward.toFixed(3)]);
    await page.waitForSelector('.pictures img');
    for (const [device, viewport] of looked) {
      await page.setViewportSize(viewport);
      await page.waitForTimeout(300);
      const mask = [
        page.locator('main > p.note').first(),
        page.locator('.facts > div', { hasText: changing }),
        page.locator('figure', { hasText: 'Architectures an hour' }),
      ];
      const png = await page.screenshot({ mask });
      expect(await differenceFromReference(`report-${device}`, png), `the report on a ${device}`).toBeLessThan(0.01);
      expect(await pageTroubles(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.waitForTimeout(300);
    // On paper: lines and letters are drawn for its width, and what can be unfolded is.
    await page.setViewportSize({ width: 718, height: 1000 });
    await page.emulateMedia({ media: 'print' });
    await page.waitForTimeout(300);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(718);
    expect(await textTroubles(page)).toEqual([]);
    await page.emulateMedia({ media: 'screen' });
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.evaluate(`addEventListener('beforeprint', () => {
      window.onPaper = [...document.querySelectorAll('svg.plot')].map((chart) => Number(chart.getAttribute('width')));
    })`);
    await page.pdf({ format: 'A4' });
    const onPaper = await page.evaluate<number[]>('window.onPaper');
    expect(onPaper.length).toBeGreaterThan(4);
    expect(Math.max(...onPaper)).toBeLessThanOrEqual(600);
    expect(await page.locator('.more-facts').getAttribute('open')).not.toBeNull();
    await expect.poll(() => page.locator('svg.plot').first().getAttribute('width').then(Number)).toBeGreaterThan(1000);
    expect(await page.title()).toBe('mine: a report of Auxcell');
    // Its contents lead to what is in the file; its table is sorted and filtered without a server.
    expect(await page.locator('.contents a').allTextContents()).toEqual(['the search', `#${first?.index}`, `#${second?.index}`]);
    await page.getByRole('button', { name: 'params' }).click();
    await expect.poll(() => page.locator('.sheet .row').first().textContent()).toMatch(/^#1/);
    await page.getByLabel('with op').selectOption('conv1x1');
    await expect.poll(() => page.textContent('[data-fact=shown]')).toBe('0 architectures');
    expect(troubles).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    await page.close();
  });

  test('follow a search, and find the server again', async () => {
    const page = await open('#/mine');
    await expect.poll(() => page.textContent('[data-fact=done]')).toBe('30 of 40');
    store.set('pid', String(process.pid));
    store.set(
      'live',
      JSON.stringify([
        { index: 31, since: '', worker: 'process 1', doing: 'training', step: { stage: 1, step: 3, steps: 44, epoch: 0, loss: 1.5 } },
      ]),
    );
    expect(liveCandidates(store)).toHaveLength(1);
    await expect.poll(() => page.textContent('.live'), { timeout: 2000 }).toContain('#31 stage 1, epoch 1, step 3/44');
    finish(store, 31);
    await expect.poll(() => page.textContent('[data-fact=done]'), { timeout: 2000 }).toBe('31 of 40');
    const { port } = new URL(dashboard.url);
    await dashboard.close();
    finish(store, 32);
    dashboard = await serveDashboard({ runs, host: '127.0.0.1', port: Number(port) });
    await expect.poll(() => page.textContent('[data-fact=done]'), { timeout: 20_000 }).toBe('32 of 40');
    await page.close();
  });
});
