// A small preset of segmentation as text, for tests that change a key of it.

/** @param changes whole lines or parts: what is to stand for the data, and for `mirror: true` */
export function demoPreset({ data, mirror = 'mirror: true' }: { readonly data: string; readonly mirror?: string }): string {
  return `
task: segmentation
${data}
reward: { excluded: [] }
encoder: movenet
space: { blocks: 3, rounds: 3 }
decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 }
stage1:
  { samples: 16, epochs: 2, batch: 8, learningRate: 0.01, weightDecay: 1.0e-5, clipNorm: 3, polyakDecay: 0.9, framing: { kind: random, side: 40, width: 48, height: 40, scale: [0.8, 1.3], ${mirror} } }
validation: { framing: { kind: resize, width: 48, height: 40 } }
controller:
  { hidden: 20, layers: 2, conditioning: none, learningRate: 0.001, clipNorm: 2, entropyCoefficient: 0, baselineDecay: 0.95, ppo: { clipCoefficient: 0.1, bufferSize: 100, minibatch: 10 } }
strategy: ppo
candidates: 4
`;
}
