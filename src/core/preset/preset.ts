// A preset: everything a search needs to know but where the data is. What is said of a key here is what docs/presets.md and
// the JSON Schema for editors say (`npm run docs:presets`).

import { z } from 'zod';
import { poseMeasures } from '../task/index.js';
import { framingSchema, share, size } from './framing-schema.js';
import { type Described, namesFit } from './names-fit.js';
import { type Shortcuts, shortcutsFit } from './shortcuts-fit.js';
import { decoderSchema, encoderSchema, firstStageSchema, stageSchema, trainSchema } from './training-schema.js';

const colour = z.tuple([z.number().int().min(0).max(255), z.number().int().min(0).max(255), z.number().int().min(0).max(255)]);

const background = colour
  .optional()
  .describe('[r, g, b] that transparent photographs are laid over; without it, alpha is left out and colours stay as they are.');

const metaTrainShare = z.number().gt(0).lt(1).describe('Share of the training list that candidates train on; the rest scores them.');

const mirrorPairs = z
  .array(z.tuple([z.string(), z.string()]))
  .optional()
  .describe('Names that change places in the mirror: all of them. Without it, those that say a side (left_knee, right_knee).');

const taskKey = 'What is learnt.';

const segmentationKeys = {
  task: z.literal('segmentation').describe(taskKey),
  data: z
    .strictObject({
      classes: z.array(z.string()).min(2).max(255).describe('Names, by label.'),
      ignore: z
        .number()
        .int()
        .min(0)
        .max(255)
        .describe('The label that is neither learnt nor counted; where it is that of a class, this class is never predicted either.'),
      mirrorPairs,
      colours: z
        .record(z.string(), colour)
        .optional()
        .describe('[r, g, b] of each class in colour masks, by its name; `ignore` for what is not labelled. Data may say it itself.'),
      background,
      metaTrainShare,
    })
    .describe('What the data means.'),
  reward: z
    .strictObject({ excluded: z.array(z.number().int().min(0)).describe('Labels that the mean leaves out, as of a background.') })
    .describe('What the search maximises: the geometric mean of mean IoU, frequency-weighted IoU and mean accuracy.'),
};

const poseKeys = {
  task: z.literal('pose').describe(taskKey),
  data: z
    .strictObject({
      joints: z.array(z.string()).min(1).describe('Names of the joints to learn, as the data has them.'),
      skeleton: z
        .array(z.tuple([z.string(), z.string()]))
        .default([])
        .describe('Pairs of joints that are drawn as limbs.'),
      mirrorPairs,
      sigmas: z
        .array(z.number().positive())
        .optional()
        .describe("Of OKS, a number a joint in their order: standard deviation in units of the body's scale. COCO's joints have theirs."),
      background,
      metaTrainShare,
    })
    .describe('What the data means.'),
  heatmap: z
    .strictObject({
      sigma: z
        .number()
        .positive()
        .meta({ description: 'Standard deviation of the Gaussians that are learnt.', unit: 'pixels of the 1/4 map' }),
      decoding: z
        .enum(['quarter', 'parabola'])
        .describe(
          'How a joint is read from its map: the largest value, a quarter of a pixel towards its larger neighbour; or the top of the parabola through the logarithms, which is exact for a Gaussian.',
        ),
    })
    .describe('What is learnt of a joint: a Gaussian on a map.'),
  reward: z
    .strictObject({
      metric: z
        .enum(poseMeasures)
        .describe("PCK at 0.2 of the torso (`pck`), PCKh at 0.5 of the head, PCK at 0.2 of the box's longer side, or COCO's OKS AP."),
    })
    .describe('What the search maximises.'),
};

const depthKeys = {
  task: z.literal('depth').describe(taskKey),
  data: z
    .strictObject({
      scale: z
        .number()
        .positive()
        .meta({ description: 'Of stored depth maps: 1000 where they are in millimetres.', unit: 'units a metre' }),
      minDepth: z.number().positive().meta({ description: 'What is nearer is not counted.', unit: 'metres' }),
      maxDepth: z.number().positive().meta({ description: 'What is farther is not counted.', unit: 'metres' }),
      crop: z
        .enum(['none', 'nyu', 'eigen', 'garg'])
        .default('none')
        .describe("The part of the image that is counted: all of it, or NYU's, Eigen's or Garg's crop."),
      background,
      metaTrainShare,
    })
    .describe('What the data means.'),
  loss: z.enum(['berhu', 'silog']).default('berhu').describe('The reverse Huber loss, or that of scale-invariant logarithms.'),
  reward: z
    .strictObject({ metric: z.enum(['delta1', 'rmse']).describe('δ < 1.25, or 1 / (1 + RMSE).') })
    .describe('What the search maximises.'),
};

/** What proposes architectures. */
export const strategies = ['ppo', 'reinforce', 'random', 'evolution', 'local', 'nsga2', 'predictor'] as const;

