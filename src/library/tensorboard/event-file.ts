// A file of events in a folder that TensorBoard looks at: `tensorboard --logdir FOLDER`.

import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { reasonOf, UserError } from '../../core/errors/index.js';
import { makeFolderNow } from '../../platform/node/files/index.js';
import { type EventValues, valuesEvent, versionEvent } from './event.js';
import { record } from './record.js';

/** TensorBoard knows its files by this, and reads those of a folder by name, one behind the other. */
export function eventFileName(seconds: number): string {
  return `events.out.tfevents.${String(Math.floor(seconds)).padStart(10, '0')}.auxcell`;
}

/** All events at once. */
export function eventFileBytes(events: readonly EventValues[], begun: number): Uint8Array {
  return Buffer.concat([versionEvent(begun), ...events.map(valuesEvent)].map(record));
}

/** Events as they come: TensorBoard shows them while it goes on. */
export class EventFile {
  readonly #file: string;

  /** @throws UserError where the folder cannot be written */
  constructor(folder: string) {
    const now = Date.now() / 1000;
    this.#file = path.join(folder, eventFileName(now));
    try {
      makeFolderNow(folder);
      appendFileSync(this.#file, record(versionEvent(now)));
    } catch (error) {
      throw new UserError(`${folder}: events cannot be written there (${reasonOf(error)}); give another folder`, {
        about: ['tensorboard'],
      });
    }
  }

  add(values: Omit<EventValues, 'wallTime'>): void {
    appendFileSync(this.#file, record(valuesEvent({ wallTime: Date.now() / 1000, ...values })));
  }
}
