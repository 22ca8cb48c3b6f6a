// Evaluation in processes of this machine.

export * from './local-workers.js';
export * from './worker-folder.js';
export type { WorkerSetting } from './worker-protocol.js';