/** What NSGA-II can want at once. */
export const objectives = ['reward', 'latency', 'parameters', 'multiplyAdds', 'modelBytes'] as const;

const commonKeys = {
  encoder: z
    .string()
    .describe(
      "Where the encoder's weights come from unless a command says otherwise: `movenet` (comes with npm), a safetensors file, `hub:OWNER/MODEL`.",
    ),
  latencyExponent: z
    .number()
    .max(0)
    .default(-0.07)
    .describe('The w in r · (latency / T)^w, where a search has a target latency T: how much a slower network loses (arXiv 1807.11626).'),
  space: z
    .strictObject({
      blocks: size.describe('Blocks of the decoder, each of which adds two maps.'),
      rounds: size.describe('Rounds of a cell, each of which adds two operations and their sum.'),
    })
    .describe('The search space.'),
  decoder: decoderSchema,
  stage1: firstStageSchema.describe('How a candidate is trained first: the decoder alone, on kept outputs of the encoder.'),
  validation: z.strictObject({ framing: framingSchema }).describe('How pictures are seen when a candidate is scored.'),
  controller: z
    .strictObject({
      hidden: size.describe("Size of the LSTM's state."),
      layers: size.describe('Layers of the LSTM.'),
      conditioning: z
        .enum(['none', 'choice'])
        .describe("The LSTM's next input: its own state (the authors'), or the choice that was drawn, embedded (ENAS)."),
      learningRate: z.number().positive().describe('Of Adam.'),
      clipNorm: z.number().positive().describe('A gradient that is longer is shortened to this.'),
      entropyCoefficient: z.number().min(0).describe("Weight of the choices' entropy in the loss: larger explores more."),
      baselineDecay: share.describe('Of the running average of rewards; advantages are rewards above it.'),
      ppo: z
        .strictObject({
          clipCoefficient: z.number().positive().describe('ε: by how much the ratio of probabilities counts above or below 1.'),
          bufferSize: size.meta({ description: 'The last architectures that are learnt from.', unit: 'architectures' }),
          minibatch: size.meta({ description: 'How many of them make a step.', unit: 'architectures' }),
        })
        .describe('Of PPO alone.'),
    })
    // Ten times the paper's rate: tens of architectures instead of thousands.
    .default({
      hidden: 100,
      layers: 2,
      conditioning: 'none',
      learningRate: 1e-3,
      clipNorm: 2,
      entropyCoefficient: 0,
      baselineDecay: 0.95,
      ppo: { clipCoefficient: 0.1, bufferSize: 100, minibatch: 10 },
    })
    .describe('What proposes architectures in `ppo` and `reinforce`: an LSTM.'),
  evolution: z
    .strictObject({
      population: size.describe('How many architectures are alive.'),
      sample: size.describe('Of how many drawn ones the best becomes the parent.'),
    })
    .default({ population: 20, sample: 5 })
    .describe('Regularised evolution.'),
  local: z
    .strictObject({ starts: size.describe('Of how many random architectures the best is where a climb begins.') })
    .default({ starts: 10 })
    .describe('Local search.'),
  objectives: z
    .array(z.enum(objectives))
    .min(2)
    .max(3)
    .refine((chosen) => new Set(chosen).size === chosen.length, { error: 'an objective stands there twice' })
    .default(['reward', 'multiplyAdds'])
    .describe('What NSGA-II wants at once.'),
  nsga2: z
    .strictObject({
      population: size.describe('How many architectures are alive.'),
      crossover: share.describe('The share of children that have two parents.'),
    })
    .default({ population: 20, crossover: 0.9 })
    .describe('NSGA-II.'),
  predictor: z
    .strictObject({
      initial: size.default(20).describe('Random architectures before there is something to learn from.'),
      every: size.default(5).describe('Rewards after which the ensemble is fitted anew.'),
      pool: size.default(100).describe('Architectures among which one is chosen.'),
      parents: size.default(10).describe('They are mutated from so many of the best.'),
      acquisition: z
        .enum(['thompson', 'improvement'])
        .default('thompson')
        .describe('By what one is chosen: a draw from what the ensemble predicts, or the expected improvement.'),
      ensemble: z
        .strictObject({
          members: size.min(2).default(5).describe('Networks that predict.'),
          hidden: size.default(32).describe('Units of their hidden layer.'),
          steps: size.default(500).describe('Steps of a fit.'),
          learningRate: z.number().positive().default(0.02).describe('Of Adam.'),
          weightDecay: z.number().min(0).default(0.03).describe('Of their weights.'),
        })
        .prefault({})
        .describe('What predicts rewards.'),
    })
    .prefault({})
    .describe('Search by a predictor.'),
  strategy: z.enum(strategies).describe('What proposes architectures (strategies.md).'),
  candidates: size.meta({ description: 'How many are evaluated.', unit: 'architectures' }),
  stage2: stageSchema
    .extend({ encoder: encoderSchema })
    .optional()
    .describe('How a candidate is trained further, end to end; without it there is one stage.'),
  distillation: z
    .strictObject({ weight: z.number().min(0).describe("Of the squared difference from the teacher's logits, in the first stage.") })
    .optional()
    .describe('Where a teacher is given; without it the weight is 0.3.'),
  halving: z
    .strictObject({
      rungs: z.array(size).min(1).meta({ description: 'After which epochs of the first stage a candidate is compared.', unit: 'epochs' }),
      eta: z
        .number()
        .min(1)
        .describe('Of how many that were there one goes on; with 1 all do, and their rewards there are kept with the trials.'),
    })
    .optional()
    .describe('Successive halving within the first stage (ASHA in its stopping form), whatever the strategy.'),
  learningCurveStop: z
    .strictObject({
      rungs: z.array(size).min(1).meta({ description: 'After which epochs of the first stage a candidate may be ended.', unit: 'epochs' }),
      places: size.default(5).describe('How many of the best it must have a chance to be among.'),
      deviations: z
        .number()
        .min(0)
        .default(2)
        .describe('Ended where the predicted reward, and so many standard deviations more, stay below.'),
      warmUp: z.number().int().min(3).default(15).describe('Candidates to the end of the first stage before the first may be ended.'),
    })
    .optional()
    .describe('Ends a candidate in the first stage when its learning curve says that it will not be among the best (arXiv 1705.10823).'),
  inheritance: z
    .strictObject({
      epochs: size.meta({ description: 'Of the first stage, for who inherits: fewer than the others have.', unit: 'epochs' }),
      generations: size
        .default(2)
        .describe('How many may inherit, one from the other; the next begins anew. Longer lines are trained longer.'),
      keep: size.default(30).describe('Of how many of the best architectures the weights are kept, in half precision.'),
    })
    .optional()
    .describe(
      'Architectures that `evolution`, `local` and `predictor` make from another begin with its weights where op, place and shape are the same.',
    ),
  progressiveStop: z
    .strictObject({
      decay: share.describe('Of the running average of rewards after the first stage.'),
      initial: z.number().describe('What it is at first.'),
      tolerance: z.number().describe('δ: up to which share below the average a candidate may go on, by a draw.'),
      multipliers: z
        .record(z.string().regex(/^\d+$/), z.number())
        .describe('By what δ is multiplied, once that many architectures have been evaluated.'),
    })
    .optional()
    .describe('Which candidates go on to the second stage; without it, all.'),
  train: trainSchema.optional().describe('Full training of one architecture (`train`); a search has no use for it.'),
};

