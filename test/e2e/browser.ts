// The browser of the tests: Debian's Chromium, or the one that CHROMIUM names.

import { access } from 'node:fs/promises';
import type { Page } from 'playwright-core';

export const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether it is there; says so when it is not. @param what goes untested */
export async function hasChromium(what: string): Promise<boolean> {
  const found = await access(executablePath).then(
    () => true,
    () => false,
  );
  if (!found) console.warn(`no Chromium: ${what} (apt-get install chromium)`);
  return found;
}

/** What goes wrong on the page from now on: errors on its console, and those that nobody caught. */
export function troublesOf(page: Page): string[] {
  const troubles: string[] = [];
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(error.message));
  return troubles;
}
