// What there is to know of a data set before anything is trained on it.

import { z } from 'zod';
import { grades } from '../data/index.js';
import { taskNames } from '../task/index.js';

export const splitNames = ['train', 'val'] as const;
export type SplitName = (typeof splitNames)[number];

const count = z.number().int().nonnegative();
/** A figure of each split. */
const ofSplits = <T extends z.ZodType>(figure: T) => z.object({ train: figure, val: figure });

const splitSchema = z.object({
  name: z.enum(splitNames),
  /** Pictures, or people in them. */
  samples: count,
  pictures: count,
  /** Upright, the most frequent first, five at most; how many other ones there are. */
  sizes: z.array(z.object({ width: count, height: count, pictures: count })),
  otherSizes: count,
});

const labelSchema = z.object({
  label: count,
  name: z.string(),
  /** Not so the ignored label beyond the classes, and labels that no class has. */
  isClass: z.boolean(),
  /** Neither learnt nor counted. */
  isIgnored: z.boolean(),
  ...ofSplits(z.object({ pixels: count, pictures: count })).shape,
});

const masksSchema = z.object({
  kind: z.literal('masks'),
  /** Every class, also those without a pixel; the ignored label; labels that no class has. */
  labels: z.array(labelSchema),
  ignore: count,
  pixels: ofSplits(count),
});

const depthSplitSchema = z.object({
  pixels: count,
  measured: count,
  /** Of these, as far away as can be stored, which stands for "not measured"; 0 where there are hardly any. */
  holes: count.default(0),
  /** Metres that 1, 50 and 99 % of the measured pixels but the holes are nearer than; null where nothing is measured. */
  quantiles: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  /** Share of the measured pixels beyond the range; null without a range. */
  beyond: z.number().nullable(),
});

const depthSchema = z.object({
  kind: z.literal('depth'),
  scale: z.number(),
  /** Metres, where a preset says it. */
  range: z.tuple([z.number(), z.number()]).nullable(),
  ...ofSplits(depthSplitSchema).shape,
});

const jointsSchema = z.object({
  kind: z.literal('joints'),
  /** How many people show each joint. */
  joints: z.array(z.object({ name: z.string(), ...ofSplits(count).shape })),
});

export const findingSchema = z.object({
  grade: z.enum(grades),
  code: z.string(),
  cause: z.string(),
  count,
  files: z.array(z.string()),
  remedy: z.string(),
});

export const dataCardSchema = z.object({
  folder: z.string(),
  layout: z.string(),
  task: z.enum(taskNames),
  splits: z.array(splitSchema),
  truth: z.discriminatedUnion('kind', [masksSchema, depthSchema, jointsSchema]),
  findings: z.array(findingSchema),
});

export type DataCard = z.infer<typeof dataCardSchema>;
export type SplitCard = z.infer<typeof splitSchema>;
export type MasksCard = z.infer<typeof masksSchema>;
export type DepthCard = z.infer<typeof depthSchema>;
export type JointsCard = z.infer<typeof jointsSchema>;

/** `12.3 %`, with as many digits as a small share needs. */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (100 * part) / whole;
  return `${share === 0 || share >= 10 ? share.toFixed(0) : share >= 0.1 ? share.toFixed(1) : share.toPrecision(1)} %`;
}
