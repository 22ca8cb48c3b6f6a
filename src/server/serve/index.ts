export { type ServedModel, type ServeOptions, serve } from './serve.js';
