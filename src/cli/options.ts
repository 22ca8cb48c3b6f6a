// Options of the command line as typed values.

import { z } from 'zod';
import { reasonOf, UserError } from '../core/errors/index.js';
import { makeFolder as makeWithParents, readBounded } from '../platform/node/files/index.js';
import { deviceChoices } from '../platform/node/device.js';
import { objectives } from '../core/preset/index.js';
import { RunFolder } from '../core/search/index.js';
import {
  type Architecture,
  type HandDesigned,
  handDesigned,
  handDesignedNames,
  parseGenotype,
  publishedGenotype,
  publishedGenotypes,
} from '../core/space/index.js';
import { flagOf } from './flag.js';

/** `--device` */
export const deviceOption = z.enum(deviceChoices, {
  error: ({ input }) => `must be ${deviceChoices.join(', ')}, got "${String(input)}"`,
});

/** Of what measures itself. */
export const oneDevice = z.enum(['cpu', 'webgpu'], { error: ({ input }) => `must be cpu or webgpu, got "${String(input)}"` });

/** A whole number given as text. */
export const wholeNumber = (least: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: (issue) => `must be a whole number, got "${String(issue.input)}"` })
    .transform(Number)
    .refine((n) => n >= least, { error: `must be ${least} or more` });

/** What was said when the work began cannot be said again. @param what goes on @throws UserError naming what is given of `fixed` */
export function refuseOnResume<T extends object>(folder: string, what: string, options: T, fixed: readonly (keyof T & string)[]): void {
  const given = fixed.filter((name) => options[name] !== undefined);
  if (given.length > 0)
    throw new UserError(`--resume ${folder} goes on as the ${what} was begun; leave out ${given.map(flagOf).join(', ')}`);
}

/** Makes a folder for results. @param option by which it was named */
export async function makeFolder(option: string, folder: string): Promise<void> {
  await makeWithParents(folder).catch((error: unknown) => {
    throw new UserError(`${option} ${folder}: cannot be written (${reasonOf(error)}); give another folder`);
  });
}

/** Checks commander's options. @throws UserError naming the option. */
export function parseOptions<T extends z.ZodType>(schema: T, options: unknown): z.output<T> {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const messages = result.error.issues.map(({ path, message }) => `${flagOf(String(path[0]))}: ${message}`);
  throw new UserError(messages.join('\n'));
}

const mostGenotypeBytes = 65_536;

/** A genotype as JSON text, the name of a published one or of a hand-designed decoder, a search's folder with #k for its k-th trial, or a file that holds one. */
export async function readGenotype(text: string): Promise<Architecture> {
  const [, run, index] = /^(.+)#(\d+)$/.exec(text) ?? [];
  if (run !== undefined && index !== undefined) {
    const trials = await RunFolder.open(run).readTrials();
    const trial = trials.find((t) => t.index === Number(index));
    if (!trial) throw new UserError(`genotype "${text}": ${run} has trials 1 to ${trials.length}, not ${index}`);
    return parseGenotype(JSON.stringify(trial.genotype));
  }
  const designed = handDesigned(text);
  if (designed) return designed;
  const published = publishedGenotype(text);
  if (published !== undefined) return parseGenotype(published);
  if (text.trimStart().startsWith('[')) return parseGenotype(text);
  const content = await readBounded(text, mostGenotypeBytes).catch((error: unknown) => {
    throw new UserError(
      `genotype "${text.slice(0, 200)}" is neither JSON, nor ${[...Object.keys(publishedGenotypes), ...handDesignedNames].join(', ')}, nor RUN#k, nor a file that can be read (${reasonOf(error)})`,
    );
  });
  try {
    return parseGenotype(new TextDecoder().decode(content));
  } catch (error) {
    throw new UserError(`${text}: ${reasonOf(error)}`);
  }
}

/** A number above zero given as text. */
export const positiveNumber = z
  .string()
  .transform(Number)
  .refine((n) => Number.isFinite(n) && n > 0, { error: (issue) => `must be a number above 0, got ${String(issue.input)}` });

/** WIDTHxHEIGHT as [width, height]. */
export const imageSize = z
  .string()
  .regex(/^[1-9]\d*x[1-9]\d*$/, { error: (issue) => `must be WIDTHxHEIGHT, got "${String(issue.input)}"` })
  .transform((text): [number, number] => {
    const [width = 0, height = 0] = text.split('x').map(Number);
    return [width, height];
  });

/** A number with an optional k, M or G behind it. */
export const amount = z
  .string()
  .regex(/^\d+(\.\d+)?[kMG]?$/, { error: (issue) => `must be a number, as in 3M or 500k, got "${String(issue.input)}"` })
  .transform((text) => Number.parseFloat(text) * ({ k: 1e3, M: 1e6, G: 1e9 }[text.at(-1) ?? ''] ?? 1));

/** As written on the command line: `multiply-adds`. */
export function objectiveName(objective: string): string {
  return objective.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

/** Two or three objectives, with commas between them. */
export const objectiveList = z.string().transform((text, context): (typeof objectives)[number][] => {
  const names = text.split(',').map((name) => name.trim());
  const chosen = names.flatMap((name) => objectives.filter((objective) => objectiveName(objective) === name));
  if (chosen.length !== names.length || new Set(chosen).size !== chosen.length || chosen.length < 2 || chosen.length > 3)
    context.addIssue({
      code: 'custom',
      message: `must be two or three of ${objectives.map(objectiveName).join(', ')}, as in reward,latency, got "${text}"`,
    });
  return chosen;
});

/** What a network may cost at most: `25ms`, `parameters=3M`, `multiply-adds=1.5G`, `model-bytes=10M`. */
export const costBound = z.string().transform((text, context) => {
  const [, name = 'latency', bound = ''] = /^(?:([a-z-]+)=)?(.+)$/.exec(text) ?? [];
  const cost = costs.find((known) => objectiveName(known) === name);
  const most = (cost === 'latency' ? milliseconds : amount).safeParse(bound);
  if (cost && most.success) return { cost, most: most.data };
  context.addIssue({ code: 'custom', message: `must be as in 25ms, parameters=3M, multiply-adds=1.5G or model-bytes=10M, got "${text}"` });
  return z.NEVER;
});
const costs = ['latency', 'parameters', 'multiplyAdds', 'modelBytes'] as const;

/** Milliseconds, with or without the unit. */
export const milliseconds = z
  .string()
  .regex(/^\d+(\.\d+)?(ms)?$/, { error: (issue) => `must be milliseconds, as in 50ms, got "${String(issue.input)}"` })
  .transform((text) => Number.parseFloat(text));

/** Names of hand-designed decoders, with commas between. */
export const decoderList = z.string().transform((text, context): HandDesigned[] =>
  text.split(',').flatMap((name) => {
    const known = handDesigned(name.trim());
    if (!known) context.addIssue({ code: 'custom', message: `must be of ${handDesignedNames.join(', ')}, got "${name.trim()}"` });
    return known ?? [];
  }),
);
