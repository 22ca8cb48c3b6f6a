// `serve`: a model behind HTTP.

import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { serve } from '../server/serve/index.js';
import { announcement } from './announce.js';
import { interrupted, serving } from './dashboard.js';
import { inputOption } from './model-data.js';
import { amount, oneDevice, parseOptions, positiveNumber, wholeNumber } from './options.js';

const schema = z.object({
  ...serving,
  size: inputOption.optional(),
  processes: wholeNumber(1).optional(),
  threads: wholeNumber(1).optional(),
  device: oneDevice.optional(),
  maxBytes: amount.transform(Math.floor).optional(),
  maxPixels: amount.optional(),
  waiting: wholeNumber(0).optional(),
  timeout: positiveNumber.transform((seconds) => 1000 * seconds).optional(),
});

/** Where a token is read that stays the same; on the command line everybody on the machine could see it. */
const tokenVariable = 'AUXCELL_TOKEN';
const leastToken = 16;

export async function serveCommand(model: string, raw: unknown): Promise<void> {
  const { allowHost, ...options } = parseOptions(schema, raw);
  const token = process.env[tokenVariable];
  if (token !== undefined && token.length < leastToken)
    throw new UserError(`${tokenVariable}: is shorter than ${leastToken} characters; take a longer one`);
  const { url, close } = await serve({ model, allowHosts: allowHost, token, ...options });
  const end = interrupted();
  console.log(announcement(url, '(Ctrl-C ends it)'));
  await end;
  console.error('ending after what is in hand; interrupt again to leave at once');
  await close();
}
