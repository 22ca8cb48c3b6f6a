// A card as a run keeps it.

import { parseJson } from '../errors/index.js';
import { files, ownText, path } from '../platform/index.js';
import { type DataCard, dataCardSchema } from './data-card.js';

const name = 'data-card.json';

/** @param run its folder */
export function writeCard(run: string, card: DataCard): Promise<void> {
  return files().replace(path.join(run, name), `${JSON.stringify(card, null, 1)}\n`);
}

/** Undefined where the run has none, as earlier versions, or one that this version does not know. */
export async function readCard(run: string): Promise<DataCard | undefined> {
  const text = await ownText(files(), path.join(run, name));
  return text === undefined ? undefined : dataCardSchema.safeParse(parseJson(text)).data;
}
