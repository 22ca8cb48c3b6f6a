// The configuration that a run keeps of itself: config.yaml in its folder.

import { parse } from 'yaml';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors/index.js';

/** As of a preset, with room for paths. */
export const mostConfigBytes = 2 ** 17;

/** @param what it is of, for messages: `search` @throws UserError naming the file */
export function parseConfig<T extends z.ZodType>(schema: T, bytes: Uint8Array, file: string, what: string): z.output<T> {
  let yaml: unknown;
  try {
    yaml = parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new UserError(`${file}: not YAML: ${reasonOf(error)}`);
  }
  const config = schema.safeParse(yaml);
  if (!config.success) throw new UserError(`${file}: not the configuration of a ${what}: ${z.prettifyError(config.error)}`);
  return config.data;
}
