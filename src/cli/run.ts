// Runs what the command line says; errors that a user can mend are told in a line or two.

// The first: what follows asks where it runs.
import '../platform/node/use-sqlite.js';
import { explanation } from './explanation.js';
import { program } from './main.js';

// A reader that went away (`| head`, a closed terminal) ends no work.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });

try {
  await program.parseAsync();
} catch (error) {
  const text = explanation(error);
  if (text === undefined) throw error;
  console.error(`error: ${text}`);
  process.exitCode = 1;
}
