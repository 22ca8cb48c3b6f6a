// The commands end to end, in processes of their own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readMetadata } from '../../src/core/graph/index.js';
import { readSafetensors } from '../../src/core/model/index.js';
import { greyPng, stripes, temporaryFolder, writePhoto, writeStripeFolder } from '../data/fixtures.js';
import { auxcell, bin } from './cli.js';
import { tinyPreset } from './tiny-preset.js';

let folder: string;
const at = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(at('data'), { train: 12, val: 4 });
  await writeFile(at('tiny.yaml'), tinyPreset());
});

describe('help', () => {
  test.each([
    '',
    'search',
    'demo',
    'train',
    'eval',
    'predict',
    'trials',
    'runs',
    'describe',
    'export',
    'import',
    'init',
    'bench candidate',
    'bench latency',
  ])('auxcell %s --help shows an example', async (command) => {
    const { code, stdout } = await auxcell([...command.split(' ').filter((part) => part !== ''), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Example:\n {2}\S*auxcell /);
  });
});

describe('describe', () => {
  test('structure, figures and drawing', async () => {
    const { code, stdout } = await auxcell(['describe', 'arch0', '--svg', at('arch0.svg')]);
    expect(code).toBe(0);
    for (const part of ['2,629,909', 'sep_conv_5x5_dil6(input)', 'multiply-adds at 512×512', 'with auxiliary heads'])
      expect(stdout).toContain(part);
    expect(await readFile(at('arch0.svg'), 'utf8')).toMatch(/^<svg /);
    expect((await sharp(at('arch0.svg')).metadata()).width).toBeGreaterThan(400);
  });

  test('a genotype from JSON or from a file, figures as JSON', async () => {
    await writeFile(at('g.json'), '[[9], [[0,1]]]');
    const fromFile = await auxcell(['describe', at('g.json'), '--json', '--classes', '3']);
    const fromText = await auxcell(['describe', '[[9],[[0,1]]]', '--json', '--classes', '3']);
    expect(fromFile.stdout).toBe(fromText.stdout);
    expect(JSON.parse(fromFile.stdout)).toMatchObject({ genotype: [[9], [[0, 1]]], size: [512, 512] });
  });
});

describe('init and export', () => {
  test('fresh weights, deployed', async () => {
    const network = ['--genotype', 'arch1', '--classes', '4', '--width', '16', '--sep-repeats', '1'];
    expect((await auxcell(['init', ...network, '--seed', '3', '-o', at('a.safetensors')])).code).toBe(0);
    expect((await auxcell(['init', ...network, '--seed', '3', '-o', at('b.safetensors')])).code).toBe(0);
    expect((await readFile(at('a.safetensors'))).equals(await readFile(at('b.safetensors')))).toBe(true);
    const { code } = await auxcell([
      'export',
      ...network,
      '--weights',
      at('a.safetensors'),
      '--upsample',
      '--normalise',
      '-o',
      at('a.onnx'),
    ]);
    expect(code).toBe(0);
    const metadata = readMetadata(await readFile(at('a.onnx')));
    expect(JSON.parse(metadata['classes'] ?? '')).toEqual(['class 0', 'class 1', 'class 2', 'class 3']);
    expect(metadata['genotype']).toBe('[[2,[1,0,3,6],[0,1,2,8],[2,0,6,1]],[[2,3],[3,1],[4,4]]]');
    expect(metadata['input']).toBe('RGB, 0 … 255');
  });

  test('half precision, 8 bits, and the way back to PyTorch', async () => {
    const network = ['--genotype', 'arch1', '--classes', '3', '--width', '16', '--sep-repeats', '1'];
    await auxcell(['init', ...network, '-o', at('c.safetensors')]);
    const run = (...more: string[]) => auxcell(['export', '--weights', at('c.safetensors'), ...more]);
    const whole = await run('--normalise', '-o', at('c.onnx'));
    expect(whole.stderr).toMatch(/float32: logits within \S+ of the trained network's/);
    const half = await run('--normalise', '--fp16', '-o', at('c16.onnx'));
    expect(half.code, half.stderr).toBe(0);
    expect(half.stderr).toMatch(/float16: logits within \S+ of the trained network's/);
    const eight = await run('--normalise', '--int8', '--data', at('data'), '--calibration', '4', '-o', at('c8.onnx'));
    expect(eight.code, eight.stderr).toBe(0);
    expect(eight.stderr).toMatch(/int8: mean IoU 0\.\d{3} on 4 validation images, 0\.\d{3} as trained/);
    const size = async (name: string): Promise<number> => (await stat(at(name))).size;
    expect((await size('c16.onnx')) / (await size('c.onnx'))).toBeLessThan(0.6);
    expect((await size('c8.onnx')) / (await size('c.onnx'))).toBeLessThan(0.4);
    expect(readMetadata(await readFile(at('c8.onnx')))['precision']).toBe('int8');
    expect((await run('--to-torch', '-o', at('back.safetensors'))).code).toBe(0);
    const again = await auxcell(['import', at('back.safetensors'), ...network, '-o', at('again.safetensors')]);
    expect(again.stdout).toMatch(/again\.safetensors: \d+ tensors/);
    expect((await readSafetensors(at('again.safetensors'))).tensors).toEqual((await readSafetensors(at('c.safetensors'))).tensors);
  });
});

describe('search', () => {
  const searchArgs = (out: string, ...more: string[]): string[] => [
    'search',
    '--data',
    at('data'),
    '--preset',
    at('tiny.yaml'),
    '--seed',
    '5',
    '--workers',
    '1',
    '--out',
    at(out),
    ...more,
  ];
  const trials = async (out: string): Promise<string> =>
    (await auxcell(['trials', at(out), '--format', 'jsonl'])).stdout.replace(/"seconds":\{[^}]*\}/g, '');

  test('distils from a teacher, whose logits are computed once', async () => {
    const cache = at('cache');
    const network = ['--genotype', 'arch1', '--classes', '3', '--width', '16', '--sep-repeats', '1', '--seed', '2'];
    expect((await auxcell(['init', ...network, '-o', at('teacher.safetensors')])).code).toBe(0);
    expect((await auxcell(['export', '--weights', at('teacher.safetensors'), '-o', at('teacher.onnx')])).code).toBe(0);
    const run = (out: string, ...more: string[]) =>
      auxcell([...searchArgs(out, '--candidates', '1', '--strategy', 'random'), ...more], undefined, { XDG_CACHE_HOME: cache });
    const kept = async (): Promise<[string, number][]> => {
      const names = await readdir(path.join(cache, 'auxcell', 'teacher'));
      return Promise.all(
        names.map(async (name): Promise<[string, number]> => [name, (await stat(path.join(cache, 'auxcell', 'teacher', name))).mtimeMs]),
      );
    };
    const first = await run('taught1', '--teacher', at('teacher.onnx'));
    expect(first.code, first.stderr).toBe(0);
    const files = await kept();
    expect(files).toHaveLength(1);
    expect((await run('taught2', '--teacher', at('teacher.onnx'))).code).toBe(0);
    expect(await kept()).toEqual(files);
    expect(await trials('taught2')).toBe(await trials('taught1'));
    expect((await run('untaught')).code).toBe(0);
    expect(await trials('untaught')).not.toBe(await trials('taught1'));
    // The same model as a stranger: what it does not say stands in the file beside it.
    await auxcell(['init', ...network.map((arg) => (arg === '3' ? '5' : arg)), '-o', at('other.safetensors')]);
    const other = await run('other', '--teacher', at('other.safetensors'));
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/teacher .*other\.safetensors: gives 5 classes, the data has 3; .* \(--teacher\)/);
  });

  test('writes its run, and the same one again with the same seed', async () => {
    const { code, stdout, stderr } = await auxcell(searchArgs('run1'));
    expect(stderr).toMatch(/#4 .*reward 0\.\d+, best 0\.\d+/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/reward +mean IoU +pixel accuracy +params +mult-adds +genotype/);
    expect((await readdir(at('run1'))).sort()).toEqual([
      'best.onnx',
      'best.safetensors',
      'best.svg',
      'config.yaml',
      'data-card.json',
      'encoder.safetensors',
      'predictions.png',
      'search.db',
    ]);
    expect((await stat(path.join(at('run1'), 'predictions.png'))).size).toBeGreaterThan(1000);
    expect((await auxcell(searchArgs('run2', '--threads', '1'))).code).toBe(0);
    expect(await trials('run2')).toBe(await trials('run1'));
    expect((await trials('run1')).trim().split('\n').length).toBe(4);
  });

  test('takes strategy, number of candidates and time from the command line', async () => {
    expect((await auxcell(searchArgs('run3', '--strategy', 'random', '--candidates', '2', '--hours', '1'))).code).toBe(0);
    expect((await trials('run3')).trim().split('\n').length).toBe(2);
    expect(await readFile(path.join(at('run3'), 'config.yaml'), 'utf8')).toContain('strategy: random');
  });

  test('an interrupt keeps what is done and concludes', async () => {
    let sent = false;
    const { code, stdout } = await auxcell(searchArgs('run4', '--candidates', '500'), (stderr, interrupt) => {
      if (!sent && stderr.includes('#2 ')) {
        sent = true;
        interrupt();
      }
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/interrupted after [2-9] architectures; go on with: \S*auxcell search --resume /);
    expect((await stat(path.join(at('run4'), 'best.onnx'))).size).toBeGreaterThan(1000);
    const { stdout: list } = await auxcell(['runs', folder]);
    expect(list).toMatch(/run1 +finished +4\/4 +reward 0\.\d{3} +\d+:\d\d +search \(segmentation\) +\S/);
    expect(list).toMatch(/run4 +interrupted +[2-9]\/500/);
  });

  test('killed and resumed, the trials of a search that was not', async () => {
    const args = searchArgs('killed');
    for (const moment of [/training taps \d+ of|#1 /, /#1 /, /#3 /]) {
      const begun = (await readdir(at('killed')).catch((): string[] => [])).includes('config.yaml');
      const child = spawn(process.execPath, [bin, ...(begun ? ['search', '--resume', at('killed'), '--workers', '1'] : args)]);
      let text = '';
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (moment.test(text)) child.kill('SIGKILL');
      });
      await once(child, 'exit');
    }
    const { code, stderr } = await auxcell(['search', '--resume', at('killed'), '--workers', '1']);
    expect(code, stderr).toBe(0);
    expect(await trials('killed')).toBe(await trials('run1'));
    // And more of it, by several workers at once.
    const more = await auxcell(['search', '--resume', at('killed'), '--candidates', '7', '--workers', '2', '--log', 'json']);
    expect(more.code, more.stderr).toBe(0);
    const events = more.stdout.split('\n').filter((line) => line.startsWith('{'));
    expect(events.map((line) => JSON.parse(line)).filter(({ event }) => event === 'trial').length).toBe(3);
    expect((await trials('killed')).trim().split('\n').length).toBe(7);
    const csv = (await auxcell(['trials', at('killed'), '--format', 'csv'])).stdout.trim().split('\n');
    expect(csv).toHaveLength(8);
    expect(csv[0]).toMatch(/^index,reward,/);
    const fewer = await auxcell(['search', '--resume', at('killed'), '--candidates', '3']);
    expect(fewer).toMatchObject({ code: 1, stderr: expect.stringContaining('3 candidates: 7 architectures are done already') });
  });

  test('two processes on one run: the second is refused; so is a database of a later version', async () => {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, [bin, ...searchArgs('busy', '--candidates', '50')]);
      let text = '';
      child.stderr.on('data', async (chunk: Buffer) => {
        const before = text.includes('#1 ');
        text += chunk.toString();
        if (before || !text.includes('#1 ')) return;
        const second = await auxcell(['search', '--resume', at('busy')]);
        child.kill('SIGKILL');
        if (second.code === 1 && /busy: process \d+ is working on it/.test(second.stderr)) resolve();
        else reject(new Error(second.stderr));
      });
    });
    const db = new Database(path.join(at('busy'), 'search.db'));
    db.prepare("UPDATE meta SET value = '99' WHERE key = 'format'").run();
    db.close();
    const later = await auxcell(['search', '--resume', at('busy')]);
    expect(later.code).toBe(1);
    expect(later.stderr).toMatch(/search\.db: cannot be opened as the database of a search \(it has format 99, this version reads 1\)/);
  });

  test('successive halving ends what is not among the best early; two workers or one machine more', async () => {
    await writeFile(at('halving.yaml'), `${tinyPreset({ 'epochs: 2,': 'epochs: 4,' })}halving: { rungs: [1, 2], eta: 2 }\n`);
    const args = ['search', '--data', at('data'), '--preset', at('halving.yaml'), '--seed', '5', '--candidates', '8', '--workers', '2'];
    const { code, stderr } = await auxcell([...args, '--strategy', 'evolution', '--out', at('halved')]);
    expect(code, stderr).toBe(0);
    const db = new Database(path.join(at('halved'), 'search.db'), { readonly: true });
    const epochs = db.prepare('SELECT count(*) FROM epochs GROUP BY idx').pluck().all().map(Number);
    db.close();
    const { stdout } = await auxcell(['trials', at('halved'), '--format', 'jsonl']);
    for (const line of stdout.trim().split('\n')) {
      const { stage, rungs } = z.object({ stage: z.number(), rungs: z.array(z.object({ epoch: z.number() })) }).parse(JSON.parse(line));
      expect([stage, rungs.map(({ epoch }) => epoch)].flat().slice(0, 2)).toEqual([1, 1]);
    }
    expect(new Set(epochs).size).toBeGreaterThan(1);
    expect(Math.max(...epochs)).toBe(4);
    expect(Math.min(...epochs)).toBeLessThan(3);
  });

  test('children of evolution inherit weights, from worker process to worker process; PPO has no children', async () => {
    const keys = 'inheritance: { epochs: 1 }\nevolution: { population: 2, sample: 2 }\n';
    await writeFile(at('inheriting.yaml'), `${tinyPreset({ 'strategy: ppo': 'strategy: evolution' })}${keys}`);
    const args = ['search', '--data', at('data'), '--preset', at('inheriting.yaml'), '--seed', '5', '--workers', '2'];
    const { code, stderr } = await auxcell([...args, '--candidates', '6', '--out', at('inherited')]);
    expect(code, stderr).toBe(0);
    const { stdout } = await auxcell(['trials', at('inherited'), '--format', 'jsonl']);
    const record = z.object({ inherited: z.object({ from: z.number() }).optional(), error: z.string().optional() });
    const trials = stdout
      .trim()
      .split('\n')
      .map((line) => record.parse(JSON.parse(line)));
    expect(trials.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(trials.filter(({ inherited }) => inherited).length).toBeGreaterThan(0);
    const refused = await auxcell([...args, '--strategy', 'ppo', '--out', at('no-children')]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/inheritance: ppo makes no architecture from another/);
  });

  test('rewards of another run are taken over, where they mean the same', async () => {
    const again = await auxcell(searchArgs('reusing', '--reuse-from', at('run1')));
    expect(again.code, again.stderr).toBe(0);
    const lines = (await auxcell(['trials', at('reusing'), '--format', 'jsonl'])).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).reusedFrom)).toEqual([1, 2, 3, 4].map((k) => `${at('run1')}#${k}`));
    await writeFile(at('wider.yaml'), tinyPreset({ 'width: 16,': 'width: 24,' }));
    const wider = ['search', '--data', at('data'), '--preset', at('wider.yaml'), '--out', at('wider'), '--reuse-from', at('run1')];
    const other = await auxcell(wider);
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/rewards of .*run1 cannot be taken over, they mean something else: decoder differ.* \(--reuse-from\)/);
  });
});

