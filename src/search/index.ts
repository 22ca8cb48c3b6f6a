// A search: its loop, its store, and where its candidates are evaluated.

export * from './best-network.js';
export * from './check-evaluation.js';
export * from './conclude.js';
export * from './early-stop.js';
export * from './evaluate.js';
export * from './executor.js';
export * from './failures.js';
export * from './latency.js';
export * from './live.js';
export * from './local-workers.js';
export * from './machine-error.js';
export * from './predictions.js';
export * from './prepare.js';
export * from './queue-executor.js';
export * from './queue-worker.js';
export * from './run-folder.js';
export * from './run-setting.js';
export * from './run-summary.js';
export * from './search.js';
export * from './shown-images.js';
export * from './store.js';
export * from './strategies.js';
export * from './suspicion.js';
export * from './teacher-store.js';
export * from './trial.js';
export type { WorkerSetting } from './worker-protocol.js';
