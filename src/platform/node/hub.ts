// Weights from the Hugging Face hub, kept in its usual cache folder and checked against the hub's SHA-256.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { downloadFileToCacheDir, getHFHubCachePath } from '@huggingface/hub';
import { reasonOf } from '../../core/errors/index.js';
import { WeightsError } from '../../core/model/index.js';

export interface HubOptions {
  /** Default: `HF_ENDPOINT`, else the public hub. */
  readonly hubUrl?: string;
  /** Default: the hub's own (`HF_HUB_CACHE`, `HF_HOME`, else below the home folder). */
  readonly cacheDir?: string;
}

const fileName = 'model.safetensors';

/**
 * The path of a model's weights, downloaded if need be; without a connection, the copy in the cache.
 * @param name OWNER/MODEL, for example `timm/mobilenetv2_100.ra_in1k`
 */
export async function hubWeights(name: string, options: HubOptions = {}): Promise<string> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(name))
    throw new WeightsError(`hub:${name}: expected hub:OWNER/MODEL, for example hub:timm/mobilenetv2_100.ra_in1k`);
  const { hubUrl = process.env['HF_ENDPOINT'], cacheDir = getHFHubCachePath() } = options;
  let file: string;
  try {
    file = await downloadFileToCacheDir({ repo: name, path: fileName, cacheDir, ...(hubUrl && { hubUrl }) });
  } catch (error) {
    const cached = await findCached(cacheDir, name);
    if (cached === undefined)
      throw new WeightsError(
        `hub:${name}: ${fileName} cannot be fetched (${reasonOf(error)}) and is not in ${cacheDir}; check the name and the connection, or give a file or movenet`,
      );
    file = cached;
  }
  const blob = await realpath(file);
  const expected = path.basename(blob);
  // Large files are stored under their SHA-256.
  if (/^[0-9a-f]{64}$/.test(expected)) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(blob), hash);
    const actual = hash.digest('hex');
    if (actual !== expected) {
      await Promise.all([rm(blob), rm(file, { force: true })]);
      throw new WeightsError(
        `hub:${name}: the download is damaged (SHA-256 ${actual}, the hub says ${expected}) and was removed; run the command again`,
      );
    }
  }
  return file;
}

async function findCached(cacheDir: string, name: string): Promise<string | undefined> {
  const snapshots = path.join(cacheDir, `models--${name.replaceAll('/', '--')}`, 'snapshots');
  for (const snapshot of await readdir(snapshots).catch(() => [])) {
    const file = path.join(snapshots, snapshot, fileName);
    if (
      await realpath(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}
