// What the finished model of a fit is worth: the figures of its metrics.json.

import type { FitResult, ListResult } from '../../src/server/api.js';
import { metricName, orderedMetrics } from '../../src/core/task/metric-names.js';
import { Fact } from './facts';

export function FitResults({ result }: { readonly result: FitResult }) {
  const { test, parameters, bytes } = result;
  return (
    <section>
      <h2>The finished model</h2>
      <dl className="facts">
        {orderedMetrics(result.metrics).map(([metric, value]) => (
          <Fact key={metric} name={metricName(metric)} value={digits(value)} fact={metric} />
        ))}
        {parameters !== null && <Fact name="parameters" value={`${(parameters / 1e6).toFixed(2)} M`} />}
        {bytes !== null && <Fact name="model.onnx" value={`${(bytes / 2 ** 20).toFixed(1)} MiB`} />}
      </dl>
      <p className="note">
        {`Of ${imagesOf(result)} of the validation list, at their own resolution, which chose the network. Below, epochs are compared as images are seen in training, so their figures are others.`}
      </p>
      <Parts list={result} what="validation" />
      {test && (
        <>
          <p className="note">{`Of ${imagesOf(test)} of the test split, which chose nothing:`}</p>
          <Parts list={test} what="test" />
        </>
      )}
    </section>
  );
}

function Parts({ list: { parts }, what }: { readonly list: ListResult; readonly what: string }) {
  if (parts.length === 0) return null;
  return (
    <section className="scroll" tabIndex={0} aria-label={`figures of the ${what} images`}>
      <table className="worth">
        <thead>
          <tr>
            <th scope="col">of</th>
            <th scope="col" className="number">
              value
            </th>
            <th scope="col" className="number">
              95 % interval
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ name, value, low, high }) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="number">{digits(value)}</td>
              <td className="number">{low === null || high === null ? '–' : `${digits(low)} to ${digits(high)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function imagesOf({ images }: ListResult): string {
  return `${images.toLocaleString('en')} ${images === 1 ? 'image' : 'images'}`;
}

function digits(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}
