// Truncated and bit-flipped files: a clear error or a result, never a crash, a hang or memory without bound.

import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { readImage, readMask } from '../../src/core/data/index.js';
import { UserError } from '../../src/core/errors/index.js';
import { decodeSafetensors, encodeSafetensors, exportNetwork, freshNetwork, networkFile, Predictor } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { greyPng, stripes } from '../data/fixtures.js';
import { mutations } from '../data/mutations.js';
import { portable } from '../graph/run.js';
import { strangers } from './strangers.js';

const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-hostile-'));
const network = freshNetwork(
  {
    genotype: parseGenotype('[[1,[0,1,2,9],[1,0,0,3]],[[0,1],[4,0]]]'),
    task: { task: 'segmentation', classes: ['a', 'b'] },
    width: 8,
    sepRepeats: 1,
  },
  seededRandom(1),
);

/** Runs `read` on every damaged copy; gives how many were refused. */
async function refusals(bytes: Uint8Array, count: number, read: (damaged: Uint8Array) => unknown): Promise<number> {
  let refused = 0;
  for (const damaged of mutations(bytes, count, seededRandom(5))) {
    try {
      await read(damaged);
    } catch (error) {
      expect(error, String(error)).toBeInstanceOf(UserError);
      refused++;
    }
  }
  return refused;
}

describe('hostile files', () => {
  test('safetensors', async () => {
    const bytes = encodeSafetensors(networkFile(network));
    expect(await refusals(bytes, 300, (damaged) => decodeSafetensors(damaged, 'x.safetensors'))).toBeGreaterThan(100);
  });

  test('ONNX models', async () => {
    const bytes = exportNetwork(network, { normalise: true });
    const file = path.join(folder, 'x.onnx');
    const image = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) };
    const refused = await refusals(bytes, 200, async (damaged) => {
      await writeFile(file, damaged);
      const predictor = await Predictor.open(portable, file);
      try {
        await predictor.look(image);
      } finally {
        await predictor.close();
      }
    });
    expect(refused).toBeGreaterThan(60);
  });

  test('PNG masks', async () => {
    const file = path.join(folder, 'mask.png');
    const refused = await refusals(greyPng(stripes(60, 40, 3), 60, 40), 300, async (damaged) => {
      await writeFile(file, damaged);
      await readMask(file);
    });
    expect(refused).toBeGreaterThan(100);
  });

  test.each(['png', 'jpeg'] as const)('%s images', async (format) => {
    const data = Uint8Array.from({ length: 60 * 40 * 3 }, (_, i) => (i * 31) % 256);
    const bytes = await sharp(data, { raw: { width: 60, height: 40, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    const file = path.join(folder, `image.${format}`);
    const refused = await refusals(bytes, 300, async (damaged) => {
      await writeFile(file, damaged);
      await readImage(file);
    });
    expect(refused).toBeGreaterThan(60);
  });
});

describe('files that would take all memory or time', () => {
  const answers = new Map<string, string>();
  let megabytes = 0;

  beforeAll(async () => {
    const files: [string, string][] = [];
    for (const { name, reader, bytes } of strangers) {
      const file = path.join(folder, name);
      await writeFile(file, bytes);
      files.push([reader, file]);
    }
    const script = path.join(import.meta.dirname, 'strangers-read.js');
    const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=256', script, JSON.stringify(files)], {
      timeout: 100_000,
    });
    const result: { said: { message: string; seconds: number }[]; megabytes: number } = JSON.parse(stdout);
    if (process.env['SHOW_STRANGERS']) console.log(stdout);
    megabytes = result.megabytes;
    for (const [i, { name }] of strangers.entries()) answers.set(name, result.said[i]?.message ?? '');
  }, 120_000);

  test.each(strangers)('$name is refused by name and reason', ({ name, refusal }) => {
    const answer = answers.get(name);
    expect(answer).toMatch(/^(Weights|User|Genotype)Error: /);
    expect(answer).toMatch(refusal);
    expect(answer).toContain(name);
  });

  test('all of them in 500 MB', () => {
    expect(megabytes).toBeGreaterThan(0);
    expect(megabytes).toBeLessThan(500);
  });
});
