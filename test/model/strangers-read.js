// Reads the files that it is told of, as the command line does, in a process whose memory is bounded:
// node --max-old-space-size=… strangers-read.js [[reader, file], …]. Prints what was said of each, and the most memory that it
// took in MB.

import '../../dist/platform/node/use-sqlite.js';
import { readBoxes } from '../../dist/cli/boxes.js';
import { readGenotype } from '../../dist/cli/options.js';
import { playgroundModel, readNetwork, readTorchCheckpoint } from '../../dist/core/model/index.js';
import { loadPreset } from '../../dist/core/preset/index.js';

const readers = {
  checkpoint: readTorchCheckpoint,
  network: readNetwork,
  model: playgroundModel,
  genotype: readGenotype,
  preset: loadPreset,
  boxes: readBoxes,
};
const said = [];
for (const [reader, file] of JSON.parse(process.argv[2] ?? '[]')) {
  const begun = performance.now();
  const message = await readers[reader](file).then(
    () => 'read',
    (error) => `${error.name}: ${error.message}`,
  );
  said.push({ message, seconds: (performance.now() - begun) / 1000 });
}
console.log(JSON.stringify({ said, megabytes: process.resourceUsage().maxRSS / 1024 }));
