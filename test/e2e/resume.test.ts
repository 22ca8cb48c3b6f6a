// Going on with a search or a training: only as it was begun, by one process at a time, and with what was damaged mended or named.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { auxcell, bin } from './cli.js';

const preset = `
task: segmentation
data: { classes: [a, b, c], ignore: 255, metaTrainShare: 0.75 }
reward: { excluded: [] }
encoder: movenet
space: { blocks: 3, rounds: 3 }
decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 }
stage1:
  { samples: 8, epochs: 1, batch: 8, learningRate: 0.01, weightDecay: 1.0e-5, clipNorm: 3, polyakDecay: 0.9, framing: { kind: resize, width: 48, height: 40 } }
validation: { framing: { kind: resize, width: 48, height: 40 } }
controller:
  { hidden: 20, layers: 2, conditioning: none, learningRate: 0.001, clipNorm: 2, entropyCoefficient: 0, baselineDecay: 0.95, ppo: { clipCoefficient: 0.1, bufferSize: 100, minibatch: 10 } }
strategy: random
candidates: 1
train:
  decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 }
  epochs: 200
  batch: 8
  learningRate: 0.01
  weightDecay: 1.0e-5
  clipNorm: 3
  polyakDecay: 0.5
  schedule: { kind: constant }
  framing: { kind: resize, width: 48, height: 40 }
  encoder: { learningRate: 0.001, momentum: 0.9, weightDecay: 1.0e-5, clipNorm: 3, batchNorm: frozen }
  validation: { framing: { kind: resize, width: 48, height: 40 }, every: 100 }
`;

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);
const text = (file: string): Promise<string> => readFile(file, 'utf8');
const resume = (...more: string[]) => auxcell(['search', '--resume', at('run'), '--workers', '1', ...more]);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(at('data'), { train: 8, val: 2 });
  await writeFile(at('tiny.yaml'), preset);
  const begun = await auxcell(['search', '--data', at('data'), '--preset', at('tiny.yaml'), '--workers', '1', '--out', at('run')]);
  expect(begun.code, begun.stderr).toBe(0);
}, 120_000);

describe('a search', () => {
  test('whose data moved goes on with --data; with other data, preset or encoder it is refused, and nothing is changed', async () => {
    const config = await text(at('run', 'config.yaml'));
    await rename(at('data'), at('moved'));
    const lost = await resume('--candidates', '2');
    expect(lost.code).toBe(1);
    await cp(at('moved'), at('other'), { recursive: true });
    await cp(at('other', 'train', '0-mask.png'), at('other', 'train', '1-mask.png'));
    const other = await resume('--candidates', '2', '--data', at('other'));
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cannot go on as it was begun: the data's files have other contents/),
    });
    expect(await text(at('run', 'config.yaml'))).toBe(config);
    await writeFile(at('run', 'config.yaml'), config.replace('epochs: 1', 'epochs: 2'));
    const changed = await resume('--candidates', '2', '--data', at('moved'));
    expect(changed).toMatchObject({ code: 1, stderr: expect.stringMatching(/preset in config\.yaml has been changed \(stage1\.epochs\)/) });
    await writeFile(at('run', 'config.yaml'), config);
    const moved = await resume('--candidates', '2', '--data', at('moved'));
    expect(moved.code, moved.stderr).toBe(0);
    expect(await text(at('run', 'config.yaml'))).toContain(`data: ${at('moved')}`);
    expect((await auxcell(['trials', at('run'), '--format', 'jsonl'])).stdout.trim().split('\n')).toHaveLength(2);
  }, 240_000);

  test('mends what can be mended: an encoder with a flipped bit, taps that were cut off', async () => {
    const file = at('run', 'encoder.safetensors');
    const whole = await readFile(file);
    const bytes = Buffer.from(whole);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 8;
    await writeFile(file, bytes);
    let cut = false;
    const { code, stderr } = await auxcell(
      ['search', '--resume', at('run'), '--workers', '1', '--candidates', '500'],
      (said, interrupt) => {
        if (!cut && said.includes('#4 ')) {
          cut = true;
          interrupt();
        }
      },
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/encoder\.safetensors was damaged; it is written anew from movenet/);
    expect((await readFile(file)).equals(whole)).toBe(true);
    await truncate(at('run', 'taps', 'train', 'tap1.f32'), 100);
    const again = await resume('--candidates', '5');
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/tap1\.f32 has 100 bytes, expected \d+: the training taps are computed again/);
  }, 240_000);
});

test('a training: one process at a time, and only on the same data', async () => {
  const data = at('moved');
  const out = at('fit');
  const args = ['train', '--genotype', '[[9],[[0,1]]]', '--data', data, '--preset', at('tiny.yaml'), '--threads', '1', '--out', out];
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await expect.poll(() => said, { timeout: 60_000 }).toContain('epoch 1:');
  const second = await auxcell(['train', '--resume', out]);
  expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(new RegExp(`process ${child.pid} is working on it \\(on `)) });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const other = await auxcell(['train', '--resume', out, '--data', at('other')]);
  expect(other).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cannot go on as it was begun: the data's files have other contents/),
  });
  let stopped = false;
  const third = await auxcell(['train', '--resume', out, '--threads', '1'], (text, interrupt) => {
    if (!stopped && /epoch \d+:/.test(text)) {
      stopped = true;
      interrupt();
    }
  });
  expect(third.code, third.stderr).toBe(0);
}, 240_000);
