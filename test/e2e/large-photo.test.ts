// Photographs of twelve million pixels, as phones and scanners write them, in less than 1 GB of memory.

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../data/fixtures.js';
import { writeSeeingNetwork } from '../model/seeing-network.js';
import { bin } from './cli.js';

const [width, height] = [4000, 3000];
let folder: string;
const at = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeSeeingNetwork(at('net.safetensors'), {
    task: 'segmentation',
    classes: ['a', 'b', 'c', 'd'],
    background: [255, 255, 255],
    validated: { kind: 'resize', aspect: 'stretched', width: 320, height: 240 },
  });
  const noise = sharp({
    create: { width: 500, height: 375, channels: 3, background: '#777', noise: { type: 'gaussian', mean: 120, sigma: 40 } },
  });
  const large = sharp(await noise.png().toBuffer()).resize(width, height);
  await large.clone().withMetadata({ orientation: 6 }).jpeg().toFile(at('turned.jpg'));
  await large.clone().ensureAlpha(0.5).toColourspace('rgb16').png({ compressionLevel: 1 }).toFile(at('deep.png'));
});

/** Runs the command line, and says how much memory its process had at most, in MiB. */
async function peakOf(args: readonly string[]): Promise<{ readonly code: number | null; readonly stderr: string; readonly peak: number }> {
  const probe = "process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))";
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(probe)}`, bin, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stderr, peak: Number(/peak (\d+)$/.exec(stderr)?.[1] ?? Number.NaN) / 1024 };
}

describe('predict', () => {
  test.each([
    ['turned.jpg', height, width],
    ['deep.png', width, height],
  ])('%s', async (name, shownWidth, shownHeight) => {
    const { code, stderr, peak } = await peakOf(['predict', at('net.safetensors'), at(name), '-o', at(`seen ${name}`), '--threads', '2']);
    expect(code, stderr).toBe(0);
    expect(await sharp(await readFile(path.join(at(`seen ${name}`), `${path.parse(name).name}.png`))).metadata()).toMatchObject({
      width: shownWidth,
      height: shownHeight,
    });
    expect(peak).toBeLessThan(1024);
  });
});
