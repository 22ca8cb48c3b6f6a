// What devices took for networks of a search, beside what was predicted of them.

import { use } from 'react';
import type { RunView } from '../../src/server/api.js';
import { AddressContext } from './addresses';

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
              <th>measured</th>
              <th>predicted</th>
              <th>quartiles</th>
            </tr>
          </thead>
          <tbody>
            {timings.map(({ trial, architecture, device, predicted, measured: { median, low, high } }) => (
              <tr key={`${device} ${trial} ${architecture}`} data-timing={trial ?? architecture}>
                <td>{trial === null ? architecture : <a href={addresses.trial(run, trial)}>#{trial}</a>}</td>
                <td>{device}</td>
                <td>{median.toFixed(1)} ms</td>
                <td>{predicted === null ? '–' : `${predicted.toFixed(1)} ms`}</td>
                <td>
                  {low.toFixed(1)} to {high.toFixed(1)} ms
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
