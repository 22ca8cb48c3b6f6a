// ONNX Runtime's profile as sums by op: [{ op, milliseconds, count, providers }], the dearest first.

export function opTimes(events) {
  const sums = new Map();
  for (const { cat, dur, args = {}, name = '' } of events) {
    if (cat !== 'Node' && cat !== 'Api') continue;
    if (cat === 'Node' && !name.endsWith('_kernel_time')) continue;
    const op = cat === 'Api' ? `GPU ${name.replace(/&.*$/, '')}` : args.op_name;
    const sum = sums.get(op) ?? { op, milliseconds: 0, count: 0, providers: {} };
    sum.milliseconds += dur / 1000;
    sum.count++;
    const provider = args.provider ?? 'device';
    sum.providers[provider] = (sum.providers[provider] ?? 0) + 1;
    sums.set(op, sum);
  }
  return [...sums.values()].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 40);
}
