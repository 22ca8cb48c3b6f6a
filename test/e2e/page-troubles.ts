// What somebody could not use or read on a page: barriers that axe finds, sideways scroll, and texts that are cut off, that leave
// their drawing, or that lie over one another.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const measuring = readFileSync(path.join(import.meta.dirname, '..', 'browser', 'text-troubles.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** @returns a sentence each, empty where all is well */
export async function pageTroubles(page: Page): Promise<string[]> {
  return [...(await barriers(page)), ...(await textTroubles(page))];
}

/** Beside the page's own policy: the debugger's world is not bound by it. */
async function barriers(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    `${axe.source}; axe.run(document, { resultTypes: ['violations'] })`,
  );
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  return [
    ...serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    ...(overflow > 0 ? [`the page is ${overflow} pixels wider than its window`] : []),
  ];
}

export function textTroubles(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(measuring);
}
