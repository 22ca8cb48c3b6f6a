// MobileNet-v2, width 1.0 (arXiv 1801.04381, Table 2), cut after its 320-channel stage.

export interface EncoderStage {
  readonly expansion: number;
  readonly channels: number;
  readonly repeats: number;
  readonly stride: number;
}

export const encoderStages: readonly EncoderStage[] = [
  { expansion: 1, channels: 16, repeats: 1, stride: 1 },
  { expansion: 6, channels: 24, repeats: 2, stride: 2 },
  { expansion: 6, channels: 32, repeats: 3, stride: 2 },
  { expansion: 6, channels: 64, repeats: 4, stride: 2 },
  { expansion: 6, channels: 96, repeats: 3, stride: 1 },
  { expansion: 6, channels: 160, repeats: 3, stride: 2 },
  { expansion: 6, channels: 320, repeats: 1, stride: 1 },
];

export const stemChannels = 32;

/** The stages (indices into `encoderStages`) whose outputs are tapped, their channels, and by what they are smaller. */
export const encoderTaps = [
  { stage: 1, channels: 24, divisor: 4 },
  { stage: 2, channels: 32, divisor: 8 },
  { stage: 4, channels: 96, divisor: 16 },
  { stage: 6, channels: 320, divisor: 32 },
] as const;
