// How fast a data set is looked at, and whether memory stays flat: the lists N times over, as copies under other names.
// node bench/inspect.js DATA PRESET [TIMES]

import '../dist/platform/node/use-sqlite.js';
import { copyFile, link, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';

const [data, preset, times = '4'] = process.argv.slice(2);
if (!data || !preset) throw new Error('node bench/inspect.js DATA PRESET [TIMES]');
const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-bench-'));
// Cards of earlier looks are not asked.
process.env.XDG_CACHE_HOME = path.join(folder, 'cache');
const { inspectDataset } = await import('../dist/core/inspect/index.js');
const { loadPreset, openPresetData } = await import('../dist/core/preset/index.js');

try {
  const dataset = await openPresetData(data, await loadPreset(preset));
  const copies = async (samples) => {
    const all = [];
    for (let n = 0; n < Number(times); n++)
      for (const sample of samples) {
        const image = path.join(folder, `${n}-${all.length}${path.extname(sample.image)}`);
        await link(sample.image, image).catch(() => copyFile(sample.image, image));
        all.push({ ...sample, image });
      }
    return all;
  };
  const many = { ...dataset, train: await copies(dataset.train), val: await copies(dataset.val) };
  const total = many.train.length + many.val.length;
  const rss = [];
  const [started, used] = [performance.now(), process.cpuUsage()];
  await inspectDataset(many, {
    folder,
    threads: availableParallelism(),
    onProgress: (done) => {
      if (done % Math.ceil(total / 4) === 0 || done === total) rss.push(Math.round(process.memoryUsage().rss / 2 ** 20));
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(used);
  console.log(
    `${total} samples in ${seconds.toFixed(1)} s: ${(total / seconds).toFixed(0)} a second, ${((user + system) / 1000 / total).toFixed(1)} ms of a processor's time each; MiB after each quarter: ${rss.join(', ')}`,
  );
} finally {
  await rm(folder, { recursive: true });
}
