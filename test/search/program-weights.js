// The same as weights.ts, for the programs that tests start.

import '../../dist/platform/node/use-sqlite.js';
import { input } from '../../dist/core/graph/index.js';
import { buildNetwork, initialise, Scope, torchEncoder } from '../../dist/core/nn/index.js';
import { seededRandom } from '../../dist/core/random/index.js';

export function decoderWeightsOf(genotype, seed) {
  const scope = Scope.root('inference');
  const decoder = { outputs: 3, width: 16, sepRepeats: 1 };
  buildNetwork(scope, input('image', [1, 3, 64, 64]), { genotype, encoder: torchEncoder, decoder });
  return initialise(
    scope.parameters.filter(({ name }) => name.startsWith('decoder.')),
    seededRandom(seed),
  );
}