test('a preset with a second stage trains end to end', async () => {
  const stage2 = `
stage2:
  { epochs: 1, batch: 4, learningRate: 0.003, weightDecay: 1.0e-5, clipNorm: 3, polyakDecay: 0.9, framing: { kind: random, side: 64, width: 64, height: 64, scale: [0.8, 1.2], mirror: true }, encoder: { learningRate: 0.001, momentum: 0.9, clipNorm: 3, weightDecay: 1.0e-5, batchNorm: frozen } }
progressiveStop: { decay: 0.5, initial: 0.01, tolerance: 0.1, multipliers: { "100": 0.9 } }
`;
  await writeFile(at('two-stages.yaml'), tinyPreset() + stage2);
  const { code, stderr } = await auxcell([
    'search',
    '--data',
    at('data'),
    '--preset',
    at('two-stages.yaml'),
    '--seed',
    '5',
    '--out',
    at('run6'),
    '--candidates',
    '5',
  ]);
  expect(code, stderr).toBe(0);
  const trials = (await auxcell(['trials', at('run6'), '--format', 'jsonl'])).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  // The first reward is far above the running value of 0.01; later ones may fall below it.
  expect(trials[0].stage).toBe(2);
  for (const { stage, error } of trials) {
    expect(error).toBeUndefined();
    expect([1, 2]).toContain(stage);
  }
  expect((await stat(path.join(at('run6'), 'predictions.png'))).size).toBeGreaterThan(1000);
});

