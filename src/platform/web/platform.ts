// A page as the method sees it: files in memory, pictures by the browser, no threads beside ONNX Runtime's own.

import type { Platform } from '../../core/platform/index.js';
import { memoryPlatform, type MemoryPlatformOptions } from '../memory/platform.js';
import { webImages } from './images.js';

/** @param options what a page has fetched, or was given by its user */
export function webPlatform(options: MemoryPlatformOptions = {}): Platform {
  return { ...memoryPlatform(options), name: 'a browser', images: webImages };
}
