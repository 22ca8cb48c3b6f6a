// Weights of a candidate's own network, as training would give them.

import { input } from '../../src/core/graph/index.js';
import { buildNetwork, initialise, Scope, torchEncoder } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import type { Genotype } from '../../src/core/space/index.js';

/** Of a decoder of width 16 and three classes. @param seed the candidate's index, say */
export function decoderWeights(genotype: Genotype, seed: number): Map<string, Float32Array> {
  const scope = Scope.root('inference');
  const decoder = { outputs: 3, width: 16, sepRepeats: 1 };
  buildNetwork(scope, input('image', [1, 3, 64, 64]), { genotype, encoder: torchEncoder, decoder });
  return initialise(
    scope.parameters.filter(({ name }) => name.startsWith('decoder.')),
    seededRandom(seed),
  );
}
