// What a preset says of training: a stage of the search, or one architecture in full.

import { z } from 'zod';
import { framingSchema, share, size } from './framing-schema.js';

const learningRate = (of: string) => z.number().positive().describe(`Of ${of}.`);
const weightDecay = (of: string) => z.number().min(0).describe(`Of ${of}: this times the weights is added to their gradient.`);
const clipNorm = (of: string) =>
  z.number().positive().describe(`A gradient of ${of} that is longer (all its numbers together) is shortened to this.`);

export const stageSchema = z.strictObject({
  epochs: size.meta({ description: 'Passes over the samples.', unit: 'epochs' }),
  batch: size.meta({ description: 'Samples of a step.', unit: 'samples' }),
  learningRate: learningRate('Adam, on the decoder'),
  weightDecay: weightDecay('the decoder'),
  clipNorm: clipNorm('the decoder'),
  polyakDecay: share.describe('Of the running average of the weights, which is what is validated and kept; 0: the weights themselves.'),
  framing: framingSchema,
});

export const encoderSchema = z
  .strictObject({
    learningRate: learningRate('SGD, on the encoder'),
    momentum: share.describe("SGD's momentum."),
    clipNorm: clipNorm('the encoder'),
    weightDecay: weightDecay('the encoder'),
    batchNorm: z
      .enum(['trained', 'frozen'])
      .default('trained')
      .describe("Whether the encoder's batch normalisation learns, or stays as it was pretrained."),
  })
  .describe('How the encoder is trained along.');

export const decoderSchema = z
  .strictObject({
    width: size.meta({ description: 'Common width of the decoder.', unit: 'channels' }),
    sepRepeats: size.describe('How often a separable convolution is repeated inside its operation.'),
    auxiliaryWeight: z.number().min(0).describe("Of the auxiliary heads' loss, beside the output's; they exist in training only."),
  })
  .describe('The decoder that is trained.');

const scheduleSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('constant').describe('The rates stay as they are.') }),
    z.strictObject({
      kind: z.literal('step').describe('Times factor at the beginning of each of the epochs.'),
      epochs: z.array(size).describe('Counted from 0.'),
      factor: z.number().positive().describe('By what the rates are multiplied each time.'),
    }),
    z.strictObject({
      kind: z.literal('cosine').describe('Down along half a cosine.'),
      floor: share.describe('The share of the rates that is left at the end.'),
    }),
    z.strictObject({
      kind: z.literal('polynomial').describe('Times (1 − t)^power, t from 0 to 1 over the training.'),
      power: z.number().positive().describe('1: a straight line to 0.'),
    }),
  ])
  .describe('How the rates of decoder and encoder change over the training.');

/** The first stage: the decoder on kept outputs of the encoder. */
export const firstStageSchema = stageSchema.extend({
  samples: size.meta({ description: "Augmented samples of which the encoder's outputs are kept, at most.", unit: 'samples' }),
});

export const trainSchema = stageSchema.extend({
  decoder: decoderSchema,
  encoder: encoderSchema,
  schedule: scheduleSchema,
  stage1: firstStageSchema.optional().describe('Before it the decoder alone, like a candidate of a search.'),
  classWeights: z.array(z.number().min(0)).optional().describe('Of each class in the loss, in the order of data.classes.'),
  validation: z
    .strictObject({
      framing: framingSchema,
      every: size.meta({ description: 'After how many epochs each time; the last one counts too.', unit: 'epochs' }),
    })
    .describe('How the network is validated while it trains.'),
});
