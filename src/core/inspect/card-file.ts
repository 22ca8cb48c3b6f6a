// A card as a run keeps it.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseJson } from '../errors/index.js';
import { replaceFile } from '../../platform/node/files/index.js';
import { type DataCard, dataCardSchema } from './data-card.js';

const name = 'data-card.json';

/** @param run its folder */
export function writeCard(run: string, card: DataCard): Promise<void> {
  return replaceFile(path.join(run, name), `${JSON.stringify(card, null, 1)}\n`);
}

/** Undefined where the run has none, as earlier versions, or one that this version does not know. */
export async function readCard(run: string): Promise<DataCard | undefined> {
  const text = await readFile(path.join(run, name), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : dataCardSchema.safeParse(parseJson(text)).data;
}
