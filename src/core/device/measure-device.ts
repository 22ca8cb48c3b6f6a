// A device measured: probes are timed, and the time of every piece is what explains them best.
//
// With aᵢⱼ how often probe i computes piece j, and Tᵢ its time, pieces t ≥ 0 minimise Σ (Σⱼ aᵢⱼ tⱼ / Tᵢ − 1)²: relative errors, since a
// network of 3 ms matters as one of 60. What the probes leave open (pieces that only ever come together) is settled by a prior:
// what a piece of so many multiply-adds and bytes takes on this device, itself fitted to the probes first.

import type { Runtime } from '../runtime/index.js';
import { channelNames } from '../task/index.js';
import { nonNegativeLeastSquares } from './least-squares.js';
import type { CutNetwork, Piece, PieceSetting } from './pieces.js';
import { cutProbes, type SpaceDims } from './probes.js';
import { type DeviceProfile, pieceByRates, sumOfPieces } from './profile.js';
import { timeNetworks, type TimingOptions } from './time-probes.js';

export interface MeasureOptions extends TimingOptions {
  readonly setting: PieceSetting;
  readonly space: SpaceDims;
  /** `median` by default; `minimum` on a machine that others use too. */
  readonly statistic?: DeviceProfile['statistic'] | undefined;
  /** Random architectures among the probes; absent: 48. */
  readonly extra?: number | undefined;
}

/** What measuring finds out; the rest of a profile is what the device says of itself. */
export type Measured = Pick<DeviceProfile, 'network' | 'size' | 'statistic' | 'spread' | 'fit' | 'rates' | 'base' | 'pieces'>;

/** @param runtime of the device, with its threads and the portable layout that models are deployed in */
export async function measureDevice(runtime: Runtime, options: MeasureOptions): Promise<Measured> {
  const { setting, space, statistic = 'median', random, extra } = options;
  const probes = cutProbes(space, setting, random.fork('probes'), extra);
  const runs = await timeNetworks(runtime, probes, options);
  const network = {
    task: setting.task.task,
    outputs: channelNames(setting.task).length,
    width: setting.width,
    sepRepeats: setting.sepRepeats,
    encoder: setting.encoder,
    ...space,
  };
  return { network, size: setting.size, statistic, ...pieceTimes(probes, runs, statistic) };
}

/** @param runs of every probe the times in microseconds, in ascending order */
export function pieceTimes(
  probes: readonly Pick<CutNetwork, 'pieces'>[],
  runs: readonly (readonly number[])[],
  statistic: DeviceProfile['statistic'],
): Pick<DeviceProfile, 'spread' | 'fit' | 'rates' | 'base' | 'pieces'> {
  const timed = probes.map(({ pieces }, i) => ({ pieces, time: statisticOf(runs[i] ?? [], statistic) }));
  const fitted = fitPieces(timed);
  const errors = timed.map(({ pieces, time }) => Math.abs(sumOfPieces(pieces, fitted) / time - 1)).toSorted((a, b) => a - b);
  const spreads = runs.map((list) => (quantile(list, 0.75) - quantile(list, 0.25)) / quantile(list, 0.5)).toSorted((a, b) => a - b);
  return {
    spread: quantile(spreads, 0.5),
    fit: { networks: probes.length, median: quantile(errors, 0.5), percentile95: quantile(errors, 0.95) },
    ...fitted,
  };
}

/** @param sorted in ascending order */
export function statisticOf(sorted: readonly number[], statistic: DeviceProfile['statistic']): number {
  return quantile(sorted, statistic === 'minimum' ? 0 : 0.5);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}

export interface TimedNetwork {
  readonly pieces: readonly Piece[];
  /** Microseconds. */
  readonly time: number;
}

/** Beside the equations, each of which is of the order of 1. */
const ridge = 1e-4;

export function fitPieces(networks: readonly TimedNetwork[]): Pick<DeviceProfile, 'rates' | 'base' | 'pieces'> {
  const values = networks.map(() => 1);
  const rates = fitRates(networks, values);
  const known = new Map(networks.flatMap(({ pieces }) => pieces.map((piece) => [piece.name, piece] as const)));
  const names = [...known.keys()];
  const column = new Map(names.map((name, j) => [name, j + 1]));
  const rows = networks.map(({ pieces, time }) => [
    [0, 1 / time] as const,
    ...pieces.map(({ name, count }) => [column.get(name) ?? 0, count / time] as const),
  ]);
  // Pieces without multiply-adds or bytes are whole encoders, which are as long as most networks.
  const usual = networks.map(({ time }) => time).toSorted((a, b) => a - b)[Math.floor(networks.length / 2)] ?? 1;
  const isWhole = (piece: Piece): boolean => piece.multiplyAdds === 0 && piece.bytes === 0;
  const prior = [rates.each, ...Array.from(known.values(), (piece) => (isWhole(piece) ? usual : pieceByRates(piece, rates)))];
  const [base = 0, ...pieces] = nonNegativeLeastSquares({ rows, values, prior: prior.map((p) => Math.max(p, 0.01)), ridge });
  const rounded = (t: number): number => Number(t.toPrecision(5));
  return { rates, base: rounded(base), pieces: Object.fromEntries(names.map((name, j) => [name, rounded(pieces[j] ?? 0)])) };
}

/** Three figures for all pieces of decoders alone. */
function fitRates(networks: readonly TimedNetwork[], values: readonly number[]): DeviceProfile['rates'] {
  const decoders = networks.filter(({ pieces }) => pieces.every(({ bytes }) => bytes > 0));
  const total = (pieces: readonly Piece[], of: (piece: Piece) => number): number =>
    pieces.reduce((sum, piece) => sum + piece.count * of(piece), 0);
  const rows = decoders.map(({ pieces, time }) => [
    [0, total(pieces, () => 1) / time] as const,
    [1, total(pieces, ({ multiplyAdds }) => multiplyAdds) / 1e6 / time] as const,
    [2, total(pieces, ({ bytes }) => bytes) / 1e6 / time] as const,
  ]);
  // Of a processor that does some thousand million a second.
  const prior = [10, 100, 200];
  const [each = 0, multiplyAdds = 0, bytes = 0] = nonNegativeLeastSquares({
    rows,
    values: values.slice(0, rows.length),
    prior,
    ridge: 1e-6,
  });
  return { each, multiplyAdds, bytes };
}
