// Every command of README and docs, run as it stands there on small data of its own; what is not is named below, with who runs it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, writePhoto, writeStripeFolder } from '../data/fixtures.js';
import { type DocumentedCommand, documentedCommands, root } from '../documented.js';
import { smallTraining } from '../fit/small-training.js';
import { bin } from './cli.js';
import { tinyPreset } from './tiny-preset.js';

interface Elsewhere {
  /** Of the file and the command. */
  readonly shown: RegExp;
  /** A test that runs this command, or what it needs that nobody has by chance. */
  readonly instead: { readonly test: string; readonly says: RegExp } | { readonly needs: string };
}

const elsewhere: readonly Elsewhere[] = [
  { shown: / [A-Z]{2,}\b|…/, instead: { needs: 'data, weights or a choice that stands there as a word in capitals or dots' } },
  // Their options are checked in test/cli/reference.test.ts, as everybody's.
  { shown: /^(docs\/results|bench\/README)\.md/, instead: { needs: 'CamVid, LSP and hours: how figures were measured' } },
  { shown: / \$\w/, instead: { needs: 'the loop of a shell around it' } },
  { shown: /auxcell fit .*(--hours|--resume)/, instead: { test: 'test/e2e/fit.test.ts', says: /'fit',[\s\S]*--hours[\s\S]*--resume/ } },
  { shown: /auxcell demo/, instead: { test: 'test/e2e/demo.slow.test.ts', says: /\['demo', '--hours'[\s\S]*'--only-data'/ } },
  {
    shown: /auxcell device/,
    instead: { test: 'test/e2e/device.test.ts', says: /serveDevice\([\s\S]*serveLatency\([\s\S]*writeDevicePage\(/ },
  },
  { shown: /--(max-latency|target|target-latency) /, instead: { test: 'test/library/fit/fit-for-a-device.test.ts', says: /maxLatency: / } },
  { shown: /redis:/, instead: { test: 'test/e2e/tasks.test.ts', says: /'worker', '--queue'/ } },
  { shown: /auxcell bench/, instead: { test: 'test/e2e/privacy.test.ts', says: /'bench', 'latency'/ } },
  { shown: /\.pth/, instead: { test: 'test/e2e/commands.test.ts', says: /\['import', / } },
  { shown: /auxcell (export|serve|trials|describe)$/, instead: { needs: 'nothing: its name within a sentence' } },
];

/** Sizes of examples as somebody's data has them, and of this test's. */
function small(word: string, before: string | undefined): string {
  if (before === '--preset') return 'mine.yaml';
  if (before === '--candidates') return '2';
  return word.replace('path/to/camvid', 'path/to/images').replace('#12', '#2');
}

/** They go on until somebody ends them. */
const served = /auxcell (dashboard|playground (?!.*--static)|serve)/;

const commands = documentedCommands();
const isOf = ({ file, text }: DocumentedCommand, { shown }: Elsewhere): boolean => shown.test(`${file}: ${text}`);
const own = commands.filter((command) => !elsewhere.some((rule) => isOf(command, rule)));
const different = [
  ...new Map(own.map((command) => [command.words.map((word, i) => small(word, command.words[i - 1])).join('\0'), command])).values(),
];

let prepared: string;

interface Ended {
  readonly code: number | null;
  readonly told: string;
}

/** @param end sent as soon as it says where it serves */
async function run(cwd: string, words: readonly string[], end?: NodeJS.Signals): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...words], { cwd });
  let told = '';
  let isEnded = false;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (end === undefined || isEnded || !/http:\/\/\S+/.test(told)) return;
      isEnded = true;
      child.kill(end);
    });
  const [code] = await once(child, 'close');
  return { code, told };
}

async function done(cwd: string, ...words: string[]): Promise<void> {
  const { code, told } = await run(cwd, words);
  if (code !== 0) throw new Error(`auxcell ${words.join(' ')}: ${told}`);
}

beforeAll(async () => {
  prepared = await temporaryFolder();
  const at = (...names: string[]): string => path.join(prepared, ...names);
  await writeStripeFolder(at('path', 'to', 'images'), { train: 12, val: 4 });
  const [, train = ''] = /(\ntrain:[\s\S]*)/.exec(smallTraining({ 'epochs: 4': 'epochs: 2' })) ?? [];
  await writeFile(at('mine.yaml'), `${tinyPreset()}${train}`);
  await mkdir(at('holiday', 'there'), { recursive: true });
  for (const photo of ['photo.jpg', 'holiday/a.jpg', 'holiday/there/b.jpg', 'photos/c.jpg']) {
    await mkdir(path.dirname(at(photo)), { recursive: true });
    await writePhoto(at(photo), 48, 40);
  }
  const search = ['search', '--data', 'path/to/images', '--preset', 'mine.yaml', '--seed', '1', '--candidates', '2'];
  await done(prepared, ...search, '--out', 'runs/mine');
  await done(prepared, ...search, '--strategy', 'nsga2', '--objectives', 'reward,latency', '--out', 'runs/front');
  await done(prepared, 'train', '--genotype', 'runs/mine#2', '--data', 'path/to/images', '--preset', 'mine.yaml', '--out', 'runs/mine-12');
  for (const [from, to] of [
    ['mine', 'search'],
    ['mine-12', '12'],
    ['mine-12', 'demo'],
  ] as const)
    await cp(at('runs', from), at('runs', to), { recursive: true });
  await cp(at('runs', 'mine', 'best.onnx'), at('model.onnx'));
}, 120_000);

describe('commands of README and docs', () => {
  test('are all either run below or by a named test, or need what nobody has by chance', async () => {
    expect(different.length).toBeGreaterThanOrEqual(30);
    for (const rule of elsewhere) {
      const { shown, instead } = rule;
      expect(
        commands.some((command) => isOf(command, rule)),
        `${shown} is shown`,
      ).toBe(true);
      if ('test' in instead) expect(await readFile(path.join(root, instead.test), 'utf8'), instead.test).toMatch(instead.says);
    }
    // Of the README only what takes longer than a test.
    const readme = commands.filter(({ file }) => file === 'README.md');
    expect(readme.filter((command) => !own.includes(command)).map(({ text }) => text.split(' ')[1])).toEqual(['fit', 'device']);
  });

  test.each(different)('$file: $text', async ({ text, words }) => {
    const place = path.join(await temporaryFolder(), 'place');
    await cp(prepared, place, { recursive: true });
    const given = words.map((word, i) => small(word, words[i - 1]));
    // What the example makes is not there yet.
    for (const [i, word] of given.entries())
      if (/^(-o|--out|--only-preset|--static|--svg|--csv)$/.test(word))
        await rm(path.join(place, given[i + 1] ?? ''), { recursive: true, force: true });
    const isServed = served.test(text);
    const { code, told } = await run(place, isServed ? [...given, '--port', '0'] : given, isServed ? 'SIGINT' : undefined);
    expect(code, told).toBe(0);
    if (isServed) expect(told).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
    await rm(place, { recursive: true, force: true });
  });
});
