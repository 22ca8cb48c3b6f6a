// How the images were framed on which a model was validated, and at what size it therefore wants to see a photograph: the
// figures that were promised hold there.

import { z } from 'zod';
import type { Framing } from '../data/loader.js';
import type { TaskDescription } from './description.js';

export interface MapSize {
  readonly width: number;
  readonly height: number;
}

const side = z.number().int().positive().max(16_384);

export const validatedSchema = z.discriminatedUnion('kind', [
  /** Stretched to the size, whatever the image's aspect. */
  z.object({ kind: z.literal('resize'), aspect: z.literal('stretched').default('stretched'), width: side, height: side }),
  /** The shorter side resized to `side`, the aspect kept; validated on the middle of that, of the given size. */
  z.object({ kind: z.literal('centre'), aspect: z.literal('kept').default('kept'), side, width: side, height: side }),
]);

export type Validated = z.infer<typeof validatedSchema>;

/** What a model is told of a validation's framing. Undefined for people, whose crop the task describes. */
export function validatedOf(framing: Framing): Validated | undefined {
  const { width, height } = framing;
  switch (framing.kind) {
    case 'resize':
      return { kind: 'resize', aspect: 'stretched', width, height };
    // A random crop has the scale of the side that it was drawn around.
    case 'centre':
    case 'random':
      return { kind: 'centre', aspect: 'kept', side: framing.side, width, height };
    case 'person':
      return undefined;
  }
}

/** At what size images go into a network: as it was validated, or as they are. */
export type InputSize = Validated | 'native';

/** How images go into a model of this task unless it is said. A pose is seen in crops, which go in as they are. */
export function inputOfTask(task: TaskDescription): InputSize {
  return (task.task === 'pose' ? undefined : task.validated) ?? 'native';
}

/** Where the aspect is kept, the longer side is at most so many times the shorter one's size: what a network can hold. */
const longest = 8;

/** The size at which a network sees an image; rounded as the framing of validation is. */
export function inputSizeOf(input: InputSize, { width, height }: MapSize): MapSize {
  if (input === 'native') return { width, height };
  if (input.kind === 'resize') return { width: input.width, height: input.height };
  const factor = Math.min(input.side / Math.min(width, height), (longest * input.side) / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** By what factor an image's aspect changes on its way into the network: 1 where it is kept, 2 where it is squeezed to the half. */
export function distortion(input: InputSize, image: MapSize): number {
  const { width, height } = inputSizeOf(input, image);
  const change = width / height / (image.width / image.height);
  return Math.max(change, 1 / change);
}

/** For people. */
export function describeInput(input: InputSize): string {
  if (input === 'native') return "the image's own size";
  return input.kind === 'resize' ? `${input.width}×${input.height}` : `a shorter side of ${input.side}`;
}
