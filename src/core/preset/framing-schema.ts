// How a preset says that pictures are brought to the size at which a network sees them.

import { z } from 'zod';

export const size = z.number().int().positive();
export const share = z.number().min(0).max(1);

const pixels = (description: string) => size.meta({ description, unit: 'pixels' });
const width = pixels('Width of what the network sees.');
const height = pixels('Height of what the network sees.');
const mirror = z.boolean().describe('Half of the pictures, drawn at random, are mirrored; names that say a side change places.');

const jitter = z
  .strictObject({
    brightness: share.describe('Brightness is multiplied by a number drawn from 1 ± this.'),
    contrast: share.describe('The same for contrast.'),
    saturation: share.describe('The same for saturation.'),
  })
  .describe('Colours are changed at random, in training.');

export const framingSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('resize').describe('The whole picture, stretched.'),
      width,
      height,
      mirror: mirror.optional(),
      jitter: jitter.optional(),
    }),
    z.strictObject({
      kind: z.literal('centre').describe('The shorter side is resized, the aspect kept, and the middle is cut out.'),
      side: pixels('What the shorter side is resized to.'),
      width,
      height,
    }),
    z.strictObject({
      kind: z
        .literal('random')
        .describe('The same with a random zoom, and a part anywhere; what lies beyond the picture is black and not learnt.'),
      side: pixels('What the shorter side is resized to, times the zoom.'),
      width,
      height,
      scale: z.tuple([z.number().positive(), z.number().positive()]).describe('Between which numbers the zoom is drawn.'),
      mirror,
      jitter: jitter.optional(),
    }),
    z.strictObject({
      kind: z.literal('person').describe("A crop around a person's box: of pose, and of pose only."),
      width,
      height,
      padding: z.number().positive().describe("The crop's size in units of the box's."),
      rotation: z.number().min(0).max(180).meta({ description: 'Turned by up to so many either way.', unit: 'degrees' }).optional(),
      scale: z.number().min(0).lt(1).describe('Made larger or smaller by a number drawn from 1 ± this.').optional(),
      mirror: mirror.optional(),
      jitter: jitter.optional(),
    }),
  ])
  .describe('How pictures are brought to the size at which the network sees them.');
