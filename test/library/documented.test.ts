// docs/library.md: every example type-checks against the package as it is installed, and runs, one after the other, in plain Node.js: of
// TypeScript only the types are taken away. The README's, and those of deploy.md that use the package, are type-checked.

import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { usageExamples } from '../../src/core/model/index.js';
import { generateDemo } from '../../src/platform/node/demo/generate.js';
import { taskNames } from '../../src/core/task/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { thorough } from '../thorough.js';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..', '..');
// Within the package, so that it can be imported by its name.
const place = path.join(root, '.cache', `library-${process.pid}`);
const text = await readFile(path.join(root, 'docs', 'library.md'), 'utf8');
const examples = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
/** They run in a page; here they are type-checked as a bundler's. */
const pages = [...text.matchAll(/^```ts page\n(.*?)^```$/gms)].map(([, code = '']) => code);
const readme = await readFile(path.join(root, 'README.md'), 'utf8');
const shown = [
  ...[...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code),
  ...taskNames.flatMap((task) =>
    usageExamples({ task, size: { width: 64, height: 48 } }).flatMap(({ name, code }) => (name === 'auxcell' ? code : [])),
  ),
];
let folder: string;

/** As bundlers find modules, the same. */
async function typeCheckBundled(options: object): Promise<void> {
  const bundled = { ...options, module: 'ESNext', moduleResolution: 'Bundler', noEmit: true };
  await writeFile(path.join(place, 'bundler.json'), JSON.stringify({ compilerOptions: bundled, include: ['*.ts'] }));
  await run(process.execPath, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', path.join(place, 'bundler.json')], {
    cwd: root,
  }).catch((error) => {
    throw new Error(String(error.stdout));
  });
}

async function typeCheckPages(): Promise<void> {
  const own = path.join(place, 'pages');
  await mkdir(own, { recursive: true });
  for (const [i, code] of pages.entries()) await writeFile(path.join(own, `page${i}.ts`), `${code}\nexport {};\n`);
  const lib = ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'];
  const compilerOptions = {
    target: 'ES2022',
    lib,
    module: 'ESNext',
    moduleResolution: 'Bundler',
    strict: true,
    types: [],
    noEmit: true,
    skipLibCheck: true,
  };
  await writeFile(path.join(own, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  await run(process.execPath, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', own], { cwd: root }).catch((error) => {
    throw new Error(String(error.stdout));
  });
}

beforeAll(async () => {
  await mkdir(place, { recursive: true });
  for (const [i, code] of examples.entries())
    await writeFile(path.join(place, `example${i}.ts`), `${code.replaceAll("preset: 'demo'", "preset: 'quick.yaml'")}\nexport {};\n`);
  for (const [i, code] of shown.entries()) await writeFile(path.join(place, `shown${i}.ts`), `${code}\nexport {};\n`);
  const options = {
    // No syntax is replaced.
    target: 'ESNext',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    strict: true,
    types: ['node'],
    rootDir: place,
    outDir: path.join(place, 'out'),
    // Of others' packages only what is imported here is read, and ours among it.
    skipLibCheck: false,
  };
  await writeFile(path.join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  await run(process.execPath, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', place], { cwd: root }).catch((error) => {
    throw new Error(String(error.stdout));
  });
  await typeCheckPages();
  if (thorough) await typeCheckBundled(options);
  folder = await temporaryFolder();
  // The demo's preset takes half a minute an architecture.
  const demo = await readFile(path.join(root, 'presets', 'demo.yaml'), 'utf8');
  await writeFile(path.join(folder, 'quick.yaml'), demo.replace('samples: 384', 'samples: 32').replace('epochs: 2', 'epochs: 1'));
  await generateDemo(path.join(folder, 'data'), { train: 24, val: 4, width: 128, height: 96, random: seededRandom(0) });
});

afterAll(() => rm(place, { recursive: true, force: true }));

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(4);
  expect(pages.length).toBeGreaterThan(0);
});

test.each(shown.map((_, i) => i))('shown example %i is syntax that Node.js reads', async (i) => {
  await run(process.execPath, ['--check', path.join(place, 'out', `shown${i}.js`)]);
});

test.each(
  examples.map((code, i) => [
    i,
    code
      .trim()
      .split('\n')
      .find((line) => line.includes('await')) ?? '',
  ]),
)('example %i: %s', async (i) => {
  const { stdout } = await run(process.execPath, [path.join(place, 'out', `example${i}.js`)], { cwd: folder, timeout: 110_000 });
  expect(stdout).toMatch(/reward|meanIoU|Map|\d/);
});
