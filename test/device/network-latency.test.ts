// The best few of a search, timed on a device: which they are, what is kept with the run, and that it is this run's.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { trialTable } from '../../src/cli/trial-table.js';
import { type DeviceProfile, parseLatencyMeasurement } from '../../src/core/device/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { bestFew, RunFolder, type Trial } from '../../src/core/search/index.js';
import { handDesigned } from '../../src/core/space/index.js';
import { settingOf } from '../../src/library/device.js';
import { keepMeasurement, latencyOrder, measureTrials, readLatencyMeasurement } from '../../src/library/device-latency.js';
import { runView } from '../../src/server/run-view.js';
import { makeRun } from '../cli/made-run.js';

let folder: string;
let trials: readonly Trial[];
const include = [handDesigned('lr-aspp') ?? { kind: 'lr-aspp' as const }];

/** A profile of the run's own networks on which every piece takes a millisecond. */
async function profileFor(run: RunFolder): Promise<DeviceProfile> {
  const { preset } = await run.readConfig();
  const { options: encoder } = await run.readEncoder();
  const { task, width, sepRepeats, size } = settingOf(preset);
  return {
    ...{ kind: 'auxcell device', version: 1, auxcell: '0.3.0', made: '2026-01-01T00:00:00.000Z' },
    device: { name: 'a slow board', system: 'none', cores: 1 },
    runtime: { name: 'onnxruntime-web', version: '1.0', backend: 'wasm', threads: 1, precision: 'float32' },
    network: { task: task.task, outputs: 'classes' in task ? task.classes.length : 0, width, sepRepeats, ...preset.space, encoder },
    ...{ size, statistic: 'median', clock: 'wall', spread: 0, fit: { networks: 1, median: 0, percentile95: 0 } },
    ...{ rates: { each: 1000, multiplyAdds: 0, bytes: 0 }, base: 0, pieces: {} },
  };
}

beforeAll(async () => {
  ({ folder, trials } = await makeRun());
  const run = RunFolder.open(folder);
  await run.writeEncoder(await loadEncoder('movenet'));
  await run.writeConfig({ ...(await run.readConfig()), target: await profileFor(run) });
});

describe('the best few', () => {
  const trial = (index: number, reward: number, multiplyAdds: number, more: Partial<Trial> = {}): Trial => {
    const [first] = trials;
    if (!first) throw new RangeError('no trial');
    return { ...first, index, reward, multiplyAdds, ...more };
  };
  test('the front first, then the others by reward; what failed never', () => {
    const all = [trial(1, 0.3, 10), trial(2, 0.5, 30), trial(3, 0.45, 40), trial(4, 0.4, 20), trial(5, 0.6, 1, { error: 'diverged' })];
    expect(bestFew(all, 4).map(({ index }) => index)).toEqual([2, 4, 1, 3]);
    expect(bestFew(all, 2).map(({ index }) => index)).toEqual([2, 4]);
  });
  test('by latency where all have it', () => {
    const all = [trial(1, 0.3, 1, { latency: 9 }), trial(2, 0.5, 2, { latency: 5 }), trial(3, 0.45, 3, { latency: 1 })];
    expect(bestFew(all, 3).map(({ index }) => index)).toEqual([2, 3, 1]);
  });
});

