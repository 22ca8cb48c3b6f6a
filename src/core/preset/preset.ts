// A preset: everything a search needs to know but where the data is. YAML at the border, checked key by key.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors/index.js';
import { readBounded } from '../../platform/node/files/index.js';
import { poseMeasures } from '../task/index.js';
import { type Described, namesFit } from './names-fit.js';
import { wrongKeys } from './wrong-keys.js';

const size = z.number().int().positive();
const share = z.number().min(0).max(1);

const jitterSchema = z.strictObject({ brightness: share, contrast: share, saturation: share });

const framingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('resize'), width: size, height: size, mirror: z.boolean().optional(), jitter: jitterSchema.optional() }),
  z.strictObject({ kind: z.literal('centre'), side: size, width: size, height: size }),
  z.strictObject({
    kind: z.literal('random'),
    side: size,
    width: size,
    height: size,
    scale: z.tuple([z.number().positive(), z.number().positive()]),
    mirror: z.boolean(),
    jitter: jitterSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('person'),
    width: size,
    height: size,
    padding: z.number().positive(),
    rotation: z.number().min(0).max(180).optional(),
    scale: z.number().min(0).lt(1).optional(),
    mirror: z.boolean().optional(),
    jitter: jitterSchema.optional(),
  }),
]);

const stageSchema = z.strictObject({
  epochs: size,
  batch: size,
  learningRate: z.number().positive(),
  weightDecay: z.number().min(0),
  clipNorm: z.number().positive(),
  polyakDecay: share,
  framing: framingSchema,
});

const encoderSchema = z.strictObject({
  learningRate: z.number().positive(),
  momentum: share,
  clipNorm: z.number().positive(),
  weightDecay: z.number().min(0),
  /** Whether the encoder's batch normalisation learns, or stays as it was pretrained. */
  batchNorm: z.enum(['trained', 'frozen']).default('trained'),
});

const decoderSchema = z.strictObject({ width: size, sepRepeats: size, auxiliaryWeight: z.number().min(0) });

const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  z.strictObject({ kind: z.literal('step'), epochs: z.array(size), factor: z.number().positive() }),
  z.strictObject({ kind: z.literal('cosine'), floor: share }),
  z.strictObject({ kind: z.literal('polynomial'), power: z.number().positive() }),
]);

const trainSchema = stageSchema.extend({
  decoder: decoderSchema,
  encoder: encoderSchema,
  schedule: scheduleSchema,
  /** Before it the decoder alone, like a candidate: on the encoder's outputs for so many augmented samples, which are kept. */
  stage1: stageSchema.extend({ samples: size }).optional(),
  /** Of each class in the loss. */
  classWeights: z.array(z.number().min(0)).optional(),
  /** Images as they are validated, and after how many epochs each time. */
  validation: z.strictObject({ framing: framingSchema, every: size }),
});

const colour = z.tuple([z.number().int().min(0).max(255), z.number().int().min(0).max(255), z.number().int().min(0).max(255)]);

/** [r, g, b] that transparent photographs are laid over; without it, alpha is left out and colours stay as they are. */
const background = colour.optional();

/** Share of the training list that candidates train on; the rest scores them. */
const metaTrainShare = z.number().gt(0).lt(1);

/** Names that change places in the mirror: all of them, where the names themselves do not say it. */
const mirrorPairs = z.array(z.tuple([z.string(), z.string()])).optional();

const segmentationKeys = {
  task: z.literal('segmentation'),
  data: z.strictObject({
    /** Names, by label. */
    classes: z.array(z.string()).min(2).max(255),
    /** The label that is neither learnt nor counted; where it is that of a class, this class is never predicted either. */
    ignore: z.number().int().min(0).max(255),
    mirrorPairs,
    /** [r, g, b] of each class in colour masks, by its name; `ignore` for what is not labelled. Data may say it itself. */
    colours: z.record(z.string(), colour).optional(),
    background,
    metaTrainShare,
  }),
  /** Labels that the reward leaves out. */
  reward: z.strictObject({ excluded: z.array(z.number().int().min(0)) }),
};

