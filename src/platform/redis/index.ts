// Evaluation on other machines, over a queue in Redis.

export * from './queue-executor.js';
export * from './queue-worker.js';
