// The results as a table: a row for every workload and architecture, milliseconds a step.

import { workloads } from './workloads.js';

export function table(lines) {
  const good = lines.filter(({ stepMs }) => stepMs !== undefined);
  const find = (workload, arch, wanted) => good.find((line) => line.workload === workload && line.arch === arch && wanted(line));
  const plain = ({ level = 'disabled', layout, validation, profile }) => level === 'disabled' && !layout && !validation && !profile;
  const ms = (line) => (line ? line.stepMs.toFixed(1) : '–');
  const most = Math.max(1, ...good.flatMap(({ device, threads }) => (device === 'cpu' ? [threads] : [])));
  const rows = [...new Set(good.map(({ workload, arch }) => `${workload} ${arch}`))].sort().map((key) => {
    const [workload = '', arch = ''] = key.split(' ');
    const gpu = find(workload, arch, (line) => line.device === 'webgpu' && line.resident && plain(line));
    const nchw = find(workload, arch, (line) => line.device === 'webgpu' && line.resident && line.layout === 'NCHW');
    const copied = find(workload, arch, (line) => line.device === 'webgpu' && !line.resident && plain(line));
    const cpu = find(workload, arch, (line) => line.device === 'cpu' && line.threads === most);
    const eager = find(workload, arch, (line) => line.device === 'PyTorch eager');
    const compiled = find(workload, arch, (line) => line.device === 'PyTorch compile');
    const apart =
      gpu && cpu ? Math.max(...gpu.losses.slice(0, 5).map((loss, i) => Math.abs(loss / (cpu.losses[i] ?? loss) - 1))) : undefined;
    const hour = gpu ? Math.round(3_600_000 / (gpu.stepMs * workloads[workload].steps)) : undefined;
    return `| ${workload} | ${arch} | ${ms(gpu)} | ${ms(nchw)} | ${ms(copied)} | ${ms(cpu)} | ${ms(eager)} | ${ms(compiled)} | ${apart?.toExponential(1) ?? '–'} | ${hour ?? '–'} |`;
  });
  return `${[
    `| workload | architecture | WebGPU, ms a step (NHWC, its default) | WebGPU, NCHW | WebGPU, batch copied | CPU, ${most} threads | PyTorch eager | torch.compile | loss apart from CPU's, 5 steps | candidates an hour |`,
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
    ...lines.filter(({ error }) => error).map(({ name, error }) => `\n${name}: ${error}`),
  ].join('\n')}\n`;
}
