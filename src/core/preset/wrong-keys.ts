// What is wrong with a preset, key by key, in words.

import type { z } from 'zod';
import { editDistance } from './edit-distance.js';

/** Said where a key is missing that not every preset has. */
const uses: Readonly<Record<string, string>> = {
  train: 'how one architecture is trained in full; presets/camvid-full.yaml has such a section to copy',
  stage1: 'how a candidate of a search is trained; presets/camvid.yaml has such a section to copy',
};

/** A key that is not known, beside one that is missing and is written nearly so, is one mistake. */
export function wrongKeys(issues: readonly z.core.$ZodIssue[]): string[] {
  const missing = new Set(issues.filter(isMissing).map(({ path }) => path.join('.')));
  const meant = new Set<string>();
  const unknown = issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [];
    return issue.keys.map((key) => {
      const name = [...issue.path, key].join('.');
      const near = [...missing].find((other) => editDistance(other, name) <= mostEdits);
      if (near !== undefined) meant.add(near);
      return `${name}: no such key${near === undefined ? '' : `; did you mean ${near.split('.').at(-1)}?`}`;
    });
  });
  const others = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return [];
    const name = issue.path.length > 0 ? issue.path.join('.') : 'the preset';
    if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
      const wanted = [...issue.message.matchAll(/'([^']+)'/g)].map(([, value]) => value);
      return [`${name}: is missing or unknown; it must be one of ${wanted.join(', ')}`];
    }
    if (!isMissing(issue)) return [`${name}: ${issue.message}`];
    if (meant.has(name)) return [];
    return [`${name}: is missing${uses[name] === undefined ? '' : `: ${uses[name]}`}`];
  });
  return [...unknown, ...others];
}

export const mostEdits = 2;

function isMissing(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
}
