import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packageFile = new URL('../../../../package.json', import.meta.url);

/** This package's version. */
export function ownVersion(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile, 'utf8'))).version;
}

/** 0.2.1 → 0.2: what a training or an evaluation gives changes with these two numbers only, so that runs go on across the third. */
export function minorVersion(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
