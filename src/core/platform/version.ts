/** This package's version: a test compares it with package.json. */
export const ownVersion = '0.3.0';

/** 0.2.1 → 0.2: what a training or an evaluation gives changes with these two numbers only, so that runs go on across the third. */
export function minorVersion(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
