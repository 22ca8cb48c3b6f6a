// The command line: every command in a file of its own, loaded when it is called.

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { UserError } from '../errors/index.js';

const { version }: { version: string } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const program = new Command('auxcell')
  .description('Neural architecture search of compact dense-prediction networks')
  .version(version)
  .showHelpAfterError('(add --help for what there is)')
  .addHelpText('after', '\nExample:\n  auxcell search --data path/to/images --preset camvid --candidates 40');

const bench = program.command('bench').description('Measurements, as tabled in bench/README.md');
bench
  .command('candidate')
  .description('Train and validate genotypes on workload W1 (CamVid, 240×176) and print one JSON line each')
  .requiredOption('--data <dir>', 'folder with train.txt and val.txt')
  .requiredOption('--weights <source>', 'encoder: a safetensors file, movenet, or hub:OWNER/MODEL')
  .option('--genotype <genotype...>', 'JSON, a file, or arch0, arch1, arch2 (default: arch0 to arch2 and five random ones)')
  .option('--workers <n>', 'run each candidate this many times at once, one thread each', '1')
  .option('--threads <n>', 'threads of a single worker', '2')
  .option('--layout <layout>', 'auto, or portable for standard ONNX ops only', 'auto')
  .option('--json', 'print JSON lines')
  .addHelpText(
    'after',
    '\nExample:\n  auxcell bench candidate --data data/camvid --weights mobilenet-v2.safetensors --genotype arch1 --workers 2 --json',
  )
  .action(async (options: unknown) => (await import('./bench-candidate.js')).benchCandidate(options));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
