// What was stored of a search to go on from, read by its form: a null where a number was NaN, or a database of another version,
// ends with a message and not with a guess.

import type { z } from 'zod';
import { UserError } from '../errors/index.js';

/**
 * Undefined where nothing was stored.
 * @param what whose state it is, for the message
 * @throws UserError naming the place that is of another form
 */
export function savedState<T>(schema: z.ZodType<T>, state: unknown, what = "the strategy's stored state"): T | undefined {
  if (state === undefined) return undefined;
  const read = schema.safeParse(state);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  throw new UserError(
    `${what} cannot be read (${where === '' ? 'all of it' : where}: ${issue?.message}), so the search cannot go on; its results are whole: begin another one that reuses them`,
    { about: ['reuseFrom'] },
  );
}