test('an interrupt while the taps are cached ends cleanly', async () => {
  await writeFile(at('long.yaml'), tinyPreset({ 'samples: 16': 'samples: 3000' }));
  const { code, stdout } = await auxcell(
    ['search', '--data', at('data'), '--preset', at('long.yaml'), '--out', at('run5')],
    (stderr, interrupt) => {
      if (stderr.includes('architectures by ppo') && !stderr.includes('stopping')) interrupt();
    },
  );
  expect(stdout).toContain('interrupted before the first architecture');
  expect(code).toBe(0);
});

describe('bad input is answered in a line or two, with exit code 1', () => {
  beforeAll(async () => {
    await writeFile(at('bad.yaml'), tinyPreset({ 'samples: 16': 'smaples: 16', 'width: 16': 'width: wide' }));
    await writeFile(at('torn.safetensors'), 'not weights');
    const wrong = async (name: string, train: string): Promise<void> => {
      await writeStripeFolder(at(name), { train: 12, val: 4 });
      await writeFile(path.join(at(name), 'train.txt'), train);
    };
    const twelve = (line: string): string => `${Array.from({ length: 12 }, () => line).join('\n')}\n`;
    await wrong('missing-file', 'train/0.png\ttrain/none.png\n');
    await wrong('other-size', twelve('photo.png\tsmall.png'));
    await writePhoto(path.join(at('other-size'), 'photo.png'), 8, 6);
    await writeFile(path.join(at('other-size'), 'small.png'), greyPng(stripes(7, 6, 3), 7, 6));
    await wrong('high-labels', twelve('photo.png\thigh.png'));
    await writePhoto(path.join(at('high-labels'), 'photo.png'), 8, 6);
    await writeFile(path.join(at('high-labels'), 'high.png'), greyPng(stripes(8, 6, 8), 8, 6));
    await wrong('torn-png', twelve('torn.png\tmask.png'));
    await writePhoto(at('whole.png'), 40, 40);
    await writeFile(path.join(at('torn-png'), 'torn.png'), (await readFile(at('whole.png'))).subarray(0, 60));
    await writeFile(path.join(at('torn-png'), 'mask.png'), greyPng(stripes(40, 40, 3), 40, 40));
    await auxcell(['init', '--genotype', 'arch1', '--classes', '4', '--width', '16', '--sep-repeats', '1', '-o', at('four.safetensors')]);
  });

  const search =
    (data: string, ...more: string[]) =>
    (): string[] => ['search', '--data', at(data), '--preset', at('tiny.yaml'), '--out', at(`out-${data}`), ...more];
  test.each<[string, () => string[], RegExp]>([
    ['missing folder', search('nowhere'), /nowhere: there is no such folder/],
    ['a list that names a missing file', search('missing-file'), /train\.txt:1: .*none\.png does not exist/],
    ['a mask of another size', search('other-size'), /masks are of another size than their pictures.*small\.png is 7×6, .* is 8×6/],
    ['labels above the class count', search('high-labels'), /labels that no class has: 3, .*high\.png/],
    ['a corrupt PNG', search('torn-png'), /torn\.png: .*cannot be read/],
    [
      'a malformed preset',
      () => ['search', '--data', at('data'), '--preset', at('bad.yaml')],
      /bad\.yaml: stage1\.smaples: no such key; did you mean samples\?; decoder\.width: /,
    ],
    [
      'an unknown preset',
      () => ['search', '--data', at('data'), '--preset', 'imagenet'],
      /there is no preset "imagenet"; there are camvid/,
    ],
    [
      'weights that are none',
      search('data', '--encoder-weights', '@torn.safetensors'),
      /torn\.safetensors: not a readable safetensors file/,
    ],
    [
      'weights of another network',
      () => ['export', '--weights', at('four.safetensors'), '--genotype', 'arch1', '--width', '32', '-o', at('x.onnx')],
      /four\.safetensors: was made with --width 16, the command line says 32/,
    ],
    [
      'an unwritable run folder',
      () => ['search', '--data', at('data'), '--preset', at('tiny.yaml'), '--out', `${at('tiny.yaml')}/run`],
      /: cannot be written .*\(--out\)/,
    ],
    [
      'an unwritable model',
      () => ['export', '--genotype', 'arch1', '--classes', '3', '-o', at('no/such/model.onnx')],
      /-o .*model\.onnx: cannot be written/,
    ],
    [
      'a queue that is none',
      search('data', '--queue', 'redis://127.0.0.1:1'),
      /queue redis:\/\/127\.0\.0\.1:1: no Redis answers there.*\(--queue\)/,
    ],
    ['8 bits without images', () => ['export', '--weights', at('four.safetensors'), '--int8', '-o', at('x.onnx')], /--int8 .*add --data/],
    [
      'what is no checkpoint',
      () => ['import', at('tiny.yaml'), '--genotype', 'arch1', '--classes', '3', '-o', at('x')],
      /tiny\.yaml: not a readable PyTorch checkpoint/,
    ],
    ['an unknown op', () => ['describe', '[[12],[[0,1]]]'], /the cell's first op is 12; it must be a whole number from 0 to 10/],
    [
      'no genotype',
      () => ['describe', 'arch7'],
      /genotype "arch7" is neither JSON, nor arch0, arch1, arch2, lr-aspp, .*lw-refinenet, nor RUN#k, nor a file/,
    ],
    ['a number that is none', search('data', '--candidates', 'many'), /--candidates: must be a whole number, got "many"/],
    ['an unknown strategy', search('data', '--strategy', 'luck'), /--strategy: must be one of ppo, reinforce, .*, got "luck"/],
    [
      'objectives of a strategy that has one',
      search('data', '--objectives', 'reward,latency'),
      /--objectives: only --strategy nsga2 has several; leave it out, or choose that/,
    ],
    ['one objective', search('data', '--objectives', 'reward'), /--objectives: must be two or three of reward, latency, .*, got "reward"/],
    ['a cost that is none', () => ['trials', 'x', '--pick', 'cheap=1'], /--pick: must be as in 25ms, parameters=3M, .*, got "cheap=1"/],
    ['objectives without a front', () => ['trials', at('run6'), '--objectives', 'reward,parameters'], /--objectives: .*--pareto/],
    ['too few images', search('two'), /the training list has 1 image\(s\), too few/],
  ])('%s', async (_name, args, message) => {
    await writeStripeFolder(at('two'), { train: 1, val: 1 });
    const { code, stderr } = await auxcell(args().map((arg) => (arg.startsWith('@') ? at(arg.slice(1)) : arg)));
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('error')).length,
    ).toBe(1);
  });
});
