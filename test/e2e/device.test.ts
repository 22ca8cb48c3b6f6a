// The page that measures a device, in a real browser: the profile comes back to the command's server, and predicts.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  cutNetwork,
  type DeviceProfile,
  type LatencyMeasurement,
  latencyPredictor,
  type PieceSetting,
} from '../../src/core/device/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { serveDevice, serveLatency, writeDevicePage } from '../../src/server/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { executablePath, hasChromium, troublesOf } from './browser.js';
import { differenceFromReference } from './looks.js';
import { pageTroubles } from './page-troubles.js';

const hasBrowser = await hasChromium('the page that measures a device is not tried');

const setting: PieceSetting = {
  task: { task: 'segmentation', classes: ['sky', 'road'] },
  width: 8,
  sepRepeats: 1,
  encoder: { padding: 'torch', expandsFirst: true },
  size: { width: 32, height: 32 },
};
const manifest = { auxcell: '0.3.0', setting, space: { blocks: 1, rounds: 1 }, seconds: 1, extra: 0 };

describe.skipIf(!hasBrowser)('auxcell device', () => {
  test('measures on WebAssembly and gives the profile to the server', async () => {
    const profiles: DeviceProfile[] = [];
    const server = await serveDevice(manifest, async (profile) => void profiles.push(profile), { host: '127.0.0.1', port: 0 });
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
      const troubles = troublesOf(page);
      await page.goto(server.url);
      await page.waitForSelector('button[data-backend=wasm]:not([disabled])');
      for (const [device, viewport] of [
        ['desk', { width: 1440, height: 900 }],
        ['phone', { width: 390, height: 844 }],
      ] as const) {
        await page.setViewportSize(viewport);
        await page.waitForTimeout(200);
        expect(await differenceFromReference(`device-${device}`, await page.screenshot()), device).toBeLessThan(0.01);
      }
      await page.click('button[data-backend=wasm]:not([disabled])');
      await page.waitForSelector('[data-profile]', { timeout: 120_000 });
      await expect.poll(() => profiles.length, { timeout: 10_000 }).toBe(1);
      expect(await pageTroubles(page)).toEqual([]);
      expect(troubles).toEqual([]);
      const [profile] = profiles;
      if (!profile) throw new Error('there is no profile');
      expect(JSON.parse(await page.inputValue('[data-profile]'))).toEqual(profile);
      expect(profile.runtime).toMatchObject({ name: 'onnxruntime-web', backend: 'wasm', threads: 1 });
      expect(profile.runtime.version).toMatch(/^\d+\.\d+/);
      expect(profile.device.browser).toContain('Chrome');
      const genotype = parseGenotype('[[1, [0,0,9,10]], [[0,3]]]');
      for (const { name } of cutNetwork(genotype, setting).pieces) expect(profile.pieces).toHaveProperty([name]);
      expect(latencyPredictor(profile, setting, 'the profile')(genotype)).toBeGreaterThan(50);
    } finally {
      await browser.close();
      await server.close();
    }
  }, 180_000);

  test('waits for a search to end, then times its networks and gives them back', async () => {
    const tasks = [{ architecture: '[[1,[0,0,9,10]],[[0,3]]]', trial: 4, predicted: 1.5 }, { architecture: 'lr-aspp' }];
    const taken: LatencyMeasurement[] = [];
    let asked = 0;
    const manifestNow = async () => ({ auxcell: '0.3.0', setting, seconds: 1, tasks: asked++ < 2 ? ('awaited' as const) : tasks });
    const take = async (measurement: LatencyMeasurement): Promise<void> => void taken.push(measurement);
    const server = await serveLatency(manifestNow, take, { host: '127.0.0.1', port: 0 });
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
      const troubles = troublesOf(page);
      await page.goto(server.url);
      await page.click('button[data-backend=wasm]:not([disabled])');
      await page.waitForSelector('[role=status]:has-text("waiting for the search to end")');
      await page.waitForSelector('[data-network="4"]', { timeout: 120_000 });
      await expect.poll(() => taken.length, { timeout: 10_000 }).toBe(1);
      expect(troubles).toEqual([]);
      expect(asked).toBeGreaterThanOrEqual(3);
      expect(taken[0]?.networks).toMatchObject(tasks);
      for (const { measured } of taken[0]?.networks ?? []) expect(measured.median).toBeGreaterThan(0);
      expect(await page.textContent('[data-network="4"]')).toContain('1.5 ms');
      expect(await page.textContent('[data-network="lr-aspp"]')).toContain('–');
      expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBeLessThanOrEqual(0);
      if (process.env['SHOW_LOOKS']) await page.screenshot({ path: process.env['SHOW_LOOKS'] });
    } finally {
      await browser.close();
      await server.close();
    }
  }, 180_000);

  test('the server takes profiles only', async () => {
    const server = await serveDevice(manifest, async () => {}, { host: '127.0.0.1', port: 0 });
    try {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${server.url}profile`, { method: 'POST', headers, body: '{"kind":"auxcell device"}' });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('this is no device profile');
    } finally {
      await server.close();
    }
  });

  test('as a folder it keeps the profile to itself', async () => {
    const folder = path.join(await temporaryFolder(), 'site');
    await writeDevicePage(manifest, folder);
    expect(JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8'))).toEqual({ ...manifest, takes: false });
    expect(await readFile(path.join(folder, 'index.html'), 'utf8')).toContain('assets/device');
  });
});