const poseKeys = {
  task: z.literal('pose'),
  data: z.strictObject({
    /** Names of the joints to learn, as the data has them. */
    joints: z.array(z.string()).min(1),
    /** Pairs of joints that are drawn as limbs. */
    skeleton: z.array(z.tuple([z.string(), z.string()])).default([]),
    mirrorPairs,
    /** Of OKS, a number a joint in their order: standard deviation in units of the body's scale. */
    sigmas: z.array(z.number().positive()).optional(),
    metaTrainShare,
  }),
  /** Standard deviation of the Gaussians, in pixels of the 1/4 map; how a joint is read from its map. */
  heatmap: z.strictObject({ sigma: z.number().positive(), decoding: z.enum(['quarter', 'parabola']) }),
  /** PCK at 0.2 of the torso, PCKh at 0.5 of the head, PCK at 0.2 of the box's longer side, or COCO's OKS AP. */
  reward: z.strictObject({ metric: z.enum(poseMeasures) }),
};

const depthKeys = {
  task: z.literal('depth'),
  data: z.strictObject({
    /** Stored units of a metre: 1000 where depth maps are in millimetres. */
    scale: z.number().positive(),
    /** In metres; what is nearer or farther is not counted. */
    minDepth: z.number().positive(),
    maxDepth: z.number().positive(),
    /** The part of the image that is counted. */
    crop: z.enum(['none', 'nyu', 'eigen', 'garg']).default('none'),
    background,
    metaTrainShare,
  }),
  loss: z.enum(['berhu', 'silog']).default('berhu'),
  /** δ < 1.25, or 1 / (1 + RMSE). */
  reward: z.strictObject({ metric: z.enum(['delta1', 'rmse']) }),
};

/** What proposes architectures. */
export const strategies = ['ppo', 'reinforce', 'random', 'evolution', 'local', 'nsga2', 'predictor'] as const;

/** What NSGA-II can want at once. */
export const objectives = ['reward', 'latency', 'parameters', 'multiplyAdds', 'modelBytes'] as const;

