// How an option of the library is written on the command line.

/** `maxParams` → `--max-params` */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
}
