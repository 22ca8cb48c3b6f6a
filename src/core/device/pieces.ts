// A deployed network cut into the pieces that a runtime computes one after the other: a convolution with its folded
// normalisation and its limit is one piece, every other op on maps is one, and so is the encoder down to the deepest tap in use.

import { type Dim, input, type Tensor, topologicalOrder } from '../graph/index.js';
import { buildDecoder, buildMobileNetV2, type EncoderOptions, Scope } from '../nn/index.js';
import { type Architecture, decoderSizeOf, encoderTaps, isHandDesigned } from '../space/index.js';
import { channelNames, createTask, type TaskDescription } from '../task/index.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a network's pieces depend on, beside its architecture. */
export interface PieceSetting {
  readonly task: TaskDescription;
  readonly width: number;
  readonly sepRepeats: number;
  readonly encoder: EncoderOptions;
  /** Of the image. */
  readonly size: Size;
}

export interface Piece {
  /** What it is, as in `conv 3x3 dil3 48>48 relu @ 90x120`: equal names take equally long. */
  readonly name: string;
  /** How often the network computes it. */
  readonly count: number;
  /** Of one. */
  readonly multiplyAdds: number;
  /** Float32 bytes of maps read and written by one. */
  readonly bytes: number;
}

export interface CutNetwork {
  readonly scope: Scope;
  readonly output: Tensor;
  /** What the model is fed, the image or the taps in use, with the shapes. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
  readonly pieces: readonly Piece[];
}

/**
 * A hand-designed decoder has its own width.
 * @param from `taps`: the decoder of a genotype alone, fed with maps of the encoder's taps
 */
export function cutNetwork(architecture: Architecture, setting: PieceSetting, from: 'image' | 'taps' = 'image'): CutNetwork {
  const { task, encoder } = setting;
  const { width, sepRepeats } = decoderSizeOf(architecture, {}, setting);
  const scope = Scope.root('folded');
  const open = (symbol: string, divisor: number): Dim => ({ symbol, divisor });
  // Open sizes are told by an input that has them whole: the image, or the largest tap.
  const whole = from === 'image' ? 1 : largestTap(architecture);
  const size = { width: Math.ceil(setting.size.width / whole), height: Math.ceil(setting.size.height / whole) };
  const taps =
    from === 'image'
      ? buildMobileNetV2(scope.child('encoder'), input('image', [open('batch', 1), 3, open('height', 1), open('width', 1)]), encoder)
      : encoderTaps.map(({ channels, divisor }, i) =>
          input(`tap${i}`, [open('batch', 1), channels, open('height', divisor / whole), open('width', divisor / whole)]),
        );
  const { logits } = buildDecoder(scope.child('decoder'), taps, architecture, { outputs: channelNames(task).length, width, sepRepeats });
  const { activate, deployed } = createTask(task);
  const output = deployed(activate(logits));
  const shape = shapesAt(size);
  const inputs = new Map(
    topologicalOrder([output]).flatMap(({ op, outputs: [t] }) => (op.kind === 'input' && t ? [[op.name, shape(t)] as const] : [])),
  );
  return { scope, output, inputs, pieces: cut(output, from === 'image' ? taps : [], size) };
}

/** By what the largest of the encoder's maps that are taken is smaller than the image. */
function largestTap(architecture: Architecture): number {
  if (isHandDesigned(architecture)) throw new RangeError(`${architecture.kind}: only whole networks of it are cut`);
  const { connections } = architecture;
  return Math.min(...connections.flat().flatMap((i) => encoderTaps[i]?.divisor ?? []));
}

/** The shape of a map of one image of this size. */
function shapesAt({ width, height }: Size): (t: Tensor) => number[] {
  const at = (d: Dim): number => {
    if (typeof d === 'number') return d;
    return d.symbol === 'batch' ? 1 : Math.ceil((d.symbol === 'height' ? height : width) / d.divisor);
  };
  return (t) => t.shape.map(at);
}

function cut(output: Tensor, taps: readonly Tensor[], size: Size): Piece[] {
  const shape = shapesAt(size);
  const order = topologicalOrder([output]);
  const used = new Set(order);
  const deepest = taps.findLastIndex(({ node }) => used.has(node));
  const inEncoder = new Set(deepest < 0 ? [] : topologicalOrder(taps.slice(0, deepest + 1)));
  const readers = new Map<Tensor, number>();
  for (const { inputs } of order) for (const t of inputs) readers.set(t, (readers.get(t) ?? 0) + 1);
  /** Convolutions that end in a limit of their own. */
  const limited = new Map<Tensor, string>();
  for (const { op, inputs } of order) {
    const [x] = inputs;
    if ((op.kind === 'relu' || op.kind === 'clip') && x?.node.op.kind === 'conv2d' && readers.get(x) === 1) limited.set(x, op.kind);
  }
  const pieces = new Map<string, Piece>();
  const count = (name: string, multiplyAdds: number, bytes: number): void => {
    const one = pieces.get(name) ?? { name, count: 0, multiplyAdds, bytes };
    pieces.set(name, { ...one, count: one.count + 1 });
  };
  if (deepest >= 0) {
    // Its cost is only asked for where it was not measured, which a profile never leaves out.
    count(`encoder to 1/${4 * 2 ** deepest} @ ${size.height}x${size.width}`, 0, 0);
  }
  for (const node of order) {
    const [x, w] = node.inputs;
    const [y] = node.outputs;
    if (inEncoder.has(node) || !x || !y || isFree(node.op.kind)) continue;
    // A part of a kernel is cut once, when the model is opened.
    if (node.op.kind === 'slice' && x.node.op.kind === 'parameter') continue;
    if ((node.op.kind === 'relu' || node.op.kind === 'clip') && limited.has(x)) continue;
    if (node.op.kind === 'add' && node.inputs.some((t) => t.node.op.kind === 'zeros')) continue;
    const result = shape(y);
    const maps = node.op.kind === 'conv2d' ? [x] : node.inputs;
    const bytes = 4 * [...maps, y].reduce((n, t) => n + product(shape(t)), 0);
    if (node.op.kind === 'conv2d' && w) {
      const [outputs = 0, perGroup = 0, kh = 0, kw = 0] = shape(w);
      const { groups, dilation } = node.op.geometry;
      const [, channels = 0] = shape(x);
      const [, , h = 0, width = 0] = result;
      const words = [
        groups === 1 ? 'conv' : 'depthwise',
        `${kh}x${kw}`,
        ...(dilation > 1 ? [`dil${dilation}`] : []),
        groups === 1 ? `${channels}>${outputs}` : String(channels),
        limited.get(y) ?? 'linear',
      ];
      count(`${words.join(' ')} @ ${h}x${width}`, outputs * perGroup * kh * kw * h * width, bytes);
    } else {
      const from = maps.map((t) => shape(t).slice(1).join('x')).join(' + ');
      count(`${node.op.kind} ${from} > ${result.slice(1).join('x')}`, 0, bytes);
    }
  }
  return [...pieces.values()];
}

/** Values that are there already. */
function isFree(kind: string): boolean {
  return kind === 'input' || kind === 'parameter' || kind === 'constant' || kind === 'zeros';
}

function product(shape: readonly number[]): number {
  return shape.reduce((n, d) => n * d, 1);
}
