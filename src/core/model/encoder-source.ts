// Where an encoder comes from, by the name a user gives it: a file, `movenet`, or `hub:NAME`.

import type { EncoderWeights } from '../nn/index.js';
import { encoderWeightsFrom } from './encoder-weights.js';
import { platform } from '../platform/index.js';
import { movenetWeights } from './movenet.js';
import { readSafetensors } from './safetensors.js';

/** @param source a safetensors file, `movenet` (comes with npm), or `hub:OWNER/MODEL` (Hugging Face hub) */
export async function loadEncoder(source: string): Promise<EncoderWeights> {
  if (source === 'movenet') return movenetWeights();
  if (source.startsWith('hub:')) {
    const file = await platform().assets.hub(source.slice('hub:'.length));
    return encoderWeightsFrom(await readSafetensors(file), source);
  }
  return encoderWeightsFrom(await readSafetensors(source), source);
}
