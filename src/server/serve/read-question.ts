// A request as a question: the picture from the body or a form's field, everything else from the form or the address.

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { parseJson } from '../../core/errors/index.js';
import { boxesSchema, type Format, formats, mostBoxes, type Question } from './question.js';

/** Says what is wrong with a request; Fastify answers with the status. */
export class WrongRequest extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly query: unknown;
  readonly body: unknown;
}

const said = z.strictObject({
  format: z.enum(formats, { error: ({ input }) => `must be ${formats.join(', ')}, got "${String(input)}"` }).optional(),
  boxes: z
    .string()
    .transform((text, context) => {
      const json = parseJson(text);
      const parsed = boxesSchema.safeParse(json);
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: `must be 1 to ${mostBoxes} boxes, as in [[left, top, width, height], …]` });
      return z.NEVER;
    })
    .optional(),
  flip: z
    .enum(['true', 'false'], { error: ({ input }) => `must be true or false, got "${String(input)}"` })
    .transform((text) => text === 'true')
    .default(false),
  opacity: z
    .string()
    .transform(Number)
    .refine((n) => n >= 0 && n <= 1, { error: 'must be a number from 0 to 1' })
    .default(0.5),
  // Of the address that carries it; who may ask has been decided.
  token: z.string().optional(),
});

/** @throws WrongRequest */
export async function readQuestion({ headers, query, body }: Received): Promise<Question> {
  const type = headers['content-type'] ?? '';
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  const { picture, fields } = /^multipart\/form-data\b/i.test(type) ? await readForm(bytes, type) : { picture: bytes, fields: {} };
  if (picture === undefined) throw new WrongRequest(400, 'the form has no file; send the picture as the field "image"');
  if (picture.length === 0) throw new WrongRequest(400, 'there is no picture; send it as the body, or in a form as the field "image"');
  const parsed = said.safeParse({ ...z.record(z.string(), z.unknown()).parse(query), ...fields });
  if (!parsed.success) throw new WrongRequest(400, parsed.error.issues.map(sentenceOf).join('; '));
  const { format, boxes, flip, opacity } = parsed.data;
  return { picture, format: format ?? acceptedFormat(headers.accept), boxes, flip, opacity };
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: not known; there are format, boxes, flip and opacity`;
  return `${issue.path.join('.')}: ${issue.message}`;
}

async function readForm(body: Uint8Array, type: string) {
  let form: FormData;
  try {
    form = await new Response(new Blob([new Uint8Array(body)]), { headers: { 'content-type': type } }).formData();
  } catch {
    throw new WrongRequest(400, 'the form cannot be read; send multipart/form-data with its boundary, as curl -F does');
  }
  let picture: Uint8Array | undefined;
  const fields: Record<string, string> = {};
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else if (name === 'image' && picture === undefined) picture = new Uint8Array(await value.arrayBuffer());
    else
      throw new WrongRequest(
        400,
        `the form has the file "${name}"${name === 'image' ? ' twice' : ''}; send one picture as the field "image"`,
      );
  }
  return { picture, fields };
}

const types: readonly (readonly [string, Format])[] = [
  ['application/json', 'json'],
  ['image/png', 'png'],
  ['image/jpeg', 'overlay'],
];

/** What is liked best of what there is; of equals JSON. @throws WrongRequest where nothing is accepted (RFC 9110, 12.5.1) */
export function acceptedFormat(accept = '*/*'): Format {
  const ranges = accept.split(',').map((text) => {
    const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((part) => part.startsWith('q='));
    return { range, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  // The most specific range that fits says how much a type is liked.
  const liking = (type: string): number => {
    const fitting = [type, type.replace(/\/.*/, '/*'), '*/*'];
    return fitting.map((wanted) => ranges.find(({ range }) => range === wanted)).find((found) => found !== undefined)?.weight ?? 0;
  };
  const [best] = types.map(([type, format]) => ({ format, liked: liking(type) })).toSorted((a, b) => b.liked - a.liked);
  if (best && best.liked > 0) return best.format;
  throw new WrongRequest(406, `"${accept}" accepts nothing that is given here: ${types.map(([type]) => type).join(', ')}`);
}
