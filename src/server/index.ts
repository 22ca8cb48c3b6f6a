export * from './api.js';
export * from './dashboard.js';
export * from './device.js';
export * from './playground.js';
export * from './report.js';
export type { OpenServer, ServerOptions } from './server.js';
