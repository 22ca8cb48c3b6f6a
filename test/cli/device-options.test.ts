// What `device` would pass over is refused, before anything is read or measured.

import { expect, test } from 'vitest';
import { deviceCommand } from '../../src/cli/device.js';

const cases: readonly [string, Record<string, unknown>, RegExp][] = [
  [
    'a file that came back is only taken',
    { of: 'run', from: 'f.json', best: '3', threads: '2' },
    /^--best, --threads: not read with --from/,
  ],
  ['nor is it measured here', { of: 'run', from: 'f.json', here: true, overwrite: true }, /^--here, --overwrite: not read with --from/],
  ['nor served', { of: 'run', from: 'f.json', host: '0.0.0.0', port: '1' }, /^--host, --port: not read with --from/],
  [
    'a search knows its encoder and sizes',
    { of: 'run', encoderWeights: 'e', size: '64x48' },
    /^--encoder-weights, --size: not read with --of/,
  ],
  [
    'a page is of one thread count',
    { of: 'run', static: 'page', here: true, threads: '2' },
    /^--here, --threads: not read with --of and --static/,
  ],
  ['a page has its own clock', { preset: 'camvid', output: 'o.json', clock: 'processor' }, /^--clock: not read where a page measures/],
  ['what is measured here is not served', { preset: 'camvid', output: 'o.json', here: true, port: '1' }, /^--port: not read with --here/],
  [
    'a page that is written is not served',
    { preset: 'camvid', static: 'page', port: '1', statistic: 'minimum' },
    /^--port, --statistic: not read with --static/,
  ],
];

test.each(cases)('%s', async (_, options, refusal) => {
  await expect(deviceCommand({ host: '127.0.0.1', here: false, overwrite: false, ...options })).rejects.toThrow(refusal);
});

test('what is read is not refused', async () => {
  // It gets as far as the file.
  await expect(deviceCommand({ host: '127.0.0.1', of: 'run', from: 'nowhere.json' })).rejects.toThrow(/nowhere\.json: cannot be read/);
});
