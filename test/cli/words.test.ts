// What the command line says: errors with their options, and commands that work as they are printed.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { explanation } from '../../src/cli/explanation.js';
import { afterSearch, afterTraining } from '../../src/cli/next-steps.js';
import { programName } from '../../src/cli/program-name.js';
import { loadPreset, withDepthScale } from '../../src/core/preset/index.js';
import { splitTraining } from '../../src/core/search/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { UserError } from '../../src/core/errors/index.js';

const thrown = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('errors', () => {
  test('the library says it in words, the command line names the option', async () => {
    const preset = await loadPreset('demo');
    const error = await thrown(() => withDepthScale(preset, 256));
    expect(String(error)).not.toContain('--');
    expect(explanation(error)).toBe('256 units a metre: the preset is for segmentation, not for depth; leave it out (--depth-scale)');
  });

  test('no string of the core, the library or the platforms names an option of the command line', () => {
    const src = path.join(import.meta.dirname, '..', '..', 'src');
    const named = ['core', 'library', 'platform'].flatMap((room) =>
      readdirSync(path.join(src, room), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .flatMap((file) =>
          readFileSync(path.join(src, room, file), 'utf8')
            .split('\n')
            // Comments may; styles of pages and commands in a report are no errors.
            .filter((line) => /[^\w-]--[a-z]/.test(line) && !/^\s*(\/\/|\*|\/\*)|--line|--soft|^(<pre>)?auxcell /.test(line))
            .map((line) => `${room}/${file}: ${line.trim()}`),
        ),
    );
    expect(named).toEqual([]);
  });

  test('a path that is wrong is said in words', async () => {
    expect(explanation(await thrown(() => readFile('/nowhere/x')))).toBe(
      '/nowhere/x: there is no such file or folder; correct the path, or make the folder',
    );
    const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-words-'));
    expect(explanation(await thrown(() => writeFile(folder, '')))).toContain(`${folder}: is a folder, where a file is wanted`);
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    expect(explanation(await thrown(() => open(path.join(file, 'x'))))).toContain('x: a part of its path is no folder');
    expect(explanation(new RangeError('a fault'))).toBeUndefined();
  });

  test('a preset that is not there: what was meant, and which there are', async () => {
    expect(explanation(await thrown(() => loadPreset('camvit')))).toMatch(/no preset "camvit"; did you mean camvid\? there are .*demo/);
    expect(explanation(await thrown(() => loadPreset('x')))).not.toContain('did you mean');
  });

  test('shares are printed as they were written', async () => {
    const dataset = { train: [], val: [], findings: [], skipped: [], labelling: { kind: 'joints', joints: [], mirrorPairs: [] } } as const;
    const error = await thrown(() => splitTraining({ ...dataset, layout: 'x' }, 0.9, seededRandom(0)));
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain('data.metaTrainShare 0.9');
    expect(String(error)).not.toMatch(/\d\.\d{6}/);
  });
});

describe('commands as they are printed', () => {
  const start = (file: string, at = '/home/me', folders = '/usr/bin') =>
    programName({ argv: ['/usr/bin/node', file], env: { PATH: folders }, cwd: at });

  test.each([
    ['a checkout', start('/home/me/bin/auxcell'), 'bin/auxcell'],
    ['a checkout elsewhere', start('/opt/auxcell/bin/auxcell'), '/opt/auxcell/bin/auxcell'],
    ['a folder with a space in it', start('/home/me/my nets/bin/auxcell'), "'my nets/bin/auxcell'"],
    ['a project', start('/home/me/node_modules/.bin/auxcell'), 'npx auxcell'],
    ['npx without a project', start('/root/.npm/_npx/1f/node_modules/.bin/auxcell'), 'npx auxcell'],
    ['installed for all', start('/usr/local/bin/auxcell', '/home/me', '/usr/bin:/usr/local/bin'), 'auxcell'],
  ])('from %s', (_, told, wanted) => {
    expect(told).toBe(wanted);
  });

  test('what comes after a search', () => {
    const done = { folder: "runs/it's mine", data: 'my data', best: 12, hasNetwork: true, trainable: 'camvid-full' };
    const [, look = '', train = '', deploy = ''] = afterSearch(done);
    expect(look).toMatch(/ dashboard runs$/);
    expect(train).toContain(`train --genotype 'runs/it'\\''s mine#12' --data 'my data' --preset camvid-full`);
    expect(deploy).toContain('export --weights ');
    expect(afterSearch({ ...done, hasNetwork: false }).join('\n')).not.toContain('export');
    expect(afterSearch({ ...done, trainable: undefined }).join('\n')).toContain('a section train');
  });

  test('what comes after a training', () => {
    expect(afterTraining('runs/a', 'data').join('\n')).toMatch(/eval runs\/a\/best\.safetensors --data data\n.*playground .*\n.*export /);
  });
});
