// What a model says of its output, and of the images that it was validated on: written into its file, read wherever it is
// used.

import { z } from 'zod';
import { validatedSchema } from './validated.js';

const names = z.array(z.string()).min(1);

/** Pairs of channels that change places in the mirror; where they are absent, those that the names say. */
const mirrorPairs = z.array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])).optional();

const byte = z.number().int().min(0).max(255);

/** [r, g, b] that transparent photographs were laid over; absent: alpha is left out, and colours stay as they are. */
export const backgroundSchema = z.tuple([byte, byte, byte]).optional();

const segmentationSchema = z.object({
  task: z.literal('segmentation'),
  /** Names, by label. */
  classes: names,
  /** The label that was neither learnt nor counted. Where it is that of a class, this class is never predicted. */
  ignore: z.number().int().nonnegative().optional(),
  mirrorPairs,
  background: backgroundSchema,
  /** Absent in files of earlier versions, and where nobody said it. */
  validated: validatedSchema.optional(),
});

const poseSchema = z.object({
  task: z.literal('pose'),
  joints: names,
  /** Pairs of joints that are drawn as limbs, by number. */
  skeleton: z.array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])),
  /** [width, height] of the crop around a person. */
  crop: z.tuple([z.number().int().positive(), z.number().int().positive()]),
  /** The crop's size in units of the person's box. */
  padding: z.number().positive(),
  /** Standard deviation of the Gaussians, in pixels of the 1/4 map. */
  sigma: z.number().positive(),
  decoding: z.enum(['quarter', 'parabola']),
  /** Of OKS, a joint each: standard deviations in units of the body's scale. COCO's are known by the joints' names. */
  sigmas: z.array(z.number().positive()).optional(),
  mirrorPairs,
  background: backgroundSchema,
});

const depthSchema = z.object({
  task: z.literal('depth'),
  /** In metres: what is nearer or farther was not learnt. */
  minDepth: z.number().positive(),
  maxDepth: z.number().positive(),
  unit: z.literal('metre').default('metre'),
  background: backgroundSchema,
  validated: validatedSchema.optional(),
});

export const taskDescriptionSchema = z.discriminatedUnion('task', [segmentationSchema, poseSchema, depthSchema]);

export type TaskDescription = z.infer<typeof taskDescriptionSchema>;
export type SegmentationDescription = z.infer<typeof segmentationSchema>;
export type TaskName = TaskDescription['task'];
export type PoseDescription = z.infer<typeof poseSchema>;
export type DepthDescription = z.infer<typeof depthSchema>;
