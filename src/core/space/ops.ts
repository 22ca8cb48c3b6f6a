// The operations a cell is made of, in the order of their indices (paper, Table 1 of the supplementary).

export interface CellOp {
  readonly name: string;
  readonly kind: 'conv' | 'separable' | 'pool' | 'skip' | 'none';
  readonly kernel: number;
  readonly dilation: number;
}

export const cellOps: readonly CellOp[] = [
  { name: 'conv1x1', kind: 'conv', kernel: 1, dilation: 1 },
  { name: 'conv3x3', kind: 'conv', kernel: 3, dilation: 1 },
  { name: 'sep_conv_3x3', kind: 'separable', kernel: 3, dilation: 1 },
  { name: 'sep_conv_5x5', kind: 'separable', kernel: 5, dilation: 1 },
  { name: 'global_average_pool', kind: 'pool', kernel: 1, dilation: 1 },
  { name: 'conv3x3_dil3', kind: 'conv', kernel: 3, dilation: 3 },
  { name: 'conv3x3_dil12', kind: 'conv', kernel: 3, dilation: 12 },
  { name: 'sep_conv_3x3_dil3', kind: 'separable', kernel: 3, dilation: 3 },
  { name: 'sep_conv_5x5_dil6', kind: 'separable', kernel: 5, dilation: 6 },
  { name: 'skip_connect', kind: 'skip', kernel: 1, dilation: 1 },
  { name: 'none', kind: 'none', kernel: 1, dilation: 1 },
];

/** @throws RangeError for an index that names no operation. */
export function cellOp(index: number): CellOp {
  const op = cellOps[index];
  if (!op) throw new RangeError(`there is no operation ${index}: 0 … ${cellOps.length - 1}`);
  return op;
}
