// search --dashboard: the page is there while it searches and afterwards, until Ctrl-C.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { auxcell } from './cli.js';
import { tinyPreset } from './tiny-preset.js';

test('the dashboard goes on when the search has ended, says so, and ends on Ctrl-C', async () => {
  const folder = await temporaryFolder();
  const [data, preset] = [path.join(folder, 'data'), path.join(folder, 'tiny.yaml')];
  await writeStripeFolder(data, { train: 16, val: 4 });
  await writeFile(preset, tinyPreset());
  const args = ['search', '--data', data, '--preset', preset, '--candidates', '1', '--workers', '1', '--dashboard'];
  let asked: Promise<number> | undefined;
  const { code, stdout, stderr } = await auxcell([...args, '--out', path.join(folder, 'runs', 'one')], (text, interrupt) => {
    const [, url] = /the dashboard goes on at (\S+) /.exec(text) ?? [];
    if (url === undefined || asked) return;
    asked = fetch(url).then(async (answer) => {
      await answer.text();
      interrupt();
      return answer.status;
    });
  });
  expect(await asked, stderr).toBe(200);
  expect(code).toBe(0);
  expect(stdout).toContain('#1');
  expect(stderr).not.toContain('stopping after this step');
}, 120_000);
