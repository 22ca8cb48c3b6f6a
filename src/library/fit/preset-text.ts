// A preset as a file for people: what it was made from stands beside the keys.

import { Document, isMap, isScalar, type YAMLMap } from 'yaml';
import path from 'node:path';
import type { DataCard } from '../../core/inspect/index.js';
import { presetSchemaFile } from '../../core/preset/index.js';
import { presetFolder } from '../../platform/node/assets.js';
import { step } from './network-size.js';
import type { WholePreset } from './preset-for-data.js';

const said: Readonly<Record<string, string>> = {
  task: ' What is learnt: segmentation, pose or depth.',
  data: ' As the folder says it; metaTrainShare: share of the training list that candidates train on, the rest scores them.',
  reward: ' What the search maximises.',
  encoder: " Where the encoder's pretrained weights come from.",
  space: ' The search space: blocks of the decoder, cells in each.',
  decoder: ' Channels of the decoder; operations in a row; weight of the auxiliary heads.',
  stage1: ' How a candidate is trained, briefly, on kept outputs of the encoder.',
  validation: ` How pictures are seen when a candidate is scored: stretched to about their own aspect, sides in steps of ${step}; people are cut out.`,
  strategy: ' Who proposes architectures; the time ends the search, candidates is only a bound.',
  train: ' How the best are trained in full; epochs follow from the time that is left after the search.',
};

/** YAML that `parsePreset` reads back. */
export function presetText(preset: WholePreset, card: DataCard): string {
  const document = new Document(preset);
  // Editors complete and explain keys by the schema.
  const schema = ` yaml-language-server: $schema=${path.join(presetFolder, presetSchemaFile)}`;
  document.commentBefore = `${schema}\n Made for ${card.folder} (${card.layout}). Change what you know better, and give it back as the preset.`;
  const { contents } = document;
  if (isMap(contents)) explain(contents);
  return document.toString({ lineWidth: 140 });
}

function explain(map: YAMLMap): void {
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const text = said[String(key.value)];
    if (text !== undefined) key.commentBefore = text;
  }
}
