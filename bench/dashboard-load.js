// What a run of many architectures costs the dashboard: node bench/dashboard-load.js [TRIALS]
// Makes a run of TRIALS (100 000), serves it in a process of its own and asks as the page does: the run, its charts and the
// first rows of its table; once, five at once right after the start, and again when all has been read. Meanwhile another run
// of ten trials is asked for without a pause, and the longest of those answers is the wait of everybody else. Where there is a
// Chromium (CHROMIUM, or /usr/bin/chromium), a page is opened too, until its first chart stands.

import '../dist/platform/node/use-sqlite.js';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { get } from 'node:http';
import Database from 'better-sqlite3';
import { loadPreset } from '../dist/core/preset/index.js';
import { seededRandom } from '../dist/core/random/index.js';
import { RunFolder } from '../dist/core/search/index.js';

const trials = Number(process.argv[2] ?? 100_000);
const auxcell = path.join(import.meta.dirname, '..', 'bin', 'auxcell');
const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-load-'));

async function makeRun(name, count) {
  const run = await RunFolder.create(path.join(folder, name));
  await run.writeConfig({ seed: 1, data: 'nowhere', preset: { ...(await loadPreset('camvid')), candidates: count } });
  run.openStore().close();
  const db = new Database(run.path('search.db'));
  const random = seededRandom(1).fork(name);
  const trial = db.prepare(
    "INSERT INTO trials (idx, key, genotype, snapshot, state, observed, reward, record, started, finished) VALUES (?, ?, ?, 0, 'done', ?, ?, ?, ?, ?)",
  );
  const event = db.prepare("INSERT INTO events (at, kind, trial, detail) VALUES (?, 'worker lost', ?, 'it ended with SIGKILL')");
  db.transaction(() => {
    for (let i = 1; i <= count; i++) {
      const pick = (n) => random.integer(n);
      const round = (r) => [pick(2 + 3 * r), pick(2 + 3 * r), pick(11), pick(11)];
      const genotype = [
        [pick(11), round(0), round(1), round(2)],
        [
          [pick(4), pick(4)],
          [pick(5), pick(5)],
          [pick(6), pick(6)],
        ],
      ];
      const at = new Date(Date.UTC(2026, 0, 1) + 30_000 * i).toISOString();
      const reward = random.next() * (0.3 + (0.3 * i) / count);
      const record = {
        index: i,
        genotype,
        key: `key ${i}`,
        reward,
        metrics: { meanIoU: reward, pixelAccuracy: random.next(), meanAccuracy: random.next(), frequencyWeightedIoU: random.next() },
        loss: random.next(),
        parameters: 1_800_000 + pick(2_000_000),
        multiplyAdds: 400_000_000 + pick(2_000_000_000),
        inputSize: [360, 480],
        stage: 1 + pick(2),
        seed: pick(2 ** 31),
        seconds: { training: 30 * random.next(), validation: 3 * random.next() },
        policy: { logProbability: -20 * random.next(), entropy: 2.4 - i / count, baseline: random.next() },
        ...(i % 97 === 0 && { error: 'the loss of the first stage is not a number at step 12' }),
      };
      trial.run(i, record.key, JSON.stringify(genotype), i, reward, JSON.stringify(record), at, at);
      if (i % 10 === 0) event.run(at, i);
    }
  })();
  db.close();
}

/** @returns seconds and bytes on the wire */
function ask(url) {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const body = Buffer.concat(parts);
        if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode} ${body}`));
        const text = response.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        JSON.parse(text.toString());
        resolve({ seconds: (performance.now() - begun) / 1000, bytes: body.length });
      });
    }).on('error', reject);
  });
}

/** As the page asks: the run, then what it shows. */
async function firstPaint(url) {
  const begun = performance.now();
  const head = await ask(`${url}api/runs/large`);
  const rest = await Promise.all([ask(`${url}api/runs/large/charts`), ask(`${url}api/runs/large/trials?order=best&from=0&count=100`)]);
  const bytes = [head, ...rest].reduce((n, answer) => n + answer.bytes, 0);
  return { seconds: (performance.now() - begun) / 1000, bytes };
}

/** @returns the longest answer to others while `work` goes on, in seconds */
async function longestWait(url, work) {
  let working = true;
  const done = work().finally(() => {
    working = false;
  });
  let longest = 0;
  while (working) longest = Math.max(longest, (await ask(`${url}api/runs/small`)).seconds);
  return { longest, result: await done };
}

/** Of a process, so far; on Linux. What else the machine does has little influence on it. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function say(what, { longest, result }) {
  const all = [result].flat();
  const seconds = Math.max(...all.map((one) => one.seconds));
  console.log(
    `${what}: ${seconds.toFixed(2)} s, ${(all[0].bytes / 1024).toFixed(0)} KiB each; others waited ${(1000 * longest).toFixed(0)} ms at most`,
  );
}

async function serve() {
  const server = spawn(process.execPath, [auxcell, 'dashboard', folder, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve) => server.stdout.once('data', (chunk) => resolve(String(chunk).split(' ')[0])));
  // What any first request costs has nothing to do with the size of a run.
  await ask(`${url}api/runs/small`);
  await ask(`${url}api/runs/small/charts`);
  return { url, pid: server.pid, stop: () => server.kill() };
}

async function inBrowser(url) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const begun = performance.now();
  await page.goto(`${url}#/large`);
  await page.waitForSelector('[data-fact=done]');
  const facts = (performance.now() - begun) / 1000;
  await page.waitForSelector('svg.plot path.dots');
  console.log(`in Chromium: facts after ${facts.toFixed(2)} s, charts after ${((performance.now() - begun) / 1000).toFixed(2)} s`);
  await browser.close();
}

try {
  await makeRun('large', trials);
  await makeRun('small', 10);
  console.log(`${trials} architectures`);
  let server = await serve();
  const before = process.platform === 'linux' ? cpuSeconds(server.pid) : 0;
  say('first, just started', await longestWait(server.url, () => firstPaint(server.url)));
  if (process.platform === 'linux')
    console.log(`  ${(cpuSeconds(server.pid) - before).toFixed(2)} s of the server's processor time, the other run's answers included`);
  say('again', await longestWait(server.url, () => firstPaint(server.url)));
  say('the list of runs', await longestWait(server.url, () => ask(`${server.url}api/runs`)));
  server.stop();
  server = await serve();
  say(
    'five at once, just started',
    await longestWait(server.url, () => Promise.all(Array.from({ length: 5 }, () => firstPaint(server.url)))),
  );
  server.stop();
  const hasBrowser = await access(process.env.CHROMIUM ?? '/usr/bin/chromium').then(
    () => true,
    () => false,
  );
  if (hasBrowser) {
    server = await serve();
    await inBrowser(server.url);
    await inBrowser(server.url);
    server.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
