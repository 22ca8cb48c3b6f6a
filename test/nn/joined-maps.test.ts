// The head's first convolution, taken apart where a network is deployed: the same outputs, and no map of all channels at the largest size.

import { describe, expect, test } from 'vitest';
import { deployedGraph, exportNetwork, freshNetwork, type NetworkWeights } from '../../src/core/model/index.js';
import { topologicalOrder } from '../../src/core/graph/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import type { TaskDescription } from '../../src/core/task/index.js';
import { parseArchitecture } from '../../src/core/space/index.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';

const task: TaskDescription = { task: 'segmentation', classes: ['sky', 'road', 'tree'] };
const size = { width: 96, height: 64 };

/** With running statistics, scales and shifts that are not those of the beginning, so that a bias in the wrong place shows. */
function network(genotype: string): NetworkWeights {
  const random = seededRandom(3);
  const fresh = freshNetwork({ genotype: parseArchitecture(genotype), task, width: 16, sepRepeats: 1 }, random);
  const tensors = new Map(
    Array.from(fresh.tensors, ([name, { shape, data }]) => {
      const isNorm = shape.length === 1;
      return [name, { shape, data: isNorm ? data.map(() => 0.5 + random.next()) : data }] as const;
    }),
  );
  return { ...fresh, tensors };
}

async function outputOf(model: Uint8Array): Promise<Float32Array> {
  const random = seededRandom(5);
  const { width, height } = size;
  const image = Float32Array.from({ length: 3 * width * height }, () => 2 * random.next() - 1);
  const session = await (await nodeRuntime({ layout: 'portable' })).open(model);
  const { logits } = await session.run({ image: { data: image, dims: [1, 3, height, width] } });
  await session.release();
  if (!(logits?.data instanceof Float32Array)) throw new TypeError('no logits');
  return logits.data;
}

describe('the head where it is deployed', () => {
  test.each([
    // Ends at 1/32 and 1/4; at 1/8, 1/4 and 1/8; all at 1/16; one alone; the published ones.
    '[[8,[0,0,5,2]],[[3,3],[0,0]]]',
    '[[1,[0,1,4,9]],[[1,1],[0,0],[1,1]]]',
    '[[1,[0,1,4,9]],[[2,2],[2,3]]]',
    '[[1,[0,1,4,9]],[[2,2]]]',
    'arch0',
    'arch1',
    'arch2',
  ])('%s gives what the network gives as it was trained', async (genotype) => {
    const trained = await outputOf(exportNetwork(network(genotype), { norm: 'inference' }));
    const deployed = await outputOf(exportNetwork(network(genotype)));
    const largest = Math.max(...trained.map(Math.abs));
    expect(largest).toBeGreaterThan(0.1);
    for (const [i, value] of trained.entries())
      expect(Math.abs((deployed[i] ?? Number.NaN) - value)).toBeLessThan(1e-4 * Math.max(1, largest));
  });

  test('maps of different sizes are neither joined nor limited before they are convolved', () => {
    const kindsOf = (norm: 'folded' | 'inference'): string[] => {
      const { output } = deployedGraph(network('[[1,[0,1,4,9]],[[3,3],[0,0]]]'), { norm });
      return topologicalOrder([output]).map(({ op }) => op.kind);
    };
    expect(kindsOf('inference')).toContain('concat');
    expect(kindsOf('folded')).not.toContain('concat');
  });
});
