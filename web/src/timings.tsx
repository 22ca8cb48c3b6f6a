// What devices took for networks of a search, beside what was predicted of them.

import { use } from 'react';
import type { RunView } from '../../src/server/api.js';
import { AddressContext } from './addresses';
import { TimingCells, TimingHeads } from './timing-cells';

export function Timings({ view: { run, timings } }: { readonly view: Pick<RunView, 'run' | 'timings'> }) {
  const addresses = use(AddressContext);
  if (timings.length === 0) return null;
  return (
    <section aria-label="on devices">
      <h2>On the device</h2>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th>network</th>
              <th>device</th>
              <TimingHeads />
            </tr>
          </thead>
          <tbody>
            {timings.map(({ trial, architecture, device, predicted, measured }) => (
              <tr key={`${device} ${trial} ${architecture}`} data-timing={trial ?? architecture}>
                <td>{trial === null ? architecture : <a href={addresses.trial(run, trial)}>#{trial}</a>}</td>
                <td>{device}</td>
                <TimingCells measured={measured} predicted={predicted} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
