// What is known of a device: how long every piece of the search space takes on it. A network's latency is the sum over its pieces.

import { z } from 'zod';
import { parseJson, UserError } from '../errors/index.js';
import type { Architecture } from '../space/index.js';
import { channelNames } from '../task/index.js';
import { cutNetwork, type Piece, type PieceSetting } from './pieces.js';

const size = z.object({ width: z.number().int().positive(), height: z.number().int().positive() });
const time = z.number().nonnegative();

/** What was measured on, and by what. */
/** Words of a device in a file from anywhere: nothing that a terminal would obey. */
const words = z
  .string()
  .max(1000)
  .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u, 'holds control characters');

export const whereSchema = {
  /** In the device's own words: processor, or browser and graphics adapter. */
  device: z.object({
    name: words,
    system: words,
    cores: z.number().int().positive(),
    browser: words.optional(),
    adapter: words.optional(),
  }),
  runtime: z.object({
    name: z.enum(['onnxruntime-node', 'onnxruntime-web']),
    version: words,
    backend: z.enum(['cpu', 'wasm', 'webgpu']),
    threads: z.number().int().positive(),
    precision: z.literal('float32'),
  }),
} as const;

export const deviceProfileSchema = z.object({
  kind: z.literal('auxcell device'),
  /** Of this format. */
  version: z.literal(1),
  /** Of the program that measured. */
  auxcell: z.string(),
  /** When, as ISO 8601. */
  made: z.string(),
  ...whereSchema,
  /** What networks it is about. */
  network: z.object({
    task: z.enum(['segmentation', 'pose', 'depth']),
    outputs: z.number().int().positive(),
    width: z.number().int().positive(),
    sepRepeats: z.number().int().positive(),
    blocks: z.number().int().positive(),
    rounds: z.number().int().nonnegative(),
    encoder: z.object({ padding: z.enum(['torch', 'tf-same']), expandsFirst: z.boolean() }),
  }),
  /** Of images. */
  size,
  /** Of the times of one network's runs the one that counts. */
  statistic: z.enum(['minimum', 'median']),
  /** Time of day, or the processor's time of the one thread, from which what others do on the machine is left out. */
  clock: z.enum(['wall', 'processor']),
  /** (third quartile − first quartile) / median of a network's runs: the median over the networks measured. */
  spread: z.number().nonnegative(),
  /** How many networks were measured, and how far the sum of pieces is off them: the median and 95th percentile of |sum / time − 1|. */
  fit: z.object({ networks: z.number().int(), median: z.number(), percentile95: z.number() }),
  /** Of a piece that is not in the table, in microseconds: of each, of a million multiply-adds, of a million bytes. */
  rates: z.object({ each: time, multiplyAdds: time, bytes: time }),
  /** Microseconds of the pieces, and of what every run takes beside. */
  base: time,
  pieces: z.record(z.string(), time),
});

export type DeviceProfile = z.infer<typeof deviceProfileSchema>;

/** @param source for messages @throws UserError when the text is no profile */
export function parseDeviceProfile(text: string, source: string): DeviceProfile {
  const result = deviceProfileSchema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UserError(
    `${source}: is no device profile that this version reads (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}); measure the device again`,
  );
}

/** Microseconds that a piece takes where it was not measured. */
export function pieceByRates({ multiplyAdds, bytes }: Pick<Piece, 'multiplyAdds' | 'bytes'>, rates: DeviceProfile['rates']): number {
  return rates.each + (rates.multiplyAdds * multiplyAdds + rates.bytes * bytes) / 1e6;
}

/** Microseconds for one image. */
export function sumOfPieces(pieces: readonly Piece[], profile: Pick<DeviceProfile, 'pieces' | 'rates' | 'base'>): number {
  const of = (piece: Piece): number => profile.pieces[piece.name] ?? pieceByRates(piece, profile.rates);
  return pieces.reduce((sum, piece) => sum + piece.count * of(piece), profile.base);
}

/**
 * Predicts the latency of networks on the device, in microseconds for one image, without the device; of hand-designed decoders by the rates
 * where the profile is of a version that did not measure them.
 * @param source for messages
 * @throws UserError when the profile is about other networks or another size
 */
export function latencyPredictor(profile: DeviceProfile, setting: PieceSetting, source: string): (architecture: Architecture) => number {
  const show = ({ width, height }: PieceSetting['size']): string => `${width}x${height}`;
  const different = [
    { what: 'images of', theirs: show(profile.size), ours: show(setting.size) },
    { what: 'a decoder of width', theirs: profile.network.width, ours: setting.width },
    { what: 'sepRepeats', theirs: profile.network.sepRepeats, ours: setting.sepRepeats },
    { what: 'the task', theirs: profile.network.task, ours: setting.task.task },
    { what: 'an encoder with the padding', theirs: profile.network.encoder.padding, ours: setting.encoder.padding },
    { what: 'output channels:', theirs: profile.network.outputs, ours: channelNames(setting.task).length },
  ].find(({ theirs, ours }) => theirs !== ours);
  if (different) {
    const { what, theirs, ours } = different;
    throw new UserError(`${source}: was measured for ${what} ${theirs}, and this is about ${ours}; measure the device again for that`);
  }
  return (architecture) => sumOfPieces(cutNetwork(architecture, setting).pieces, profile);
}
