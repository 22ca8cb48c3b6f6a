import { stat } from 'node:fs/promises';

/** `base`, or `base-2`, `base-3`, …: the first that is not there. */
export async function freeFolder(base: string): Promise<string> {
  for (let n = 1; ; n++) {
    const folder = n === 1 ? base : `${base}-${n}`;
    const taken = await stat(folder).then(
      () => true,
      () => false,
    );
    if (!taken) return folder;
  }
}
