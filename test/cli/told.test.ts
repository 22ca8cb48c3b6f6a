// What commands print of a run: its own network, tables that fit, of what a figure is.

import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeCommand } from '../../src/cli/describe.js';
import { heldOutFigures, heldOutImages, measuredFigures } from '../../src/cli/figures-of.js';
import { fitted, lineWidth, table } from '../../src/cli/table.js';
import { trialsCommand } from '../../src/cli/trials.js';
import { trialTable } from '../../src/cli/trial-table.js';
import { loadPreset } from '../../src/core/preset/index.js';
import { makeRun } from './made-run.js';

let made: Awaited<ReturnType<typeof makeRun>>;
let lines: string[] = [];

beforeAll(async () => {
  made = await makeRun();
  vi.spyOn(console, 'log').mockImplementation((text: string) => {
    lines.push(...text.split('\n'));
  });
});
afterEach(() => {
  lines = [];
});

describe('describe RUN#k', () => {
  test("is the run's network: its classes, width and size", async () => {
    await describeCommand(`${made.folder}#1`, {});
    const ofRun = lines;
    expect(ofRun).toContain('Network of segmentation, 7 output channel(s), width 48, sepRepeats 1, with its encoder');
    expect(ofRun.join('\n')).toContain('multiply-adds at 256×192');
    lines = [];
    // Said by hand it is the same.
    await describeCommand('arch0', { classes: '7', width: '48', sepRepeats: '1', size: '256x192' });
    expect(lines).toEqual(ofRun);
  });

  test('what is said stands above it, but what cannot be is refused', async () => {
    await describeCommand(`${made.folder}#1`, { width: '32', size: '64x64' });
    expect(lines.join('\n')).toMatch(/7 output channel\(s\), width 32,[\s\S]*at 64×64/);
    await expect(describeCommand(`${made.folder}#1`, { classes: '3' })).rejects.toThrow(/--classes 3: .*made has 7; leave it out/);
    await expect(describeCommand(`${made.folder}#1`, { task: 'pose' })).rejects.toThrow(/--task pose: .*made is for segmentation/);
  });
});

describe('tables', () => {
  test('fit 80 columns, with the genotype last', () => {
    const wide = table(
      [
        ['', 'reward', 'genotype'],
        ['#1', '0.5', 'x'.repeat(90)],
      ],
      80,
    ).split('\n');
    expect(wide.map(({ length }) => length)).toEqual([20, 80]);
    expect(wide[1]?.endsWith('x…')).toBe(true);
    for (const line of trialTable(made.trials, { width: 80 }).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    // Of the genotype there is room for the beginning.
    expect(trialTable(made.trials, { width: 80 })).toContain('[[8,[0');
  });

  test('without a terminal nothing is cut', () => {
    expect(lineWidth({ isTTY: true, columns: 80 })).toBe(80);
    expect(fitted('x'.repeat(500), lineWidth({ isTTY: false, columns: 80 }))).toHaveLength(500);
    expect(trialTable(made.trials)).toContain(JSON.stringify(made.trials[0]?.genotype));
  });

  test('show no more digits than the images support', async () => {
    const digits = (text: string): number[] => [...text.matchAll(/ 0\.(\d+)(?=\s)(?! G)/g)].map(([, decimals = '']) => decimals.length);
    await trialsCommand(made.folder, {});
    const shown = digits(lines.filter((line) => line.startsWith('#')).join('\n'));
    expect(shown.length).toBeGreaterThan(made.trials.length);
    expect(new Set(shown)).toEqual(new Set([3]));
    expect(digits(trialTable(made.trials, { images: 2499 })).includes(4)).toBe(false);
    expect(digits(trialTable(made.trials, { images: 2500 })).includes(4)).toBe(true);
  });

  test('have no colours', () => {
    expect(trialTable(made.trials)).not.toContain('\u001b');
  });
});

describe('of what figures are', () => {
  test("a search's: how many images, of which list, over which classes", async () => {
    // 260 · 0.85 = 221 are trained on.
    const wanted = 'figures of 39 images held out from the training list, at 256×192\nmeans over 6 of 7 classes, without background';
    await trialsCommand(made.folder, {});
    expect(lines.join('\n')).toContain(wanted);
    const camvid = await loadPreset('camvid');
    expect(await heldOutImages('/nowhere', camvid)).toBeUndefined();
    expect(heldOutFigures(undefined, camvid)).toBe(
      'figures of images held out from the training list, at 320×240\nmeans over 11 of 11 classes',
    );
    expect(heldOutFigures(undefined, await loadPreset('lspet-pose'))).toMatch(
      /^figures of people held out from the training list, at \d+×\d+$/,
    );
  });

  test("eval's: all classes that occur", () => {
    expect(measuredFigures(40, 'val', 'segmentation', 7)).toBe(
      '40 images of the validation list, at full resolution\nmeans over the 7 classes that occur there',
    );
    expect(measuredFigures(9, 'train', 'pose')).toBe('9 people of the training list');
  });
});
