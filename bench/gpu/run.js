// All measurements one after the other, each in a process of its own with a limit of time; what is done is written at once, so that a
// failure late loses nothing. node run.js OUT [--tiny] [--minutes 8] [--only REGEXP]
// Writes OUT/results.jsonl, OUT/table.md, OUT/machine.txt, OUT/profile.json.

import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { opTimes } from './profile.js';
import { table } from './table.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tiny: { type: 'boolean', default: false }, minutes: { type: 'string', default: '8' }, only: { type: 'string', default: '' } },
});
const out = path.resolve(positionals[0] ?? 'gpu-results');
const here = import.meta.dirname;
mkdirSync(out, { recursive: true });
const results = path.join(out, 'results.jsonl');
const ends = Date.now() + 60_000 * Number(values.minutes);

function tryTo(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return `${command}: ${String(error).split('\n')[0]}\n`;
  }
}
writeFileSync(
  path.join(out, 'machine.txt'),
  `${tryTo('nvidia-smi', [])}\n${availableParallelism()} × ${cpus()[0]?.model}\nNode.js ${process.version}\n${tryTo('python3', ['-c', 'import torch; print("PyTorch", torch.__version__, torch.cuda.is_available())'])}`,
);

const archs = ['arch0', 'arch1', 'arch2'];
const [first, paper, images] = values.tiny ? ['tiny', 'tiny', 'tiny2'] : ['w1', 'paper1', 'paper2'];
const steps = values.tiny ? 4 : 30;
const ours = (options) => ({
  name: JSON.stringify(options),
  command: [process.execPath, path.join(here, 'step.js'), JSON.stringify(options)],
});
const peer = (workload, arch, mode) => ({
  name: `${workload} ${arch} PyTorch ${mode}`,
  command: ['python3', path.join(here, 'torch_step.py'), workload, arch, mode, ...(values.tiny ? ['cpu'] : [])],
});
const all = availableParallelism();
const profile = path.join(out, 'trace');
// What matters most comes first.
const jobs = [
  ...archs.map((arch) => ours({ workload: paper, arch, device: 'webgpu', steps, resident: true })),
  ...archs.map((arch) => ours({ workload: first, arch, device: 'webgpu', steps, resident: true })),
  ...archs.map((arch) => ours({ workload: images, arch, device: 'webgpu', steps: Math.min(10, steps), resident: true })),
  ...archs.map((arch) => ours({ workload: paper, arch, device: 'cpu', threads: all, steps: 6 })),
  ...archs.map((arch) => peer(paper, arch, 'eager')),
  ...archs.map((arch) => ours({ workload: first, arch, device: 'cpu', threads: all, steps: 10 })),
  ...archs.map((arch) => peer(images, arch, 'eager')),
  ...archs.map((arch) => peer(first, arch, 'eager')),
  ...archs.map((arch) => ours({ workload: images, arch, device: 'cpu', threads: all, steps: 4 })),
  ours({ workload: paper, arch: 'arch0', device: 'webgpu', steps }),
  ours({ workload: paper, arch: 'arch0', device: 'webgpu', steps: 6, resident: true, profile }),
  ours({ workload: paper, arch: 'arch0', device: 'webgpu', steps, resident: true, level: 'all' }),
  ours({ workload: paper, arch: 'arch0', device: 'webgpu', steps, resident: true, validation: 'disabled' }),
  ours({ workload: paper, arch: 'arch0', device: 'webgpu', steps, resident: true, layout: 'NCHW' }),
  ours({ workload: images, arch: 'arch0', device: 'webgpu', steps: Math.min(10, steps), resident: true, layout: 'NCHW' }),
  ours({ workload: first, arch: 'arch0', device: 'cpu', threads: 2, steps: 10 }),
  ...archs.map((arch) => peer(paper, arch, 'compile')),
].filter(({ name }) => new RegExp(values.only).test(name));

for (const { name, command } of jobs) {
  const left = ends - Date.now();
  if (left < 5000) {
    appendFileSync(results, `${JSON.stringify({ name, error: 'no time was left' })}\n`);
    continue;
  }
  const [program = '', ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: Math.min(left, 100_000),
    killSignal: 'SIGKILL',
  });
  const line = stdout?.trim().split('\n').at(-1) ?? '';
  const reason = error ? String(error) : `exit ${status}: ${stderr.trim().slice(0, 900)}`;
  const entry = status === 0 && line.startsWith('{') ? line : JSON.stringify({ name, error: reason });
  appendFileSync(results, `${entry}\n`);
  console.log(`${((Date.now() - ends) / 1000 + 60 * Number(values.minutes)).toFixed(0)} s: ${entry.slice(0, 400)}`);
}

const traces = readdirSync(out).filter((file) => file.startsWith('trace'));
for (const file of traces) {
  const times = opTimes(JSON.parse(readFileSync(path.join(out, file), 'utf8')));
  writeFileSync(path.join(out, 'profile.json'), JSON.stringify(times, undefined, 1));
  console.log(JSON.stringify(times).slice(0, 3000));
  rmSync(path.join(out, file));
}
const text = table(
  readFileSync(results, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)),
);
writeFileSync(path.join(out, 'table.md'), text);
console.log(text);