const commonKeys = {
  /** Where the encoder's weights come from unless the command line says otherwise. */
  encoder: z.string(),
  space: z.strictObject({ blocks: size, rounds: size }),
  decoder: decoderSchema,
  stage1: stageSchema.extend({
    /** Augmented samples whose taps are cached, at most. */
    samples: size,
  }),
  validation: z.strictObject({ framing: framingSchema }),
  controller: z.strictObject({
    hidden: size,
    layers: size,
    conditioning: z.enum(['none', 'choice']),
    learningRate: z.number().positive(),
    clipNorm: z.number().positive(),
    entropyCoefficient: z.number().min(0),
    baselineDecay: share,
    ppo: z.strictObject({ clipCoefficient: z.number().positive(), bufferSize: size, minibatch: size }),
  }),
  /** Regularised evolution: how many are alive, and of how many a parent is the best. */
  evolution: z.strictObject({ population: size, sample: size }).default({ population: 20, sample: 5 }),
  /** Local search: of how many random architectures the best is where a climb begins. */
  local: z.strictObject({ starts: size }).default({ starts: 10 }),
  /** NSGA-II: what is wanted at once, two or three of them; how many live, and the share of children that have two parents. */
  objectives: z
    .array(z.enum(objectives))
    .min(2)
    .max(3)
    .refine((chosen) => new Set(chosen).size === chosen.length, { error: 'an objective stands there twice' })
    .default(['reward', 'multiplyAdds']),
  nsga2: z.strictObject({ population: size, crossover: share }).default({ population: 20, crossover: 0.9 }),
  /** Search by a predictor: see `PredictorOptions`. */
  predictor: z
    .strictObject({
      initial: size.default(20),
      every: size.default(5),
      pool: size.default(100),
      parents: size.default(10),
      acquisition: z.enum(['thompson', 'improvement']).default('thompson'),
      ensemble: z
        .strictObject({
          members: size.min(2).default(5),
          hidden: size.default(32),
          steps: size.default(500),
          learningRate: z.number().positive().default(0.02),
          weightDecay: z.number().min(0).default(0.03),
        })
        .prefault({}),
    })
    .prefault({}),
  strategy: z.enum(strategies),
  candidates: size,
  stage2: stageSchema.extend({ encoder: encoderSchema }).optional(),
  /** Of the squared difference from the teacher's logits, in the first stage, where a teacher is given. */
  distillation: z.strictObject({ weight: z.number().min(0) }).optional(),
  /** Successive halving over the epochs of the first stage: after which ones, and of how many one goes on. */
  halving: z.strictObject({ rungs: z.array(size).min(1), eta: z.number().min(2) }).optional(),
  progressiveStop: z
    .strictObject({
      decay: share,
      initial: z.number(),
      tolerance: z.number(),
      multipliers: z.record(z.string().regex(/^\d+$/), z.number()),
    })
    .optional(),
  /** Full training of one architecture (`train`); a search has no use for it. */
  train: trainSchema.optional(),
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

const fitting = (preset: Described, context: z.RefinementCtx): void => {
  const framing = framingsFit({ ...preset });
  for (const message of [...(framing === undefined ? [] : [framing]), ...namesFit(preset)]) context.addIssue({ code: 'custom', message });
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

export const presetFolder = path.join(import.meta.dirname, '..', '..', '..', 'presets');

/** @param name of a file in `presets/` without its ending, or a YAML file's path */
export function loadPreset(name: string): Promise<Preset> {
  return load(name, parsePreset);
}

/** A preset for a search, or one for full training alone. */
export function loadAnyPreset(name: string): Promise<TaskKeys> {
  // What a search cannot do without tells them apart, so that what is wrong is told of the right one.
  return load<TaskKeys>(name, (text, source) => (/^stage1:/m.test(text) ? parsePreset(text, source) : parseTrainPreset(text, source)));
}

/** A preset with the section `train`. */
export function loadTrainPreset(name: string): Promise<TrainPreset> {
  return load(name, parseTrainPreset);
}

/** Those that come with the program have 2 KB; a megabyte of brackets takes minutes to be no YAML. */
const mostBytes = 65_536;

async function load<T>(name: string, parseText: (text: string, source: string) => T): Promise<T> {
  const isFile = /\.ya?ml$/.test(name);
  const file = isFile ? name : path.join(presetFolder, `${name}.yaml`);
  const bytes = await readBounded(file, mostBytes).catch(async (error: unknown) => {
    const known = (await readdir(presetFolder)).map((entry) => path.basename(entry, '.yaml')).join(', ');
    throw new UserError(
      isFile
        ? `${file}: the preset cannot be read (${reasonOf(error)})`
        : `there is no preset "${name}"; there are ${known}, or give a .yaml file`,
    );
  });
  return parseText(new TextDecoder().decode(bytes), isFile ? file : `preset ${name}`);
}

/** @throws UserError that names each wrong key. */
export function parsePreset(text: string, source: string): Preset {
  return check(presetSchema, text, source);
}

/** @throws UserError that names each wrong key. */
export function parseTrainPreset(text: string, source: string): TrainPreset {
  return check(trainPresetSchema, text, source);
}

function check<T extends z.ZodType>(schema: T, text: string, source: string): z.output<T> {
  let yaml: unknown;
  try {
    yaml = parse(text);
  } catch (error) {
    const reason =
      error instanceof YAMLParseError ? reasonOf(error).replace(/^Maximum call stack size exceeded/, 'nested too deep') : String(error);
    throw new UserError(`${source}: not YAML: ${reason}`);
  }
  const result = schema.safeParse(yaml);
  if (result.success) return result.data;
  throw new UserError(`${source}: ${wrongKeys(result.error.issues).join('; ')}`);
}
