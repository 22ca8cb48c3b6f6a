// The networks by which pieces are measured: members of the search space, each with much of a few pieces, so that together they tell every
// piece's share. Most are decoders alone, fed with the encoder's maps; some are whole networks, which tell the encoder's. Beside them stand
// the decoders that people designed, so that what is found can be compared with them on the same device.

import type { Random } from '../random/index.js';
import { cellOps, type Genotype, genotypeFromJson, handDesigned, handDesignedNames, positionsBefore, tapCount } from '../space/index.js';
import { cutNetwork, type CutNetwork, type PieceSetting } from './pieces.js';

export interface SpaceDims {
  readonly blocks: number;
  readonly rounds: number;
}

export interface Probe {
  readonly genotype: Genotype;
  readonly from: 'image' | 'taps';
}

const ops = cellOps.map((_, i) => i);
const skip = cellOps.findIndex(({ kind }) => kind === 'skip');
const none = cellOps.findIndex(({ kind }) => kind === 'none');
const taps = Array.from({ length: tapCount }, (_, i) => i);

/** @param random draws the last `extra` probes, which have pieces in company as networks have them */
export function probesOf({ blocks, rounds }: SpaceDims, random: Random, extra = 48): Probe[] {
  const still = cellOf(rounds, skip, []);
  const whole = (connections: number[][], cell: unknown[] = still): Genotype => genotypeFromJson([cell, connections]);
  /** The last block takes `pair`; those before it are taken by the one behind them and so do not end in the head. */
  const chains = ops
    .filter((op) => op !== skip && op !== none)
    .flatMap((op) => [1, 1 + rounds].flatMap((copies) => taps.map((s) => whole([[s, s]], cellOf(rounds, op, Array(copies - 1).fill(op))))));
  const pairs = taps.flatMap((a) => taps.map((b) => whole([[a, b]])));
  const ends = endingsOf(blocks).map((sizes) => whole(sizes.map((s) => [s, s])));
  const random3 = Array.from({ length: extra }, () => randomGenotype({ blocks, rounds }, random));
  const decoders = [...pairs, ...chains, ...ends, ...random3].map((genotype) => ({ genotype, from: 'taps' }) as const);
  const networks = [...pairs, ...random3.slice(0, 4)].map((genotype) => ({ genotype, from: 'image' }) as const);
  return [...decoders, ...networks];
}

/** A cell that begins with one op and goes on with others in a chain; the remaining rounds are empty. */
function cellOf(rounds: number, first: number, chain: readonly number[]): unknown[] {
  // Op a of round r stands at 2 + 3r, and takes the one before it.
  const input = (r: number): number => (r === 0 ? 1 : positionsBefore(r - 1));
  return [first, ...Array.from({ length: rounds }, (_, r) => [r < chain.length ? input(r) : 0, 0, chain[r] ?? none, none])];
}

/** Every order of up to `blocks` (at most three: more maps are joined as two are) maps of the taps' sizes in the head. */
function endingsOf(blocks: number): number[][] {
  const longer = (sizes: readonly number[][]): number[][] => sizes.flatMap((list) => taps.map((s) => [...list, s]));
  const two = longer(taps.map((s) => [s]));
  if (blocks < 2) return [];
  return blocks < 3 ? two : [...two, ...longer(two)];
}

export function randomGenotype({ blocks, rounds }: SpaceDims, random: Random): Genotype {
  const two = (most: number): number[] => [random.integer(most), random.integer(most)];
  return genotypeFromJson([
    [random.integer(ops.length), ...Array.from({ length: rounds }, (_, r) => [...two(positionsBefore(r)), ...two(ops.length)])],
    Array.from({ length: blocks }, (_, b) => two(tapCount + b)),
  ]);
}

/** The probes as graphs; of those that are the same network one. */
export function cutProbes(dims: SpaceDims, setting: PieceSetting, random: Random, extra?: number): CutNetwork[] {
  const cuts = new Map<string, CutNetwork>();
  const known = handDesignedNames.flatMap((name) => handDesigned(name) ?? []).map((architecture) => cutNetwork(architecture, setting));
  const probes = probesOf(dims, random, extra).map(({ genotype, from }) => ({ from, network: cutNetwork(genotype, setting, from) }));
  for (const { from, network } of [...probes, ...known.map((network) => ({ from: 'image', network }))]) {
    const key = `${from} ${network.pieces
      .map(({ name, count }) => `${count} ${name}`)
      .toSorted()
      .join('; ')}`;
    if (!cuts.has(key)) cuts.set(key, network);
  }
  return [...cuts.values()];
}
