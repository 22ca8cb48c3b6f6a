// How long networks take on a runtime, measured in turns, so that what else the device does falls on all of them alike.

import { lowerGraph } from '../graph/index.js';
import { reachable } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { Feeds, Runtime, Session } from '../runtime/index.js';
import type { CutNetwork } from './pieces.js';

export interface TimingOptions {
  /** How long measuring may take in all; every network is measured in two turns at least. */
  readonly seconds: number;
  readonly random: Random;
  /** Milliseconds; absent: the time of day. On a machine that others use too, the processor's time of a runtime with one thread says more. */
  readonly clock?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @param settled networks of which two turns agree */
  readonly onProgress?: ((settled: number, total: number) => void) | undefined;
}

/** Open at a time: each holds its maps. */
const together = 16;
const runsInTurn = 5;
const fewestTurns = 2;
/** Two turns agree whose fastest runs differ by no more than this share. */
const agreement = 0.02;

/**
 * Of every network the times of its runs, in microseconds, in ascending order. A device is slower for seconds at a time (others use it, or it is
 * hot), so a network has several turns, each in other company, until its two fastest agree or the time is over.
 */
export async function timeNetworks(runtime: Runtime, networks: readonly CutNetwork[], options: TimingOptions): Promise<number[][]> {
  const { random, seconds, signal, onProgress, clock = now } = options;
  const started = performance.now();
  const timed = networks.map((network) => ({ network, model: modelOf(network, random), ...noTimes() }));
  const isSettled = ({ turns }: { turns: readonly number[] }): boolean => {
    const [first = 0, second = Number.POSITIVE_INFINITY] = turns.toSorted((a, b) => a - b);
    return second <= first * (1 + agreement);
  };
  const isOver = (turn: number): boolean => turn >= fewestTurns && performance.now() - started > 1000 * seconds;
  for (let turn = 0; !isOver(turn); turn++) {
    const unsettled = timed.filter((one) => turn < fewestTurns || !isSettled(one));
    if (unsettled.length === 0) break;
    const order = random.permutation(unsettled.length);
    for (let at = 0; at < order.length && !isOver(turn); at += together) {
      const group = order.slice(at, at + together).flatMap((i) => unsettled[i] ?? []);
      const times = await timeGroup(runtime, group, { random, signal, clock });
      group.forEach(({ runs, turns }, k) => {
        runs.push(...(times[k] ?? []));
        turns.push(Math.min(...(times[k] ?? [])));
      });
      onProgress?.(timed.filter(isSettled).length, timed.length);
    }
  }
  return timed.map(({ runs }) => runs.toSorted((a, b) => a - b));
}

/** Of all runs, and the fastest of every turn. */
function noTimes(): { runs: number[]; turns: number[] } {
  return { runs: [], turns: [] };
}

interface Opened {
  readonly network: CutNetwork;
  readonly model: Uint8Array;
}

function now(): number {
  return performance.now();
}

/** A turn of each. */
async function timeGroup(
  runtime: Runtime,
  group: readonly Opened[],
  { random, signal, clock }: Pick<TimingOptions, 'random' | 'signal'> & { readonly clock: () => number },
): Promise<number[][]> {
  const sessions: Session[] = [];
  try {
    const feeds: Feeds[] = [];
    const times = group.map((): number[] => []);
    for (const { network, model } of group) {
      sessions.push(await runtime.open(model));
      feeds.push(feedsOf(network, random));
    }
    // The first run of each allocates.
    for (let round = -1; round < runsInTurn; round++) {
      for (const [k, session] of sessions.entries()) {
        signal?.throwIfAborted();
        const before = clock();
        await session.run(feeds[k] ?? {});
        if (round >= 0) times[k]?.push(1000 * (clock() - before));
      }
    }
    return times;
  } finally {
    for (const session of sessions) await session.release();
  }
}

/** As deployed, with weights that do not matter. */
export function modelOf({ scope, output }: CutNetwork, random: Random): Uint8Array {
  const bindings = new Map(reachable(scope.parameters, [output]).map(({ tensor, shape }) => [tensor, noise(shape, random, 0.1)] as const));
  return lowerGraph({ logits: output }, { bindings });
}

function feedsOf({ inputs }: CutNetwork, random: Random): Feeds {
  return Object.fromEntries(Array.from(inputs, ([name, dims]) => [name, { data: noise(dims, random, 1), dims }]));
}

function noise(shape: readonly number[], random: Random, most: number): Float32Array {
  return Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => most * (2 * random.next() - 1));
}
