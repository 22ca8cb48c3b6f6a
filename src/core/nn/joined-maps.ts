// The head's first convolution where it is deployed: on maps of several sizes before they are joined, not behind.
//
// The decoder joins its blocks' maps at the size of the largest and takes ReLU(W · ReLU([a; b; …]) + β). With W cut into a part a map, and R
// bilinear resizing,
//   W · R([a; b]) = R(W_a · a) + W_b · b,
// because both are linear and R works on every channel alone; R leaves β as it is, because its weights sum to 1. The inner ReLU does nothing: the
// maps are sums of ReLUs, and R's weights are not negative. So no map of all channels is resized, joined, limited or convolved at the
// largest size.

import { add, compareDim, concat, conv2d, mapShape, relu, resizeBilinear, sameDim, slice, type Tensor } from '../graph/index.js';
import type { Scope } from './scope.js';

/** @param maps of one width, none of them negative @pre the scope is folded: batch normalisation is part of the weights */
export function convOfJoined(scope: Scope, maps: readonly Tensor[], outputs: number): Tensor {
  const inputs = maps.reduce((sum, map) => sum + channelsOf(map), 0);
  const w = scope.child(0).weight('weight', [outputs, inputs, 1, 1], { kind: 'uniform', bound: 1 / Math.sqrt(inputs) });
  const bias = scope.child(1).weight('bias', [outputs], { kind: 'constant', value: 0 });
  scope.child(0).fold(w, bias, scope.child(1));
  // Those of one size side by side are one convolution: nothing is gained by taking them apart.
  const groups = runsOfEqualSize(maps).map((run) => run.reduce((p, q) => concat([p, q], 1)));
  let from = 0;
  const parts = groups.map((group, k) => {
    const to = from + channelsOf(group);
    const part = slice(w, 1, from, to);
    from = to;
    return conv2d(group, part, k === groups.length - 1 ? { bias } : {});
  });
  return relu(parts.reduce((p, q) => add(...toLarger(p, q))));
}

function runsOfEqualSize(maps: readonly Tensor[]): Tensor[][] {
  const runs: Tensor[][] = [];
  for (const map of maps) {
    const run = runs.at(-1);
    if (run?.[0] && isEqualSize(run[0], map)) run.push(map);
    else runs.push([map]);
  }
  return runs;
}

function isEqualSize(p: Tensor, q: Tensor): boolean {
  const [, , ph, pw] = mapShape(p.shape, 'head');
  const [, , qh, qw] = mapShape(q.shape, 'head');
  return sameDim(ph, qh) && sameDim(pw, qw);
}

function channelsOf(map: Tensor): number {
  const [, channels] = mapShape(map.shape, 'head');
  return channels;
}

/** Resizes the smaller of two maps to the larger. */
export function toLarger(p: Tensor, q: Tensor): [Tensor, Tensor] {
  const [, , ph, pw] = mapShape(p.shape, 'decoder');
  const [, , qh, qw] = mapShape(q.shape, 'decoder');
  return compareDim(ph, qh) >= 0 ? [p, resizeBilinear(q, ph, pw, p)] : [resizeBilinear(p, qh, qw, q), q];
}
