// The README's screenshots, from a real run: bin/auxcell demo --out runs/demo && node docs/screenshots.js runs/demo [PHOTO.jpg …]
// Wants Chromium (CHROMIUM, or /usr/bin/chromium).

import '../dist/platform/node/use-sqlite.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { playgroundModel } from '../dist/core/model/index.js';
import { serveDashboard, servePlayground } from '../dist/server/index.js';

const run = path.resolve(process.argv[2] ?? 'runs/demo');
const local = { host: '127.0.0.1', port: 0 };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });

async function shoot(name, height) {
  await page.waitForTimeout(500);
  const png = await page.screenshot({ fullPage: true });
  const { height: full = 0 } = await sharp(png).metadata();
  const cut = sharp(png).extract({ left: 0, top: 0, width: 1440, height: Math.min(full, height) });
  const file = path.join(import.meta.dirname, 'images', `${name}.png`);
  await cut.resize(1000).png({ palette: true }).toFile(file);
}

const dashboard = await serveDashboard({ runs: run, ...local });
await page.goto(`${dashboard.url}#/search`);
await page.click('[data-fact=best]');
await page.waitForSelector('.pictures img');
await shoot('dashboard', 1440);
await dashboard.close();

const model = await playgroundModel(path.join(run, 'model.onnx'));
const playground = await servePlayground(
  { ...model, name: 'model.onnx', samples: process.argv.slice(3).map((file) => ({ type: 'image/jpeg', bytes: readFileSync(file) })) },
  local,
);
await page.goto(playground.url);
await page.waitForSelector('canvas[data-ready]');
await shoot('playground', 1000);
await playground.close();
await browser.close();