describe('networks timed for a run', () => {
  test('are ordered with what the profile predicts, hand-designed decoders too', async () => {
    const { tasks } = await latencyOrder(folder, { best: 1, include });
    expect(tasks.map(({ trial, architecture }) => trial ?? architecture)).toEqual([3, 'lr-aspp']);
    // A millisecond a piece: whole numbers of some dozen pieces.
    for (const { predicted = 0 } of tasks) {
      expect(predicted).toBe(Math.round(predicted));
      expect(predicted).toBeGreaterThan(5);
    }
    expect(tasks[1]?.predicted).toBeLessThan(tasks[0]?.predicted ?? 0);
  });

  test('are measured here, kept with the run, and shown beside the prediction', async () => {
    const measurement = await measureTrials(folder, { best: 1, include, seconds: 1 });
    const [found, designed] = measurement.networks;
    for (const network of [found, designed]) {
      expect(network?.measured.median).toBeGreaterThan(0.5);
      expect(network?.measured.low).toBeLessThanOrEqual(network?.measured.median ?? 0);
      expect(network?.measured.high).toBeGreaterThanOrEqual(network?.measured.median ?? 0);
    }
    const run = RunFolder.open(folder);
    expect(await run.readMeasurements()).toEqual([measurement]);
    // Measured again on the same device it stands there once.
    const again = await measureTrials(folder, { best: 1, seconds: 1 });
    expect(await run.readMeasurements()).toEqual([again]);
    const store = await run.look();
    const { timings } = await runView({ name: 'made', id: '', folder: run, config: await run.readConfig(), store, isOver: false });
    store.close();
    expect(timings).toMatchObject([{ trial: 3, measured: again.networks[0]?.measured, predicted: found?.predicted }]);
    const median = again.networks[0]?.measured.median ?? 0;
    const table = trialTable(trials, { best: 2, width: 300, measured: new Map([[3, median]]) });
    expect(table).toMatch(new RegExp(`on device[^\\n]*\\n.*#3 .*${median.toFixed(1)} ms`));
    expect(trialTable(trials, { best: 2, width: 300 })).not.toContain('on device');
  }, 60_000);

  test("a file of another run's networks is refused, and so is one that is none", async () => {
    const [measurement] = await RunFolder.open(folder).readMeasurements();
    if (!measurement) throw new RangeError('nothing was measured');
    const [network] = measurement.networks;
    if (!network) throw new RangeError('nothing was measured');
    const foreign = { ...measurement, networks: [{ ...network, trial: 1 }] };
    await expect(keepMeasurement(folder, foreign, 'phone.latency.json')).rejects.toThrow(/phone\.latency\.json: times .* as trial #1/);
    const file = path.join(folder, 'phone.latency.json');
    await writeFile(file, JSON.stringify(measurement));
    expect(await readLatencyMeasurement(file)).toEqual(measurement);
    await writeFile(file, '{}');
    await expect(readLatencyMeasurement(file)).rejects.toThrow('is no measurement of networks');
    expect(JSON.parse(await readFile(path.join(folder, 'measured.json'), 'utf8'))).toHaveLength(1);
  });

  test('what is not of this run, or of no device, is refused and not kept', async () => {
    const [measurement] = await RunFolder.open(folder).readMeasurements();
    const [network] = measurement?.networks ?? [];
    if (!measurement || !network) throw new RangeError('nothing was measured');
    const keep = (changes: object) => keepMeasurement(folder, { ...measurement, ...changes }, 'm.json');
    await expect(keep({ size: { width: 4096, height: 4096 } })).rejects.toThrow(
      /^m\.json: is of images of 4096×4096, the networks of .* see \d+×\d+/,
    );
    const { trial: _, ...nameless } = network;
    await expect(keep({ networks: [{ ...nameless, architecture: 'nonsense <b>' }] })).rejects.toThrow(
      'm.json: times "nonsense <b>", which is no decoder of this program',
    );
    const text = (changes: object): string => JSON.stringify({ ...measurement, ...changes });
    expect(() => parseLatencyMeasurement(text({ networks: [{ ...network, measured: { median: 0, low: 0, high: 0 } }] }), 'm.json')).toThrow(
      /no measurement/,
    );
    expect(() => parseLatencyMeasurement(text({ networks: [{ ...network, measured: { median: 5, low: 9, high: 1 } }] }), 'm.json')).toThrow(
      /must lie between the quartiles/,
    );
    const device = { ...measurement.device, name: 'a phone\u001b[2J' };
    expect(() => parseLatencyMeasurement(text({ device }), 'm.json')).toThrow(/device\.name: holds control characters/);
    expect(await RunFolder.open(folder).readMeasurements()).toEqual([measurement]);
  });

  test('other threads are another measurement; a damaged file is neither read as empty nor written over', async () => {
    const run = RunFolder.open(folder);
    const [measurement] = await run.readMeasurements();
    if (!measurement) throw new RangeError('nothing was measured');
    const more = { ...measurement, runtime: { ...measurement.runtime, threads: 4 } };
    await run.keepMeasurement(more);
    expect(await run.readMeasurements()).toEqual([measurement, more]);
    const file = path.join(folder, 'measured.json');
    await writeFile(file, '{"cut');
    await expect(run.keepMeasurement(more)).rejects.toThrow(/measured\.json: cannot be read as what devices took/);
    expect(await readFile(file, 'utf8')).toBe('{"cut');
    const store = await run.look();
    expect((await runView({ name: 'made', id: '', folder: run, config: await run.readConfig(), store, isOver: false })).timings).toEqual(
      [],
    );
    store.close();
  });
});
