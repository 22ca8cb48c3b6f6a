// The browser of the tests: Debian's Chromium, or the one that CHROMIUM names.

import { access } from 'node:fs/promises';

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
