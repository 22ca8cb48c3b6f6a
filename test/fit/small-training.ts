// A preset of a full training of moments, for `writeStripeFolder`.

/** @param changes replacements in its text; each has to be found */
export function smallTraining(changes: Readonly<Record<string, string>> = {}): string {
  const text = `
task: segmentation
data: { classes: [a, b, c], ignore: 255, metaTrainShare: 0.75 }
reward: { excluded: [] }
encoder: movenet
train:
  decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 }
  epochs: 4
  batch: 4
  learningRate: 0.01
  weightDecay: 1.0e-5
  clipNorm: 3
  polyakDecay: 0.5
  schedule: { kind: polynomial, power: 0.9 }
  framing: { kind: random, side: 40, width: 48, height: 40, scale: [0.8, 1.3], mirror: true }
  encoder: { learningRate: 0.001, momentum: 0.9, weightDecay: 1.0e-5, clipNorm: 3, batchNorm: frozen }
  validation: { framing: { kind: resize, width: 48, height: 40 }, every: 2 }
`;
  return Object.entries(changes).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`"${from}" is not in the preset`);
    return changed.replace(from, to);
  }, text);
}