/** People are cropped, maps are not. */
function framingsFit(preset: { readonly task: string; readonly [key: string]: unknown }): string | undefined {
  const wanted = preset.task === 'pose';
  const wrong: string[] = [];
  const walk = (value: unknown, where: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      const at = where === '' ? key : `${where}.${key}`;
      if (key === 'framing' && typeof part === 'object' && part !== null && 'kind' in part && (part.kind === 'person') !== wanted)
        wrong.push(at);
      walk(part, at);
    }
  };
  walk(preset, '');
  if (wrong.length === 0) return undefined;
  return `${wrong.join(', ')}: ${wanted ? 'people are framed with kind: person' : 'kind: person is for people; use resize, centre or random'}`;
}

const fitting = (preset: Described & Shortcuts, context: z.RefinementCtx): void => {
  const framing = framingsFit({ ...preset });
  for (const message of [...(framing === undefined ? [] : [framing]), ...namesFit(preset), ...shortcutsFit(preset)])
    context.addIssue({ code: 'custom', message });
};

export const presetSchema = z
  .discriminatedUnion('task', [
    z.strictObject({ ...segmentationKeys, ...commonKeys }),
    z.strictObject({ ...poseKeys, ...commonKeys }),
    z.strictObject({ ...depthKeys, ...commonKeys }),
  ])
  .superRefine(fitting);

export type Preset = z.infer<typeof presetSchema>;

const trainKeys = z.strictObject(commonKeys).partial().required({ encoder: true, train: true }).shape;

/** What full training needs of a preset; the keys of a search may stand beside. */
export const trainPresetSchema = z
  .discriminatedUnion('task', [
    z.strictObject({ ...segmentationKeys, ...trainKeys }),
    z.strictObject({ ...poseKeys, ...trainKeys }),
    z.strictObject({ ...depthKeys, ...trainKeys }),
  ])
  .superRefine(fitting);

export type TrainPreset = z.infer<typeof trainPresetSchema>;

/** What a preset says of its task, whatever it is for. */
export type TaskKeys = Preset | TrainPreset;

export type Strategy = Preset['strategy'];
