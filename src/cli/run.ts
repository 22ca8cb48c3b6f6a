// Runs what the command line says; errors that a user can mend are told in a line or two.

import { explanation } from './explanation.js';
import { program } from './main.js';

// A reader that went away (`| head`, a closed terminal) ends no work.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });

// Before a command is loaded, which asks where it runs; and not for `--help`, which is there at once without it.
program.hook('preAction', async () => {
  await import('../platform/node/use-sqlite.js');
});

try {
  await program.parseAsync();
} catch (error) {
  const text = explanation(error);
  if (text === undefined) throw error;
  console.error(`error: ${text}`);
  process.exitCode = 1;
}
