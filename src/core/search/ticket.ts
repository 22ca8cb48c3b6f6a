// What travels with a candidate to wherever it is evaluated, so that a worker decides alone when it ends and with what it begins.

import { z } from 'zod';
import type { HalvingTicket, StopTicket } from '../train/index.js';

/** From which trial a candidate takes weights, in which file, and how many have done so before it, one from the other. */
const inheritanceSchema = z.object({ from: z.number(), file: z.string(), generation: z.number() });
export type Inheritance = z.infer<typeof inheritanceSchema>;

export const ticketSchema = z.object({
  progressive: z.object({ running: z.number(), decay: z.number(), share: z.number() }).optional(),
  halving: z
    .array(z.object({ epoch: z.number(), threshold: z.number().nullable() }))
    .readonly()
    .optional(),
  inherited: inheritanceSchema.optional(),
});

export interface CandidateTicket {
  readonly progressive?: StopTicket | undefined;
  /** Of successive halving, or of the learning curves. */
  readonly halving?: HalvingTicket | undefined;
  readonly inherited?: Inheritance | undefined;
}
