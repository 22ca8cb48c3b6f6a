// Options of the command line as typed values.

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../errors/index.js';
import { type Genotype, parseGenotype, publishedGenotypes } from '../space/index.js';

/** A whole number given as text. */
export const wholeNumber = (least: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: (issue) => `must be a whole number, got "${String(issue.input)}"` })
    .transform(Number)
    .refine((n) => n >= least, { error: `must be ${least} or more` });

/** Checks commander's options. @throws UserError naming the option. */
export function parseOptions<T extends z.ZodType>(schema: T, options: unknown): z.output<T> {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const messages = result.error.issues.map(
    ({ path, message }) => `--${String(path[0]).replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}: ${message}`,
  );
  throw new UserError(messages.join('\n'));
}

/** A genotype as JSON text, the name of a published one, or a file that holds one. */
export async function readGenotype(text: string): Promise<Genotype> {
  const published = Object.entries(publishedGenotypes).find(([name]) => name === text)?.[1];
  if (published !== undefined) return parseGenotype(published);
  if (text.trimStart().startsWith('[')) return parseGenotype(text);
  const content = await readFile(text, 'utf8').catch(() => {
    throw new UserError(
      `genotype "${text}" is neither JSON, nor ${Object.keys(publishedGenotypes).join(', ')}, nor a file that can be read`,
    );
  });
  return parseGenotype(content);
}

/** A number above zero given as text. */
export const positiveNumber = z
  .string()
  .transform(Number)
  .refine((n) => Number.isFinite(n) && n > 0, { error: (issue) => `must be a number above 0, got ${String(issue.input)}` });
