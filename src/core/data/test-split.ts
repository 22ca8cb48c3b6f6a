// A split for testing beside one for validation. Published ones often come without labels: then there is none, and a note says so.

import { DataError } from './errors.js';
import type { FindingList } from './finding.js';

/** Undefined where there is no such split, or its labels were kept back. */
export async function usableTest<S>(
  read: (() => Promise<readonly S[] | undefined>) | undefined,
  findings: FindingList,
): Promise<readonly S[] | undefined> {
  try {
    const test = await read?.();
    return test?.length ? test : undefined;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    findings.add({
      grade: 'note',
      code: 'test-split-unusable',
      cause: `the test split cannot be read with its labels, and nothing is measured on it: ${error.message}`,
      count: 1,
      remedy: 'nothing, where its labels were not published',
    });
    return undefined;
  }
}
