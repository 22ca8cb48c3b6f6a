// One measurement, in a process of its own: node step.js '{"workload":"w1","arch":"arch0","device":"webgpu","steps":20}'. Prints JSON.
//   device: webgpu, or cpu (the blocked kernels) with `threads`
//   resident: state and batch stay on the device from step to step; otherwise both are copied for every step, as the batch of a new
//             sample is
//   profile: a file's beginning for ONNX Runtime's own profile

process.env['ORT_DISABLE_TELEMETRY'] = '1';
const { InferenceSession, Tensor } = await import('onnxruntime-node');
const { nodeRuntime } = await import('../../dist/platform/node/runtime.js');
const { ratesOf, stepOf } = await import('./workloads.js');

const options = { threads: 1, steps: 20, resident: false, ...JSON.parse(process.argv[2] ?? '{}') };
const { workload, arch, device, threads, steps, resident, profile, layout, level = 'disabled', validation } = options;
const tensor = ({ data, dims }) => new Tensor(data instanceof Int32Array ? 'int32' : 'float32', data, dims);
const begun = performance.now();
const { target } = await nodeRuntime({ device });
const { model, state: first, batch } = stepOf(workload, arch, target);
const built = performance.now();

const webgpu = { name: 'webgpu', ...(layout && { preferredLayout: layout }), ...(validation && { validationMode: validation }) };
const base = {
  executionProviders: device === 'webgpu' ? [webgpu, 'cpu'] : ['cpu'],
  graphOptimizationLevel: level,
  intraOpNumThreads: threads,
  executionMode: 'sequential',
  logSeverityLevel: 3,
};
const next = (name) => `next_${name}`;
const places = Object.fromEntries([...Object.keys(first).map((name) => [next(name), 'gpu-buffer']), ['loss', 'cpu']]);
const session = await InferenceSession.create(model, {
  ...base,
  ...(resident && { preferredOutputLocation: places }),
  ...(profile && { enableProfiling: true, profileFilePrefix: profile }),
});
const opened = performance.now();

let state = Object.fromEntries(Object.entries(first).map(([name, value]) => [name, tensor(value)]));
let feeds = Object.fromEntries(Object.entries(batch).map(([name, value]) => [name, tensor(value)]));
if (resident) feeds = await onDevice(feeds);

const losses = [];
const times = [];
for (let k = 1; k <= steps; k++) {
  const rates = Object.fromEntries(
    Object.entries(ratesOf(k)).flatMap(([name, value]) =>
      session.inputNames.includes(name) ? [[name, new Tensor('float32', Float32Array.of(value), [])]] : [],
    ),
  );
  const started = performance.now();
  const results = await session.run({ ...feeds, ...state, ...rates });
  // Read in every step: the device has then done all of it.
  losses.push(results['loss'].data[0]);
  times.push(performance.now() - started);
  for (const held of Object.values(state)) if (held.location === 'gpu-buffer') held.dispose();
  state = Object.fromEntries(Object.keys(state).map((name) => [name, results[next(name)]]));
}
if (profile) session.endProfiling();
const sorted = times.slice(Math.min(3, steps - 1)).sort((a, b) => a - b);
console.log(
  JSON.stringify({
    ...options,
    buildMs: Math.round(built - begun),
    openMs: Math.round(opened - built),
    firstStepMs: Math.round(times[0]),
    stepMs: sorted[Math.floor(sorted.length / 2)],
    fastestMs: sorted[0],
    slowestMs: sorted.at(-1),
    losses: losses.slice(0, 5),
    lastLoss: losses.at(-1),
    modelMiB: model.length / 2 ** 20,
    rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  }),
);
// Vulkan's own threads may take long to end.
process.exit(0);

/** The same tensors in the device's memory: what an identity gives. */
async function onDevice(tensors) {
  const { add, input, lowerGraph, scalar } = await import('../../dist/core/graph/index.js');
  const outputs = {};
  for (const [name, { dims, type }] of Object.entries(tensors)) {
    if (type !== 'float32') continue;
    const x = input(name, dims);
    outputs[`${name}_kept`] = add(x, scalar(0));
  }
  const mover = await InferenceSession.create(lowerGraph(outputs), { ...base, preferredOutputLocation: 'gpu-buffer' });
  const moved = await mover.run(Object.fromEntries(mover.inputNames.map((name) => [name, tensors[name]])));
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, moved[`${name}_kept`] ?? t]));
}
