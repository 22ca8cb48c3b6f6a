// A trial by hand.

import type { Trial } from '../../src/core/search/index.js';

export const smallTrial = (index: number, reward: number, more: Partial<Trial> = {}): Trial => ({
  index,
  genotype: [[9], [[0, 1]]],
  key: `key ${index}`,
  reward,
  metrics: { meanIoU: reward },
  loss: 1,
  parameters: 10 * index,
  multiplyAdds: 100 * index,
  inputSize: [1, 1],
  stage: 1,
  seed: 0,
  seconds: { training: 1, validation: 1 },
  policy: { entropy: 0.5 * index },
  ...more,
});
