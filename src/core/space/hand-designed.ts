// Decoders that people designed, on the same encoder: what found ones are compared with. One common width C, from which all
// inner widths follow.

/** What one is, for people and for what checks a width. */
interface HandDesignedSpec {
  /** Its paper, for those who want to read on. */
  readonly source: string;
  /** C is a multiple of this: fractions of it are widths too. */
  readonly widthStep: number;
  /** A line a step. */
  readonly words: readonly string[];
}

/** C unless another one is said: half of what most of the papers have, on this small an encoder. */
export const handDesignedWidth = 128;

const specs = {
  'lr-aspp': {
    source: 'Lite R-ASPP, arXiv 1905.02244',
    widthStep: 1,
    words: [
      'a      = conv1x1(tap 3), C channels',
      'gate   = sigmoid(1×1(global_average_pool(tap 3)))',
      'x      = a × gate, at the size of tap 1',
      'output = 1×1(x) + 1×1(tap 1), at 1/8',
    ],
  },
  deeplabv3plus: {
    source: 'DeepLabv3+, arXiv 1802.02611',
    widthStep: 16,
    words: [
      'aspp   = conv1x1, sep_conv_3x3 of dilation 3, 6 and 9, global_average_pool of tap 3, C channels each',
      'deep   = conv1x1(aspp), at the size of tap 0',
      'low    = conv1x1(tap 0), 3C/16 channels',
      'x      = sep_conv_3x3(sep_conv_3x3(deep, low)), C channels',
      'output = 1×1(x), at 1/4',
    ],
  },
  fpn: {
    source: 'semantic FPN, arXiv 1901.02446',
    widthStep: 2,
    words: [
      'lateral 0 … 3 = 1×1(tap 0 … 3), C channels',
      'p3 = lateral 3; p2, p1, p0 = lateral + the one above, nearest pixel',
      'head of each = 3×3(p), then conv3x3 of C/2 channels and twice the size until 1/4',
      'output = 1×1(sum of the heads), at 1/4',
    ],
  },
  unet: {
    source: 'U-Net, arXiv 1505.04597',
    widthStep: 4,
    words: [
      'x2     = two conv3x3(tap 3 at the size of tap 2, tap 2), C channels',
      'x1     = two conv3x3(x2 at the size of tap 1, tap 1), C/2 channels',
      'x0     = two conv3x3(x1 at the size of tap 0, tap 0), C/4 channels',
      'output = 3×3(x0), at 1/4',
    ],
  },
  'lw-refinenet': {
    source: 'Light-Weight RefineNet, arXiv 1810.03272',
    widthStep: 1,
    words: [
      'crp(x) = x + four of 1×1(maxpool5x5(the one before)), one behind the other',
      'y3     = crp(relu6(1×1(tap 3))), C channels',
      'y2, y1, y0 = crp(relu6(1×1(tap) + 1×1(the one above) at its size))',
      'output = 3×3(y0), at 1/4',
    ],
  },
} as const satisfies Readonly<Record<string, HandDesignedSpec>>;

export type HandDesignedName = keyof typeof specs;

export interface HandDesigned {
  readonly kind: HandDesignedName;
}

const byName = new Map<string, HandDesigned>([
  ['lr-aspp', { kind: 'lr-aspp' }],
  ['deeplabv3plus', { kind: 'deeplabv3plus' }],
  ['fpn', { kind: 'fpn' }],
  ['unet', { kind: 'unet' }],
  ['lw-refinenet', { kind: 'lw-refinenet' }],
]);

/** All there are. */
export const handDesignedNames: readonly HandDesignedName[] = [...byName.values()].map(({ kind }) => kind);

/** Undefined where none has the name. */
export function handDesigned(name: string): HandDesigned | undefined {
  return byName.get(name);
}

/** Lines of text: its steps from the encoder's taps to the output. */
export function describeHandDesigned({ kind }: HandDesigned): string[] {
  const { source, words } = specs[kind];
  return [`Decoder ${kind} (${source})`, ...words.map((line) => `  ${line}`)];
}

/** What is wrong with a common width; undefined where nothing is. */
export function widthProblem({ kind }: HandDesigned, width: number): string | undefined {
  const { widthStep } = specs[kind];
  return width % widthStep === 0 ? undefined : `${kind} takes a width that is a multiple of ${widthStep}, not ${width}`;
}
