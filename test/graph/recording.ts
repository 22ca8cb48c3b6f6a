// A runtime that notes what its sessions are fed.

import { elementsOf, type Feeds, type Runtime } from '../../src/core/runtime/index.js';
import { portable } from './run.js';

export type FedNumbers = Readonly<Record<string, readonly number[]>>;

/** @returns the runtime, and what every run of a session with an input of that name was fed */
export function recordingRuntime(inputName: string): { readonly runtime: Runtime; readonly fed: readonly FedNumbers[] } {
  const fed: FedNumbers[] = [];
  const numbers = (feeds: Feeds): FedNumbers =>
    Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, Array.from(elementsOf(data).data, Number)]));
  const runtime: Runtime = {
    target: portable.target,
    threads: portable.threads,
    device: portable.device,
    with: () => runtime,
    open: async (model, options) => {
      const session = await portable.open(model, options);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: (feeds) => {
          if (session.inputNames.includes(inputName)) fed.push(numbers(feeds));
          return session.run(feeds);
        },
        release: () => session.release(),
      };
    },
  };
  return { runtime, fed };
}
