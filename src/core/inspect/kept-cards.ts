// Cards that were made before: what a data set is like is read once, and again only when a file of it has changed.

import type { Dataset, Sample } from '../data/index.js';
import { parseJson } from '../errors/index.js';
import { files, path, sha256, textOf } from '../platform/index.js';
import { type DataCard, dataCardSchema } from './data-card.js';

/** Rises whenever a scan finds something else in the same files. */
const scanFormat = 7;

/** Of every file's name, size and times, and of what the labels mean. @param meaning whatever else the card depends on */
export async function fingerprintOf({ layout, labelling, train, val, findings, skipped }: Dataset, meaning: unknown): Promise<string> {
  const what = [scanFormat, layout, labelling, train.length, val.length, findings, skipped, meaning];
  const hash = sha256().update(JSON.stringify(what));
  const stamps = new Map<string, Promise<string>>();
  for (const sample of [...train, ...val]) {
    const { image, ...truth } = sample;
    const own = [image, ...filesOf(sample)];
    // Together, as one after the other would wait for the disk each time; each file once.
    for (const file of own) if (!stamps.has(file)) stamps.set(file, stampOf(file));
    hash.update((await Promise.all(own.map((file) => stamps.get(file) ?? ''))).join('\n'));
    if ('person' in truth) hash.update(JSON.stringify({ ...truth.person, joints: [...truth.person.joints] }));
    else hash.update(JSON.stringify(truth));
  }
  return hash.digest();
}

function filesOf(sample: Sample): string[] {
  return 'mask' in sample ? [sample.mask] : 'depth' in sample ? [sample.depth] : [];
}

/** The change time cannot be set back, as a file's own time can. */
async function stampOf(file: string): Promise<string> {
  const found = await files().facts(file);
  return `${path.resolve(file)} ${found?.size} ${found?.modified} ${found?.changed}`;
}

function cardFile(fingerprint: string): string {
  return path.join(files().cacheFolder('inspect'), `${fingerprint}.json`);
}

export async function keptCard(fingerprint: string): Promise<DataCard | undefined> {
  const text = await textOf(files(), cardFile(fingerprint));
  const card = dataCardSchema.safeParse(text === undefined ? undefined : parseJson(text));
  return card.data;
}

/** Where it cannot be kept, it is made again the next time. */
export async function keepCard(fingerprint: string, card: DataCard): Promise<void> {
  try {
    await files().makeCacheFolder('inspect');
    await files().replace(cardFile(fingerprint), JSON.stringify(card));
  } catch {
    // A home that cannot be written to, a full disk.
  }
}
