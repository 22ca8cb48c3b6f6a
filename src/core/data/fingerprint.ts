// What data is, wherever it lies: a hash of its files' contents in the order of the lists.

import { reasonOf } from '../errors/index.js';
import { files, sha256 } from '../platform/index.js';
import type { Dataset } from './dataset.js';
import { DataError } from './errors.js';

/**
 * Neither paths nor times enter it. A file that several samples share is read once.
 * @param onProgress samples done, of all
 * @throws DataError when a file cannot be read
 */
export async function dataFingerprint(
  { train, val, labelling }: Pick<Dataset, 'train' | 'val' | 'labelling'>,
  onProgress?: (done: number, total: number) => void,
): Promise<string> {
  const hash = sha256().update(JSON.stringify([labelling, train.length, val.length]));
  const known = new Map<string, string>();
  const contentOf = async (file: string): Promise<string> => {
    const content = known.get(file) ?? (await fileHash(file));
    known.set(file, content);
    return content;
  };
  const samples = [...train, ...val];
  for (const [i, sample] of samples.entries()) {
    hash.update(await contentOf(sample.image));
    if ('person' in sample) hash.update(JSON.stringify({ ...sample.person, joints: [...sample.person.joints] }));
    else hash.update(await contentOf('mask' in sample ? sample.mask : sample.depth));
    if ('mask' in sample && sample.segments) hash.update(JSON.stringify(sample.segments));
    onProgress?.(i + 1, samples.length);
  }
  return hash.digest();
}

/** @throws DataError when it cannot be read */
export async function fileHash(file: string): Promise<string> {
  try {
    return await files().sha256(file);
  } catch (error) {
    throw new DataError(`${file}: cannot be read (${reasonOf(error)})`);
  }
}
