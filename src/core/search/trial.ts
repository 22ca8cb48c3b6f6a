// The record of one architecture.

import { z } from 'zod';

const genotypeJson = z.tuple([z.array(z.union([z.number(), z.array(z.number())])), z.array(z.array(z.number()))]);

/** JSON has no NaN: what was none when it was written is null, and must not make a run unreadable. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const perhaps = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);
const named = z
  .record(z.string(), z.number().nullable())
  .transform(
    (values): Record<string, number> => Object.fromEntries(Object.entries(values).flatMap(([k, v]) => (v === null ? [] : [[k, v]]))),
  );

export const trialSchema = z.object({
  index: z.number(),
  genotype: genotypeJson,
  /** Equal for equal networks. */
  key: z.string(),
  /** A record that has none counts as failed. */
  reward: z
    .number()
    .nullable()
    .transform((value) => value ?? 0),
  metrics: named,
  /** Mean training loss of the last epoch; null when training failed. */
  loss: z.number().nullable(),
  parameters: z.number(),
  multiplyAdds: z.number(),
  /** Milliseconds for one image, where a limit or an objective asked for it. */
  latency: z.number().optional(),
  /** Of the deployed model's file, where that is an objective. */
  modelBytes: z.number().optional(),
  /** Whole network at this input, [height, width]. */
  inputSize: z.tuple([z.number(), z.number()]),
  /** Where training ended: 1, 2, or 0 when it failed or was not needed. */
  stage: z.number(),
  /** Where candidates are compared in the first stage: after which epochs, and with which reward. */
  rungs: z.array(z.object({ epoch: z.number(), reward: z.number() })).optional(),
  /** Whose weights it began with, with fewer epochs, and how many have done so until it, one from the other: its reward is not quite others'. */
  inherited: z.object({ from: z.number(), generation: z.number() }).optional(),
  seed: z.number(),
  /** What computed it; records of earlier versions do not say. */
  device: z.enum(['cpu', 'webgpu']).optional(),
  seconds: z.object({ training: figure, validation: figure }),
  policy: z.object({
    logProbability: perhaps.optional(),
    entropy: perhaps.optional(),
    baseline: perhaps.optional(),
    predicted: perhaps.optional(),
    uncertainty: perhaps.optional(),
  }),
  /** The trial whose reward this is, of the same network: `7`, or `runs/other#7`. */
  reusedFrom: z.string().optional(),
  error: z.string().optional(),
});

/** Of what is kept beside the record: see `Breakdown`. */
const figures = z.array(figure).readonly();
export const breakdownSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('confusion'), counts: figures }),
  z.object({ kind: z.literal('joints'), counted: figures, found: figures }),
  z.object({ kind: z.literal('distances'), edges: figures, pixels: figures, relative: figures, close: figures }),
]);

export type Trial = z.infer<typeof trialSchema>;
