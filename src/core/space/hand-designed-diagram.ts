// The hand-designed decoders as boxes and arrows, from the taps to the output.

import type { Box, Diagram } from './drawing.js';
import { encoderTaps } from './encoder-spec.js';
import type { HandDesigned, HandDesignedName } from './hand-designed.js';

type Edge = readonly [string, string];

const taps: readonly Box[] = encoderTaps.map(({ divisor, channels }, i) => ({
  id: `tap${i}`,
  lines: [`tap ${i}: 1/${divisor}`, `${channels} channels`],
  kind: 'tap',
}));

const box = (id: string, kind: Box['kind'], ...lines: readonly string[]): Box => ({ id, kind, lines });
const sum = (id: string): Box => box(id, 'sum', '+');
const head = (...lines: readonly string[]): Box => box('head', 'head', 'head', ...lines);

/** A chain of arrows. */
function way(...ids: readonly string[]): Edge[] {
  return ids.slice(1).map((id, i): Edge => [ids[i] ?? '', id]);
}

function diagramOf(boxes: readonly Box[], edges: readonly Edge[]): Diagram {
  const used = new Set(edges.map(([from]) => from));
  return { boxes: [...taps.filter(({ id }) => used.has(id)), ...boxes], edges, end: 'head' };
}

const builders: Readonly<Record<HandDesignedName, () => Diagram>> = {
  'lr-aspp': () =>
    diagramOf(
      [
        box('features', 'conv', 'conv1x1', 'C'),
        box('gate', 'pool', 'global average', '1×1, sigmoid, C'),
        box('gated', 'sum', '×'),
        box('high', 'conv', 'to 1/8', '1×1'),
        box('low', 'conv', '1×1'),
        head('sum, at 1/8'),
      ],
      [...way('tap3', 'features', 'gated', 'high', 'head'), ...way('tap3', 'gate', 'gated'), ...way('tap1', 'low', 'head')],
    ),
  deeplabv3plus: () => {
    const rates = [3, 6, 9];
    const branches = ['plain', ...rates.map((rate) => `rate${rate}`), 'pool'];
    return diagramOf(
      [
        box('plain', 'conv', 'conv1x1', 'C'),
        ...rates.map((rate) => box(`rate${rate}`, 'separable', `sep_conv_3x3, dilation ${rate}`, 'C')),
        box('pool', 'pool', 'global average', 'conv1x1, C'),
        box('project', 'conv', 'concat, conv1x1', 'C, to 1/4'),
        box('low', 'conv', 'conv1x1', '3C/16'),
        box('refine', 'separable', 'concat', 'sep_conv_3x3 twice, C'),
        head('1×1, at 1/4'),
      ],
      [
        ...branches.flatMap((branch) => way('tap3', branch, 'project')),
        ...way('tap0', 'low', 'refine'),
        ...way('project', 'refine', 'head'),
      ],
    );
  },
  fpn: () => {
    const levels = [0, 1, 2, 3];
    return diagramOf(
      [
        ...levels.map((i) => box(`lateral${i}`, 'conv', '1×1', 'C')),
        ...[0, 1, 2].map((i) => sum(`sum${i}`)),
        ...levels.map((i) => box(`level${i}`, 'conv', '3×3, C', `${Math.max(1, i)} conv3x3, C/2${i > 0 ? ', to 1/4' : ''}`)),
        head('sum, 1×1, at 1/4'),
      ],
      [
        ...levels.flatMap((i) => way(`tap${i}`, `lateral${i}`, i < 3 ? `sum${i}` : 'level3')),
        ...way('lateral3', 'sum2', 'sum1', 'sum0'),
        ...levels.flatMap((i) => [...(i < 3 ? way(`sum${i}`, `level${i}`) : []), ...way(`level${i}`, 'head')]),
      ],
    );
  },
  unet: () =>
    diagramOf(
      [
        ...['C', 'C/2', 'C/4'].map((width, i) => box(`block${i}`, 'conv', 'concat, conv3x3 twice', `${width}, at 1/${16 / 2 ** i}`)),
        head('3×3, at 1/4'),
      ],
      [...way('tap3', 'block0', 'block1', 'block2', 'head'), ...[0, 1, 2].flatMap((i) => way(`tap${2 - i}`, `block${i}`))],
    ),
  'lw-refinenet': () =>
    diagramOf(
      [
        ...[3, 2, 1, 0].map((i) => box(`adapt${i}`, 'conv', '1×1', 'C')),
        ...[2, 1, 0].map((i) => sum(`sum${i}`)),
        ...[3, 2, 1, 0].map((i) => box(`crp${i}`, 'pool', 'ReLU6, chained', 'pooling')),
        head('3×3, at 1/4'),
      ],
      [
        ...way('tap3', 'adapt3', 'crp3', 'sum2', 'crp2', 'sum1', 'crp1', 'sum0', 'crp0', 'head'),
        ...[2, 1, 0].flatMap((i) => way(`tap${i}`, `adapt${i}`, `sum${i}`)),
      ],
    ),
};

export function handDesignedDiagram({ kind }: HandDesigned): Diagram {
  return builders[kind]();
}
